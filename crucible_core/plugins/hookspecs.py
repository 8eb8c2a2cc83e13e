"""What a plugin may do beyond offering stages: the hooks, for implementations marked with ``hookimpl``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crucible_core.contract.item_pairs import ItemFinding, ItemPairs
    from crucible_core.ir import DatasetRef, ModelRef
    from crucible_core.plugins.codec_ref import CodecRef
    from crucible_core.plugins.record import StageRef

__all__ = [
    "HOOK_PREFIX",
    "HOOK_SPECS",
    "PROJECT",
    "ComparisonHooks",
    "ReferenceHooks",
    "StageHooks",
    "TraceHooks",
    "ValueHooks",
    "hookimpl",
    "hookspec",
]

PROJECT = "crucible"
HOOK_PREFIX = "crucible_"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Mark a function in a plugin's hook module as the implementation of the hook of its name."""


class StageHooks:
    """Hooks about which stages there are and what they say of themselves."""

    @hookspec
    def crucible_register_stages(self) -> Iterable[StageRef]:  # type: ignore[empty-body]  # a specification
        """Return stages that cannot be written down as entry points because they are computed.

        Called once per registry, when the first stage is looked up. Every stage arrives this way: the core
        implements the hook for its built-in stages and for the entry points in ``crucible.stages``.

        Returns:
            ``StageRef(name, value="module:Class")`` or ``StageRef(name, target=Class)`` for each stage. Its
            distribution and version are filled in with those of the plugin. Return references, do not import
            the stages' modules: they load when an experiment names them.

        An implementation that raises, or returns anything else, makes its plugin ``broken``; nothing it
        returned is registered, and the other plugins are not affected.
        """

    @hookspec
    def crucible_describe_stage(self, ref: StageRef, description: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Add facts about a stage, any plugin's, to its description.

        Called when a stage is described for a reader (``crucible stages describe``), not when it runs.

        Args:
            ref: The stage.
            description: Its description as JSON values; a copy, changing it changes nothing.

        Returns:
            JSON values to appear in ``extensions`` under the name of the implementing distribution, or None
            to add nothing.

        An implementation that raises makes its plugin ``broken`` and adds nothing.
        """


class TraceHooks:
    """Hooks about what happens in a run."""

    @hookspec
    def crucible_trace_event(self, event: Any) -> None:
        """Observe a trace event of a run, after it was recorded.

        Called once for every event, in the order of ``seq``, in the thread that emitted it: return quickly.
        A run resolves its observers once, at its start, and pays nothing when there are none.

        Args:
            event: The event, with the envelope's fields as attributes (``event_name``, ``run_id``, ``stage``,
                ``seq``, ``payload``, ...). Observers see it and do not change it.

        An implementation that raises is reported once and not called again in that run; the run goes on.
        ``plugins doctor`` shows it one ``log`` event of a run ``plugins-doctor`` and warns of what it raises.
        """

    @hookspec
    def crucible_wants_trace(self) -> bool:  # type: ignore[empty-body]  # a specification
        """Tell whether this plugin wants to observe the run that begins.

        Called once at the start of each run, before its first event. A run makes its events for those who want them:
        a plugin that has nobody to pass them on to, because nothing is configured, costs a run nothing by saying so.

        Returns:
            False to leave the plugin's ``crucible_trace_event`` out of this run; True otherwise, as without this hook.

        An implementation that raises, or returns anything else, makes its plugin ``broken``, and none of its hooks is
        called.
        """


class ComparisonHooks:
    """Hooks about what differs between runs."""

    @hookspec
    def crucible_compare_items(self, pairs: Sequence[ItemPairs]) -> Sequence[ItemFinding | None] | None:
        """Say of values measured on the same items in two runs whether their difference is more than noise.

        Called once by ``crucible runs compare``, with everything that is compared, so that p-values can be corrected
        for the number of questions.

        Args:
            pairs: The matched values, one `ItemPairs` for each field, series and pair of runs; at least one item in
                each. They are not to be changed.

        Returns:
            An `ItemFinding` for each, in the same order; None in the place of one that the plugin has nothing to say
            of, or None for all of them.

        An implementation that raises, or returns anything else, makes its plugin ``broken``; the comparison goes on
        without it.
        """


class ReferenceHooks:
    """Hooks about the datasets and models that an experiment names."""

    @hookspec
    def crucible_check_reference(self, reference: DatasetRef | ModelRef) -> str | None:
        """Tell whether a dataset or model that an experiment names is there, without loading it.

        Called by the stage ``validate`` for each that is no path on this machine: look at what is installed, do not
        wait for a network.

        Args:
            reference: As in the experiment: its ``provider`` says whether it is yours.

        Returns:
            An empty string where it is there; what is missing and what to do where it is not; None where it is not for
            this plugin to say. The first plugin that says something is believed.

        An implementation that raises, or returns anything else, makes its plugin ``broken`` and says nothing.
        """


class ValueHooks:
    """Hooks about the values that stages hand to each other."""

    @hookspec
    def crucible_register_codecs(self) -> Iterable[CodecRef]:  # type: ignore[empty-body]  # a specification
        """Return codecs, by which values that JSON cannot hold are kept on the disk and read again.

        Called once per run, when a value of a type is met that the core does not know itself, or that a codec wrote.
        The core implements the hook for numpy, pandas, pyarrow and torch.

        Returns:
            ``CodecRef(name, types=("module:QualName",), target="module:Class")`` for each codec. Return references,
            do not import the codecs' modules nor those of the types: a codec is imported when a value of one of its
            types is met. Its class is made without arguments and has the methods of `crucible_core.ports.Codec`. A
            type that several codecs name goes to the core's, then to that of the plugin whose name sorts first.

        An implementation that raises, or returns anything else, or a name that is taken, makes its plugin ``broken``;
        nothing it returned is registered, and the other plugins are not affected.
        """


HOOK_SPECS = (StageHooks, TraceHooks, ReferenceHooks, ValueHooks, ComparisonHooks)
"""Everything that specifies hooks."""


def marker_of(function: object) -> Mapping[str, Any] | None:
    """Return the options a function was marked with, or None when it is not marked."""
    return cast("Mapping[str, Any] | None", getattr(function, f"{PROJECT}_impl", None))
