"""Losses as pure functions of tensors: no model, no state, no configuration; each with its formula and source."""
