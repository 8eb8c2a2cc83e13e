"""JSON Schemas of everything a run writes and a program may read, made from the models."""
