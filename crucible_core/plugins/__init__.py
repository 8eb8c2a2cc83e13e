"""Find, choose and load the plugins installed in this environment."""
