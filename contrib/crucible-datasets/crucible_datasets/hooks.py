"""The hooks of this plugin; light, since every run imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_core import hookimpl

if TYPE_CHECKING:
    from crucible_core.ir import DatasetRef, ModelRef

__all__ = ["crucible_check_reference"]


@hookimpl
def crucible_check_reference(reference: DatasetRef | ModelRef) -> str | None:
    """Tell whether a dataset of the provider ``crucible_datasets`` is there; of the hub, without a network, nothing."""
    from crucible_core.ir import DatasetRef

    if not isinstance(reference, DatasetRef) or reference.provider != "crucible_datasets":
        return None
    from crucible_datasets.errors import DatasetError
    from crucible_datasets.loading import check_source

    try:
        known = check_source(reference.name)
    except DatasetError as error:
        return str(error)
    return "" if known else None
