"""The built-in stage `report`: what a run asked and found, as documents for people and programs."""
