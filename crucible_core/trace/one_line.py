"""Text that others wrote, made fit for a terminal."""

from __future__ import annotations

__all__ = ["harmless", "in_one_line"]


def in_one_line(text: str) -> str:
    r"""Return a text without line breaks and without what would steer a terminal.

    Example:
        >>> in_one_line("red:\x1b[31m\nand on")
        'red:\ufffd[31m and on'
    """
    if text.isprintable() and "  " not in text and text == text.strip():  # nearly always, and much faster
        return text
    return " ".join("".join(each if each.isprintable() or each.isspace() else "\ufffd" for each in text).split())


def harmless(text: str) -> str:
    r"""Return a text, its lines and spaces as they are, without what would steer a terminal.

    Example:
        >>> harmless("red:\x1b[31m\n  and on")
        'red:\ufffd[31m\n  and on'
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each in "\n\t" else "\ufffd" for each in text)
