"""The base class of stages, and the contract of those that do without it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from crucible_core.contract.description import StageDescription
from crucible_core.contract.description_reading import checked_description
from crucible_core.contract.options import StageOptions, option_table
from crucible_core.contract.options_schema import options_schema
from crucible_core.contract.traits import Traits
from crucible_core.ir.frozen import freeze_mapping
from crucible_core.ir.stage_def import snake_case

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crucible_core.contract.context import Context
    from crucible_core.contract.example import StageExample

_PATHS = ("reads", "may_read", "writes", "may_write", "ephemeral", "pickled")


class StageLike(Protocol):
    """What the core asks of a stage: any class with these two methods, made without arguments, is one."""

    def describe(self, options: Any = None) -> StageDescription | Mapping[str, Any]:
        """Say what the stage is; pure, and quick."""
        ...

    def run(self, context: Context, options: Any) -> Context:
        """Turn a context into a new one."""
        ...


class Stage:
    """One step of an experiment; inherit, say what it is in class attributes, and write ``run``.

    Attributes:
        name: snake_case, the name of its entry point; that of the class in snake_case where not given.
        version: Semantic version of what it does.
        description: One sentence; the first line of the docstring where not given.
        section: IR path whose set fields fill options of the same name that were not given.
        reads: Context paths it needs; ``{id}`` stands for the stage's id, ``{option}`` for an option's value.
        may_read: Context paths it reads where they are there.
        writes: Context paths it always writes.
        may_write: Context paths it writes in some cases.
        ephemeral: Those of what it writes that no codec can keep; it makes them again when a run is resumed.
        pickled: Those of what it writes that may be kept by pickle, where nothing better can.
        errors: Error code to what it means.
        traits: How it runs.
        examples: Examples that the conformance kit executes.
        extensions: Free facts, namespaced by distribution.
        Options: Its options, a `StageOptions` class.
    """

    name: ClassVar[str] = ""
    version: ClassVar[str] = "0.0.0"
    description: ClassVar[str] = ""
    section: ClassVar[str | None] = None
    reads: ClassVar[tuple[str, ...]] = ()
    may_read: ClassVar[tuple[str, ...]] = ()
    writes: ClassVar[tuple[str, ...]] = ()
    may_write: ClassVar[tuple[str, ...]] = ()
    ephemeral: ClassVar[tuple[str, ...]] = ()
    pickled: ClassVar[tuple[str, ...]] = ()
    errors: ClassVar[Mapping[str, str]] = {}
    traits: ClassVar[Traits] = Traits()
    examples: ClassVar[tuple[StageExample, ...]] = ()
    extensions: ClassVar[Mapping[str, Any]] = {}
    Options: ClassVar[type[StageOptions]] = StageOptions

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse what can only be a slip where it is written.

        Raises:
            TypeError: Paths are one string, for want of a comma, or ``Options`` is no `StageOptions` class.
        """
        super().__init_subclass__(**kwargs)
        if not (isinstance(cls.Options, type) and issubclass(cls.Options, StageOptions)):
            raise TypeError(f"{cls.__name__}.Options is no options class; write class Options(StageOptions)")
        for attribute in _PATHS:
            if isinstance(getattr(cls, attribute), str):
                raise TypeError(
                    f"{cls.__name__}.{attribute} is a string; write a tuple: ({getattr(cls, attribute)!r},)"
                )

    def describe(self, options: Any = None) -> StageDescription:
        """Say what the stage is.

        Args:
            options: A mapping or an ``Options`` value; placeholders that name options are filled in from it.
        """
        description = class_description(type(self))
        if options is None:
            return description
        given = options if isinstance(options, dict) else dict(options)
        return description.filled({**description.options.defaults, **given})

    def run(self, context: Context, options: Any) -> Context:
        """Turn a context into a new one.

        Args:
            context: What the stages before left; not to be changed.
            options: The stage's ``Options``, merged and validated.

        Raises:
            StageError: The stage failed in a way it foresaw.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define run(context, options)")


def class_description(kind: type[Stage]) -> StageDescription:
    """Return the description of a stage class, made once per class.

    Raises:
        ValueError: It says something a description may not; the message lists every problem.
    """
    made: StageDescription | None = vars(kind).get("_crucible_description")
    if made is None:
        made = checked_description(stated_description(kind))
        kind._crucible_description = made  # type: ignore[attr-defined]
    return made


def stated_description(kind: type[Stage]) -> StageDescription:
    """Return what the attributes of a stage class say, not yet checked."""
    name = kind.name or snake_case(kind.__name__)
    first_line = (kind.__doc__ or "").strip().partition("\n")[0]
    return StageDescription(
        name=name,
        description=kind.description or first_line or name.replace("_", " "),
        version=kind.version,
        options=option_table(kind.Options),
        reads=tuple(kind.reads),
        may_read=tuple(kind.may_read),
        writes=tuple(kind.writes),
        may_write=tuple(kind.may_write),
        ephemeral=tuple(kind.ephemeral),
        pickled=tuple(kind.pickled),
        errors=freeze_mapping(kind.errors),
        traits=kind.traits,
        examples=tuple(kind.examples),
        section=kind.section,
        extensions=freeze_mapping(kind.extensions),
        make_schema=partial(options_schema, kind.Options),
    )
