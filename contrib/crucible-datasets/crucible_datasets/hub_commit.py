"""Which commit of a data set the hub has under a name: asked first, so that what is wrong is known at once."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from crucible_datasets.errors import DatasetError

if TYPE_CHECKING:
    from crucible_datasets.hub_name import HubName

_PATIENCE = 20.0  # seconds until a hub that does not answer counts as one that cannot be reached


def find_commit(name: HubName, config: Any) -> str | None:
    """Ask the hub for the commit behind a name; None if the environment says not to (``HF_HUB_OFFLINE``).

    The library itself waits 24 seconds for a hub that refuses connections, and then falls back to whatever version it
    has cached, be it of another revision. Asking first costs one request and rules both out.

    Args:
        name: The data set.
        config: The library's settings, ``datasets.config``.

    Raises:
        DatasetError: ``unavailable_dataset``: the hub cannot be reached, or has no such data set or revision.
    """
    if config.HF_HUB_OFFLINE:
        return None
    hub = import_module("huggingface_hub")
    errors = import_module("huggingface_hub.errors")
    try:
        found = hub.HfApi(endpoint=config.HF_ENDPOINT).dataset_info(
            name.repository, revision=name.revision, timeout=_PATIENCE
        )
    except errors.RepositoryNotFoundError as error:
        raise unavailable(
            name,
            f"the hub at {config.HF_ENDPOINT} has no data set {name.repository!r}, or hides it; check the name, and "
            "for a private or gated one set HF_TOKEN",
        ) from error
    except errors.RevisionNotFoundError as error:
        raise unavailable(
            name, f"{name.repository} has no revision {name.revision!r}; name a branch, a tag or a whole commit hash"
        ) from error
    except (errors.HfHubHTTPError, ValueError) as error:
        raise unavailable(
            name, f"the hub at {config.HF_ENDPOINT} says: {' '.join(str(error).split())}; try again later"
        ) from error
    except Exception as error:  # connection errors are those of the HTTP library, which is not the same in all versions
        raise unavailable(
            name,
            f"the hub at {config.HF_ENDPOINT} cannot be reached ({error}); check the network and HF_ENDPOINT, or take "
            "what an earlier run has cached: set HF_HUB_OFFLINE=1",
        ) from error
    return str(found.sha)


def unavailable(name: HubName, problem: str) -> DatasetError:
    """Return the error for a data set that cannot be had."""
    return DatasetError("unavailable_dataset", f"{name} cannot be loaded: {problem}", name=name.repository)
