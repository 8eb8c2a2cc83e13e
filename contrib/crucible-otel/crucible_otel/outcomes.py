"""How runs and stages end, in the words of the conventions for pipelines and errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import StatusCode

from crucible_otel.attributes import flattened, text_of

if TYPE_CHECKING:
    from opentelemetry.trace import Span

ERROR_TYPE = "error.type"

_RESULTS = {
    "cancelled": "cancellation",
    "timeout": "timeout",
    "interrupted": "error",  # not the pipeline failed but what runs it: the process was killed, the disk was full
    "record_failed": "error",
    "worker_died": "error",
}


def result_of(failure: Mapping[str, Any] | None) -> str:
    """Return ``success``, ``failure``, ``error``, ``timeout`` or ``cancellation``.

    Example:
        >>> result_of(None), result_of({"code": "too_few_groups"}), result_of({"code": "interrupted"})
        ('success', 'failure', 'error')
    """
    return "success" if failure is None else _RESULTS.get(code_of(failure), "failure")


def code_of(failure: Mapping[str, Any]) -> str:
    """Return the code of a failure."""
    return text_of(failure.get("code") or "_OTHER")


def error_type(failure: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the attribute that names an error; nothing where there is none: being told to stop is not one."""
    if failure is None or result_of(failure) == "cancellation":
        return {}
    return {ERROR_TYPE: code_of(failure)}


def tell_failure(span: Span, failure: Mapping[str, Any], at: int) -> None:
    """Say on a span why it failed; an exception that nobody foresaw gets its event."""
    span.set_attributes(flattened("crucible.failure.details", failure.get("details") or {}, limit=32))
    kind = error_type(failure)
    if not kind:
        return
    span.set_attributes(kind)
    span.set_status(StatusCode.ERROR, text_of(failure.get("message") or ""))
    if failure.get("traceback"):
        span.add_event("exception", _exception(failure), at)


def _exception(failure: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes of an exception, of which the record has the message ``Type: text`` and the traceback."""
    traceback, (kind, _, said) = str(failure["traceback"]), str(failure.get("message") or "").partition(": ")
    whole = re.search(rf"^((?:\w+\.)*{re.escape(kind)})(?=:|$)", traceback, flags=re.MULTILINE)
    return {
        "exception.type": text_of(whole[1] if whole else kind),
        "exception.message": text_of(said),
        "exception.stacktrace": text_of(traceback),
    }
