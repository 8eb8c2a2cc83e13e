"""Tests of two independent groups."""
