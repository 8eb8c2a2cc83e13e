"""Columns of the hub that hold images, sound and other media, which are no values of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_datasets.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crucible_datasets.hub_name import HubName


def refuse_media(name: HubName, features: Mapping[str, Any]) -> None:
    """Refuse a data set with such a column, whose decoder may be missing and whose hash would name cache folders.

    Raises:
        DatasetError: ``bad_value``.
    """
    for column, feature in features.items():
        if media := _media(feature):
            raise DatasetError(
                "bad_value",
                f"{name}: the column {column!r} holds {media} files, which are no values of a table; load it with a "
                "stage of your own",
                column=column,
            )


def _media(feature: Any) -> str | None:
    """Return the kind of media that a feature decodes (Image, Audio, ...), however deep inside it."""
    if isinstance(feature, dict):
        return next(filter(None, map(_media, feature.values())), None)
    if hasattr(feature, "feature"):
        return _media(feature.feature)
    kind = type(feature).__name__
    return kind if hasattr(feature, "decode") and kind != "Json" else None
