"""The checks of a distribution's stages as items of pytest: ``crucible::<stage>::<check>``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crucible_core.testing.bound_check import BoundCheck, Complaints
from crucible_core.testing.check import all_checks
from crucible_core.testing.own_distribution import OwnDistribution, own_distribution
from crucible_core.testing.pytest_arguments import ROOT, Asked
from crucible_core.testing.suite import StageRun

if TYPE_CHECKING:
    from crucible_core.testing.check import Check

MARKER = "crucible_conformance"


class OwnDistributionNode(pytest.Collector):
    """All stages of the distribution whose repository this is.

    Attributes:
        own: The distribution.
        children: Its configuration, and its stages.
        named: Node ids of what is to be run; everything where there are none.
    """

    own: OwnDistribution
    children: tuple[ConfigurationItem | StageNode, ...]
    named: tuple[str, ...]

    @classmethod
    def of(cls, session: pytest.Session, asked: Asked) -> OwnDistributionNode:
        """Return the node for what is asked for.

        Raises:
            pytest.UsageError: The command line names a check that there is not.
        """
        node: OwnDistributionNode = cls.from_parent(session, name=ROOT, path=asked.pyproject, nodeid=ROOT)
        node.own, node.named = own_distribution(asked.pyproject), asked.named
        node.add_marker(MARKER)
        stages = tuple(StageNode.of(node, StageRun(each, node.own.configuration)) for each in node.own.targets)
        node.children = (ConfigurationItem.of(node), *stages)
        there = [ROOT, *(each.nodeid for each in node.children), *(item.nodeid for one in stages for item in one.items)]
        missing = [each for each in asked.named if each not in there]
        if missing:
            raise pytest.UsageError(f"no check is called {', '.join(missing)}; --collect-only -m {MARKER} shows all")
        return node

    def collect(self) -> Iterator[ConfigurationItem | StageNode]:
        """Yield the configuration and the stages."""
        for child in self.children:
            if isinstance(child, StageNode) or self.wants(child):
                yield child

    def wants(self, item: pytest.Item) -> bool:
        """Tell whether an item is asked for."""
        return not self.named or any(f"{item.nodeid}::".startswith(f"{each}::") for each in self.named)


class StageNode(pytest.Collector):
    """One stage; its items share what was found out about it."""

    run: StageRun
    items: tuple[CheckItem, ...]

    @classmethod
    def of(cls, parent: OwnDistributionNode, run: StageRun) -> StageNode:
        """Return the node for a stage."""
        node: StageNode = cls.from_parent(parent, name=run.target.name)
        node.run = run
        node.items = tuple(CheckItem.of(node, check) for check in all_checks().values())
        return node

    def collect(self) -> Iterator[CheckItem]:
        """Yield an item for each check."""
        assert isinstance(self.parent, OwnDistributionNode)
        yield from filter(self.parent.wants, self.items)


class CheckItem(pytest.Item):
    """One check of one stage."""

    bound_check: BoundCheck

    @classmethod
    def of(cls, parent: StageNode, check: Check) -> CheckItem:
        """Return the item for a check."""
        item: CheckItem = cls.from_parent(parent, name=check.id)
        item.bound_check = BoundCheck(parent.run, check)
        item.user_properties.append(("title", check.title))
        return item

    def runtest(self) -> None:
        """Run the check."""
        self.bound_check()

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the stage is declared, and what is checked."""
        target, check = self.bound_check.run.target, self.bound_check.check
        return self.path, _line_of(self.path, target.name), f"{target.name} {check.id}: {check.title}"

    def __repr__(self) -> str:
        return f"<Check {self.name}: {self.bound_check.check.title}>"


class ConfigurationItem(pytest.Item):
    """Whether the right stages are checked, all of them, as the configuration says."""

    @classmethod
    def of(cls, parent: OwnDistributionNode) -> ConfigurationItem:
        """Return the item."""
        item: ConfigurationItem = cls.from_parent(parent, name="configuration")
        return item

    def runtest(self) -> None:
        """Fail where what is checked is less than what the distribution declares."""
        assert isinstance(self.parent, OwnDistributionNode)
        Complaints(self.parent.own.complaints)()

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the file that declares the stages."""
        return self.path, None, "configuration of the conformance kit"


def _line_of(pyproject: Path, stage: str) -> int | None:
    """Return the index of the line that declares a stage."""
    found = re.compile(rf"""\s*["']?{re.escape(stage)}["']?\s*=""")
    for index, line in enumerate(pyproject.read_text(encoding="utf-8").splitlines()):
        if found.match(line):
            return index
    return None
