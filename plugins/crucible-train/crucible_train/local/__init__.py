"""Training and sampling on this machine, with torch and transformers."""
