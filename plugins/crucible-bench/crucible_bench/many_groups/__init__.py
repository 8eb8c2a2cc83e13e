"""Tests of several independent groups."""
