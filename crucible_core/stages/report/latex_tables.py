"""Tables in LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_LINE = 80  # characters on a line of text, as a rule of thumb
_GAP = 3  # characters that the space between two columns takes
_LONG = 12  # characters: longer text may be broken where a table is too wide
_LEAST = 0.3  # share of the line that long texts get at least


def longtable(head: Sequence[str], rows: Iterable[Sequence[str]], columns: str) -> str:
    """Return a booktabs table that may go on over pages, of cells that are LaTeX already."""
    lines = "\n".join(f"{' & '.join(row)} \\\\" for row in rows)
    return (
        f"\\begin{{longtable}}{{@{{}}{columns}@{{}}}}\n"
        f"\\toprule\n{' & '.join(head)} \\\\\n\\midrule\n\\endhead\n"
        f"{lines}\n\\bottomrule\n\\end{{longtable}}"
    )


def column_types(lengths: Sequence[int], right: Sequence[bool]) -> str:
    """Return the column types: r for numbers, l for text, paragraphs for long text in a table too wide for the page.

    Args:
        lengths: The longest text of each column, in characters.
        right: For each column, whether it is aligned to the right.
    """
    lengths = [max(length, _GAP) for length in lengths]
    fits = sum(lengths) + _GAP * len(lengths) <= _LINE
    long = [not fits and length > _LONG and not right[index] for index, length in enumerate(lengths)]
    short = sum(length for index, length in enumerate(lengths) if not long[index])
    left = max(_LEAST, 1 - (short + _GAP * len(lengths)) / _LINE)
    longs = sum(length for index, length in enumerate(lengths) if long[index])
    return "".join(
        f">{{\\raggedright\\arraybackslash}}p{{{left * length / longs:.2f}\\linewidth}}"
        if long[index]
        else "r"
        if right[index]
        else "l"
        for index, length in enumerate(lengths)
    )
