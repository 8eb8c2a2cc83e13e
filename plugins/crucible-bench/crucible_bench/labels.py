"""What readers call the statistics and estimates that results carry under stable names."""

from __future__ import annotations

from typing import Final

LABELS: Final[dict[str, str]] = {
    "chi2": "χ²",
    "mean_difference": "mean difference",
    "median_difference": "median difference",
    "location_shift": "location shift",
    "pseudomedian": "pseudomedian difference",
    "risk_difference": "difference of proportions",
    "mean_rank_difference": "difference of mean ranks",
    "hedges_g": "Hedges' g",
    "cohens_dz": "Cohen's d_z",
    "cohens_g": "Cohen's g",
    "rank_biserial": "rank-biserial r",
    "matched_rank_biserial": "matched rank-biserial r",
    "omega_squared": "ω²",
    "epsilon_squared": "ε²",
    "kendalls_w": "Kendall's W",
    "chance_corrected_r": "chance-corrected R",
}

RANK_STATISTICS: Final[dict[str, str]] = {
    "chi2": "Friedman chi-squared",
    "chi2_tie_corrected": "Friedman chi-squared, corrected for ties",
    "exact": "Friedman statistic, exact",
    "iman_davenport": "Iman-Davenport F",
    "iman_davenport_tie_corrected": "Iman-Davenport F, corrected for ties",
}


def label(name: str) -> str:
    """Return what readers call a statistic or an estimate; an unknown name with spaces for underscores."""
    return LABELS.get(name, name.replace("_", " "))


_TOO_SHORT = 2
_SUFFIXES = ("_id", "_name", "_key", "_index", "_no", "_number", "_uid")
_ANONYMOUS = frozenset({"id", "ids", "uid", "uuid", "key", "index", "name", "idx", "row", "no", "number"})


def things(field: str | None, otherwise: str = "items") -> str:
    """Return a field's name as the plural of what it tells apart.

    Args:
        field: Name of the field, if there is one.
        otherwise: What to say where the name says nothing.

    Example:
        >>> [things(each) for each in ("question", "question_id", "Data set", "query", "id", None)]
        ['questions', 'questions', 'data sets', 'queries', 'items', 'items']
    """
    if field is None:
        return otherwise
    name = str(field).strip().lower().replace(" ", "_").replace("-", "_")
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    word = name.strip("_").replace("_", " ")
    if len(word) <= _TOO_SHORT or word in _ANONYMOUS or not word.isascii() or not word.replace(" ", "").isalpha():
        return otherwise
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return word if word.endswith("s") else f"{word}s"
