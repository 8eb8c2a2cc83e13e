"""Tests of two groups whose scores belong to the same items."""
