"""Several models compared over several data sets."""
