"""Options that a stage takes all at once, as a dict of its own: which of them it uses, and what else it looks for."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from crucible_core.contract.options import option_values
from crucible_core.testing.case import RefusedError
from crucible_core.testing.option_schema import OptionSchema
from crucible_core.testing.recorded_options import extended
from crucible_core.testing.tracers import Tracer

if TYPE_CHECKING:
    from crucible_core.contract.example import StageExample
    from crucible_core.testing.case import Case
    from crucible_core.testing.trial import Trial

_EXAMPLES = 3
_MOST_NAMES = 400
_OPTION = re.compile(r"[a-z][a-z0-9_]{0,40}")
_NOBODYS = "zz_the_name_of_no_option"
"""Who uses the value under this name does something with all of them."""


def goes_nowhere(case: Case, name: str) -> bool:
    """Tell whether an option's value is handed on with all others, and neither used nor of any consequence."""
    for example in islice(_giving(case, name), _EXAMPLES):
        used: list[str] = []
        traced = _run_with(case, example, {name: Tracer(partial(used.append, name))})
        if used or not _same(case, example, traced):
            return False
        for value in _others(case, example, name):
            try:
                varied = case.run(example, options={**_given(case, example), name: value})
            except RefusedError:
                continue
            if not _same(case, example, varied):
                return False
    return True


def _giving(case: Case, name: str) -> Iterator[StageExample]:
    yield from (each for each in case.succeeding if name in each.make("options"))


def _same(case: Case, example: StageExample, trial: Trial) -> bool:
    return case.steady(example) and trial.product() == case.second(example).product()


def _others(case: Case, example: StageExample, name: str) -> list[Any]:
    """Return other values of an option: those of examples, its default, and what its schema admits."""
    table, near = case.description.options, example.make("options").get(name)
    schema = OptionSchema(case.description.options_schema, name)
    given = [each.make("options")[name] for each in _giving(case, name)]
    admitted = [value for value in (*schema.candidates(near), *schema.far(near)) if schema.admits(value)]
    return [*given, *([table.defaults[name]] if name in table.defaults else []), *admitted]


def _given(case: Case, example: StageExample) -> dict[str, Any]:
    planned, _ = case.planned(example)
    return option_values(planned.options)


def _run_with(case: Case, example: StageExample, values: Mapping[str, Any]) -> Trial:
    """Run an example with values that no description admits."""
    made: Any = {**_given(case, example), **values}
    if case.model is not None:
        made = case.model.model_construct(set(made), **made)
    return case.run(example, options=made, checked=False)


def looked_for(case: Case) -> list[str]:
    """Return the names that are no options and that a stage looks for in a dict of its options.

    Every name that stands in its code is put there, with a value that tells when it is used.
    """
    names = [name for name in _names_in_code(case) if name not in case.description.options.names]
    used: list[str] = []
    extra = {name: Tracer(partial(used.append, name)) for name in (*names[:_MOST_NAMES], _NOBODYS)}
    for example in case.succeeding[:_EXAMPLES]:
        if case.model is None:
            _run_with(case, example, extra)
        else:
            with extended(extra):
                case.run(example)
    return [] if _NOBODYS in used else sorted(set(used))


def _names_in_code(case: Case) -> list[str]:
    """Return the texts in the code and the constants of a stage's modules that could name an option."""
    modules = dict.fromkeys(kind.__module__ for kind in case.kind.__mro__)
    own = [name for name in modules if name.partition(".")[0] in case.packages and name in sys.modules]
    found = (text for name in own for value in vars(sys.modules[name]).values() for text in _texts_of(value, name))
    return list(dict.fromkeys(text for text in found if _OPTION.fullmatch(text)))


def _texts_of(value: Any, module: str) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, FunctionType):
        yield from _texts_in(value.__code__)
    elif isinstance(value, type) and value.__module__ == module:
        for each in vars(value).values():
            function = getattr(each, "__func__", each)
            yield from _texts_in(function.__code__) if isinstance(function, FunctionType) else ()


def _texts_in(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, CodeType):
            yield from _texts_in(constant)
