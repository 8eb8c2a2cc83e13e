"""Read YAML with the scalars of YAML 1.2, keeping the place of every value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

from crucible_core.ir.errors import Location, SpecError
from crucible_core.ir.frozen import MAX_DEPTH
from crucible_core.ir.positions import DuplicateKeyError, Place
from crucible_core.ir.yaml_scalars import resolve_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

MAX_ALIAS_NODES = 1_000_000

_UNPRINTABLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
_CORE_TAG = "tag:yaml.org,2002:"
_SCALAR_TYPES: dict[str, type | tuple[type, ...]] = {
    "int": int,
    "float": (int, float),
    "bool": bool,
    "null": type(None),
}


class _Open:
    """A mapping or list that is being read."""

    __slots__ = ("anchor", "first_node", "key", "place", "value")

    def __init__(self, value: Any, place: Place, anchor: str | None, first_node: int) -> None:
        self.value = value
        self.place = place
        self.anchor = anchor
        self.first_node = first_node
        self.key: tuple[str, int, int] | None = None


class YamlReader:
    """Build plain data and its places from the events of one YAML document, without recursion."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, Place, int] | None] = {}
        self._nodes = 0
        self._alias_nodes = 0
        self.data: Any = None
        self.root: Place | None = None

    def read(self) -> None:
        """Read the text; `data` and `root` hold the result, `root` is None when there is no document.

        Raises:
            SpecError: It is not YAML, or uses what a spec may not use.
        """
        import yaml

        if not self._text.replace("\n", "").isprintable():
            self._refuse_unprintable()
        try:
            for event in self._events():
                self._take(event)
        except yaml.MarkedYAMLError as error:
            context = f" {error.context}" if error.context else ""
            self._refuse_at(*self._mark(error), f"not valid YAML: {error.problem}{context}")
        except DuplicateKeyError as error:
            self._refuse_at(error.line, error.column, str(error))

    def _refuse_unprintable(self) -> None:
        """Refuse the characters that YAML does not allow; Python calls more of them unprintable."""
        bad = re.search(_UNPRINTABLE, self._text)  # compiled here, since few texts hold any of them
        if bad is not None:
            before = self._text[: bad.start()]
            column = bad.start() - before.rfind("\n")
            self._refuse_at(before.count("\n") + 1, column, f"the character {bad[0]!r} is not allowed in YAML")

    def _events(self) -> Iterator[Any]:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(self._text)
        try:
            while (event := loader.get_event()) is not None:
                yield event
        finally:
            loader.dispose()

    def _mark(self, error: yaml.MarkedYAMLError) -> tuple[int, int]:
        """Return line and column of a syntax error; libyaml puts the end of a file on a line that is not there."""
        lines = self._text.split("\n")
        mark = error.problem_mark or error.context_mark
        if mark is None or mark.line >= len(lines):
            return len(lines), len(lines[-1]) + 1
        return mark.line + 1, mark.column + 1

    def _take(self, event: Any) -> None:
        """Take one event of the parser."""
        match type(event).__name__:
            case "ScalarEvent":
                self._add(event, self._scalar(event), self._place(event), event.anchor)
            case "MappingStartEvent":
                self._open(event, {}, "map")
            case "SequenceStartEvent":
                self._open(event, [], "seq")
            case "MappingEndEvent" | "SequenceEndEvent":
                self._close()
            case "AliasEvent":
                self._alias(event)
            case "DocumentStartEvent" if self.root is not None:
                self._refuse(event, "a spec file holds one document; this is the second")

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(mark.line + 1, mark.column + 1)

    def _scalar(self, event: Any) -> Any:
        tag = event.tag
        if tag is None:
            return self._resolve(event) if event.implicit[0] else event.value
        name = tag.removeprefix(_CORE_TAG)
        if tag in {"!", _CORE_TAG + "str"}:
            return event.value
        value = self._resolve(event)
        wanted = _SCALAR_TYPES.get(name) if tag.startswith(_CORE_TAG) else None
        if wanted is None:
            self._refuse(event, f"the tag {tag!r} is not allowed in a spec; write plain values")
        if not isinstance(value, wanted) or (name in {"int", "float"} and isinstance(value, bool)):
            self._refuse(event, f"{event.value!r:.60} does not fit its tag !!{name}")
        return float(event.value) if type(value) is int and name == "float" else value

    def _resolve(self, event: Any) -> Any:
        try:
            return resolve_plain(event.value)
        except ValueError:
            self._refuse(event, f"an integer of {len(event.value)} digits is more than Python reads; put it in quotes")

    def _open(self, event: Any, value: Any, tag: str) -> None:
        if event.tag not in (None, "!", _CORE_TAG + tag):
            self._refuse(event, f"the tag {event.tag!r} is not allowed in a spec; write plain values")
        if len(self._stack) >= MAX_DEPTH:
            self._refuse(event, f"nested deeper than {MAX_DEPTH} levels")
        place = self._place(event)
        first_node = self._nodes
        self._add(event, value, place, None)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._stack.append(_Open(value, place, event.anchor, first_node))

    def _close(self) -> None:
        done = self._stack.pop()
        if done.anchor is not None:
            self._anchors[done.anchor] = (done.value, done.place, self._nodes - done.first_node)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            self._refuse(event, f"the alias *{event.anchor} has no anchor &{event.anchor} before it")
        anchored = self._anchors[event.anchor]
        if anchored is None:
            self._refuse(event, f"the alias *{event.anchor} stands within what it refers to")
        value, place, size = anchored
        self._alias_nodes += size
        if self._alias_nodes > MAX_ALIAS_NODES:
            self._refuse(event, f"the aliases of this file repeat more than {MAX_ALIAS_NODES:,} values")
        here = self._place(event)
        self._nodes += size - 1
        self._add(event, value, Place(here.line, here.column, children=place.children), None)

    def _add(self, event: Any, value: Any, place: Place, anchor: str | None) -> None:
        """Put a value where it belongs: the root, the next item of a list, or a key or value of a mapping."""
        self._nodes += 1
        if anchor is not None:
            self._anchors[anchor] = (value, place, 1)
        if not self._stack:
            self.data, self.root = value, place
            return
        top = self._stack[-1]
        if type(top.value) is list:
            top.place.children[len(top.value)] = place
            top.value.append(value)
        elif top.key is None:
            top.key = (self._key(event, value, top), place.line, place.column or 1)
        else:
            key, place.key_line, place.key_column = top.key
            top.key = None
            top.place.children[key] = place
            top.value[key] = value

    def _key(self, event: Any, value: Any, top: _Open) -> str:
        if type(value) is not str:
            text = getattr(event, "value", None)
            hint = f"; put it in quotes: '{text}'" if isinstance(text, str) else ""
            self._refuse(event, f"a key must be a string{hint}")
        if value == "<<" and getattr(event, "implicit", (False,))[0]:
            self._refuse(event, "merge keys (<<) are not YAML 1.2; repeat the keys, or give the whole value an alias")
        if value in top.value:
            mark = event.start_mark
            first = top.place.children[value].key_line or top.place.line
            raise DuplicateKeyError(value, mark.line + 1, mark.column + 1, first)
        return value

    def _refuse(self, event: Any, message: str) -> NoReturn:
        self._refuse_at(event.start_mark.line + 1, event.start_mark.column + 1, message)

    def _refuse_at(self, line: int, column: int | None, message: str) -> NoReturn:
        raise SpecError.of(message, location=Location(self._file, line, column)) from None
