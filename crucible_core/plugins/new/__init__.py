"""Write a new plugin: a distribution with one working stage, its tests, and everything around them."""

from __future__ import annotations

from crucible_core.plugins.new.errors import NewPluginError
from crucible_core.plugins.new.naming import PluginNames, choose_names
from crucible_core.plugins.new.next_commands import UNKNOWN_SOURCE, next_commands
from crucible_core.plugins.new.rendering import render
from crucible_core.plugins.new.writing import write_whole

__all__ = ["UNKNOWN_SOURCE", "NewPluginError", "PluginNames", "choose_names", "next_commands", "render", "write_whole"]
