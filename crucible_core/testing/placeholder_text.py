"""Tell texts that stand in for a text that nobody has written yet."""

from __future__ import annotations

import re
from typing import Any

_STAND_INS = frozenset(
    {
        *("todo", "fixme", "tbd", "tba", "tbc", "xxx", "wip", "none", "null", "na", "undefined", "unknown", "missing"),
        *("description", "a description", "the description", "description here", "add description", "no description"),
        *("add a description", "add description here", "insert description here", "write a description", "docstring"),
        *("placeholder", "a placeholder", "text", "some text", "summary", "stage", "a stage", "my stage", "this stage"),
        *("option", "an option", "the option", "error", "an error", "the error", "reason", "a reason", "because"),
        *(
            "to do",
            "to be done",
            "to be defined",
            "to be determined",
            "to be written",
            "to be documented",
            "foo",
            "bar",
        ),
        *(
            "foo bar",
            "lorem ipsum",
            "lorem ipsum dolor sit amet",
            "n a",
            "not documented",
            "undocumented",
            "your stage",
        ),
        *(
            "describe me",
            "describe this",
            "describe this stage",
            "describe your stage here",
            "string",
            "docs",
            "see code",
        ),
    }
)
_STEM = 6
_SMALL_WORDS = frozenset(
    """a an the this that it its is are be was has have does do did not no non none never any true false yes of for to
    in on by as and or with without because since so stage option trait value values reason needed needs used uses may
    can must weak open""".split()  # noqa: SIM905 - a list of fifty quotes hides the words
)
_MARKED = re.compile(r"\W*(TODO|FIXME|TBD|XXX)\b")
_MARKED_ANYHOW = re.compile(r"\W*(todo|fixme|tbd)\s*[:(]", re.IGNORECASE)


def is_placeholder(text: Any, *names: Any) -> bool:
    """Tell whether a text says nothing: empty, a stand-in, or just one of these names.

    Example:
        >>> is_placeholder("TODO: say what it does"), is_placeholder("Sum up", "sum_up"), is_placeholder("Sums rows.")
        (True, True, False)
    """
    if not isinstance(text, str) or sum(map(str.isalnum, text)) < 2:  # noqa: PLR2004 - no word is shorter
        return True
    said = _words(text)
    if said in _STAND_INS or _MARKED.match(text) or _MARKED_ANYHOW.match(text):
        return True
    return said.replace(" ", "") in {_words(name).replace(" ", "") for name in names if isinstance(name, str)} - {""}


def only_repeats(text: str, *names: str) -> bool:
    """Tell whether a text says no more than the names it is about, however it puts it.

    Example:
        >>> only_repeats("It is not deterministic.", "determinism"), only_repeats("The server samples.", "determinism")
        (True, False)
    """
    about = [stem for name in names for word in _words(name).split() if (stem := word[:_STEM])]
    rest = [word for word in _words(text).split() if word not in _SMALL_WORDS]
    return all(any(word.startswith(stem) or stem.startswith(word[:_STEM]) for stem in about) for word in rest)


def word_count(text: str) -> int:
    """Count words; in scripts that put no spaces between them, every letter counts as one."""
    return sum(1 if word.isascii() else len(word) for word in re.findall(r"\w+", text))


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.lower()))
