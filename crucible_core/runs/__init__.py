"""The record of a run: a directory from which everything else can be rebuilt."""
