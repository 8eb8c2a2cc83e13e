"""Figures made safe to stand inside a page: an SVG read, checked against what a drawing needs, written anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crucible_core.stages.report.svg_style import UnsafeFigureError, safe_value, scoped_style_sheet

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"
_MAX_DEPTH = 64
_DRAWING_ELEMENTS = """
svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath image switch clipPath mask
pattern marker linearGradient radialGradient stop filter feBlend feColorMatrix feComponentTransfer feComposite
feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG
feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile
feTurbulence
"""
_DRAWING = frozenset(_DRAWING_ELEMENTS.split())
_WORDS = frozenset({"title", "desc", "style"})
_DROPPED = frozenset({"metadata"})
_RASTER = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*+")
_PROLOG = re.compile(
    r"\s*+(?:<\?xml[^>]*+>)?\s*+(?:<!--(?:(?!-->).)*+-->\s*+)*+(?:<!DOCTYPE\s+svg\b[^\[<>]*+>)?", re.DOTALL
)
_PIXELS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}  # CSS
_IDREFS = frozenset({"aria-labelledby", "aria-describedby"})
_FREE_TEXT = ("aria-", "data-")


@dataclass(frozen=True)
class Renamer:
    """Puts the figure's prefix before an id."""

    prefix: str

    def __call__(self, name: str) -> str:
        """Return the id as it is called in the page."""
        return f"{self.prefix}-{name}"


def safe_svg(svg: str, prefix: str, label: str) -> str:
    """Return an SVG as an element to stand in an HTML page: nothing in it acts, loads, or reaches beyond the figure.

    Ids get a prefix and style rules a scope, so that two figures do not meddle with each other. The document type that
    drawing programs write is taken off; any other declaration is refused.

    Args:
        svg: One ``<svg>`` element as text.
        prefix: An id that no other figure of the page has.
        label: What a screen reader says.

    Raises:
        UnsafeFigureError: It is not well-formed, or holds something a drawing does not need.
    """
    from xml.etree import ElementTree as ET

    root = _parse(svg)
    if _local(root) != "svg":
        raise UnsafeFigureError("its outermost element is not <svg>")
    clean = _clean(root, prefix, 0)
    _refuse_nested_uses(clean)
    _frame(clean, prefix, label)
    return ET.tostring(clean, encoding="unicode")


def follows_theme(svg: str) -> bool:
    """Tell whether a figure takes its ink from the page (``currentColor``), so that it needs no white paper."""
    return "currentcolor" in svg.lower()


def _parse(svg: object) -> Element:
    from xml.etree import ElementTree as ET

    if not isinstance(svg, str):
        raise UnsafeFigureError(f"its svg is a {type(svg).__name__}, not text")
    prolog = _PROLOG.match(svg)
    text = svg[prolog.end() :] if prolog else svg
    if re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise UnsafeFigureError("it declares entities, or a document type in the wrong place")
    try:
        return ET.fromstring(text)  # noqa: S314 - entities, the danger of this parser, were refused above
    except (ET.ParseError, ValueError) as error:
        raise UnsafeFigureError(f"it is not well-formed XML: {error}") from None


def _local(element: Element) -> str | None:
    """Return an element's name if it is one of SVG's, or none of any namespace; None for foreign ones."""
    space, brace, local = element.tag.rpartition("}")
    if not brace:
        return local
    return local if space == f"{{{_SVG}" else None


def _refuse_nested_uses(root: Element) -> None:
    """Refuse a copied element that copies others: doubling at every level, a few lines would draw for ever."""
    copied = {each.get("href", "")[1:] for each in root.iter("use")}
    for element in root.iter():
        if element.get("id") in copied and any(each is not element for each in element.iter("use")):
            raise UnsafeFigureError("an element copied by <use> copies others in turn")


def _clean(element: Element, prefix: str, depth: int) -> Element:
    from xml.etree import ElementTree as ET

    name = _local(element) or ""
    if depth > _MAX_DEPTH:
        raise UnsafeFigureError(f"its elements are nested more than {_MAX_DEPTH} deep")
    clean = ET.Element(name, dict(_attributes(element, name, prefix)))
    clean.text, clean.tail = element.text, element.tail
    if name == "style":
        clean.text = scoped_style_sheet("".join(element.itertext()), prefix, Renamer(prefix))
        return clean
    for child in element:
        child_name = _local(child)
        if child_name in _DROPPED or (child_name is None and "xhtml" not in str(child.tag)):
            continue
        if child_name is None or child_name not in _DRAWING | _WORDS:
            raise UnsafeFigureError(f"the element <{str(child.tag).rpartition('}')[2]}>")
        if name in ("title", "desc"):
            raise UnsafeFigureError(f"markup inside <{name}>")
        clean.append(_clean(child, prefix, depth + 1))
    return clean


def _attributes(element: Element, name: str, prefix: str) -> Iterator[tuple[str, str]]:
    rename = Renamer(prefix)
    for full_name, value in element.attrib.items():
        space, _, local = full_name.rpartition("}")
        lower = local.lower()
        if lower.startswith("on") or (lower == "base" and space):
            raise UnsafeFigureError(f"the attribute {local} of <{name}>")
        if lower == "href":
            yield "href", _reference(value, name, rename)
        elif space == f"{{{_XML}" and lower in ("space", "lang"):
            yield f"xml:{lower}", value
        elif space:
            continue
        elif lower == "id":
            yield "id", rename(value)
        elif lower in _IDREFS:
            yield local, " ".join(map(rename, value.split()))
        else:
            yield local, value if lower.startswith(_FREE_TEXT) or lower == "class" else safe_value(value, rename)


def _reference(value: str, name: str, rename: Renamer) -> str:
    value = value.strip()
    if value.startswith("#") and len(value) > 1:
        return f"#{rename(value[1:])}"
    if name == "image" and _RASTER.fullmatch(value):
        return value
    raise UnsafeFigureError(f"a reference to something outside the figure: {value[:80]!r} in <{name}>")


def _frame(root: Element, prefix: str, label: str) -> None:
    """Make the outermost element fit its place: a view box instead of a fixed size, and words for who cannot see it."""
    width, height = (_pixels(root.attrib.pop(side, "")) for side in ("width", "height"))
    if "viewBox" not in root.attrib and width and height:
        root.set("viewBox", f"0 0 {width:g} {height:g}")
    for name in ("aria-labelledby", "aria-describedby", "x", "y"):
        root.attrib.pop(name, None)
    if width:
        style = root.get("style", "").rstrip("; ")
        root.set("style", f"{style}{'; ' if style else ''}--natural: {width:g}px")
    root.attrib.update({"id": prefix, "role": "img", "aria-label": label, "focusable": "false"})
    root.tail = None


def _pixels(length: str) -> float:
    """Return a length in pixels; 0 where there is none, or it depends on the place."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)(px|pt|mm|cm|in|)\s*", length)
    return float(found[1]) * _PIXELS[found[2]] if found else 0.0
