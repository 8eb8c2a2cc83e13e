"""What the stages have in common."""

from acme.of_base import SHIFT
from crucible_core import Stage, Traits


class Cacheable(Stage):
    """A stage whose results may be kept."""

    traits = Traits(determinism="seeded", cacheable=True)

    def shifted(self, value):
        return value + SHIFT
