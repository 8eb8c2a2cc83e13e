"""How a data set of the Hugging Face hub is named in a source."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crucible_datasets.errors import DatasetError

_NAME = re.compile(
    r"(?P<repository>[\w.-]+(?:/[\w.-]+)?)(?::(?P<configuration>[\w.-]+))?(?:@(?P<revision>[\w./-]+))?", re.ASCII
)


@dataclass(frozen=True)
class HubName:
    """What names a data set of the hub.

    Args:
        repository: ``organisation/name``, or ``name`` alone for the few that have no organisation.
        configuration: Which of its configurations; None for the only one.
        revision: Branch, tag or commit; None for the default branch.
    """

    repository: str
    configuration: str | None = None
    revision: str | None = None

    def __str__(self) -> str:
        """Write it as a source does."""
        configuration = f":{self.configuration}" if self.configuration else ""
        return f"hub:{self.repository}{configuration}{f'@{self.revision}' if self.revision else ''}"


def parse_hub_name(text: str) -> HubName:
    """Read ``organisation/name[:configuration][@revision]``.

    Raises:
        DatasetError: ``unavailable_dataset``: it is not written so.

    Example:
        >>> parse_hub_name("openai/gsm8k:main@v1")
        HubName(repository='openai/gsm8k', configuration='main', revision='v1')
    """
    found = _NAME.fullmatch(text)
    if found is None:
        raise DatasetError(
            "unavailable_dataset",
            f"{text!r} cannot name a data set of the hub; write organisation/name, or with both extras "
            "organisation/name:configuration@revision",
            name=text,
        )
    return HubName(**found.groupdict())
