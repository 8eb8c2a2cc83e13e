"""The SQL that asks an index what is asked of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from crucible_core.runs.index.query import ORDERS, MetricCondition, RunQuery

_OPERATORS = {">": ">", ">=": ">=", "<": "<", "<=": "<=", "==": "=", "!=": "<>"}


class Selection:
    """Conditions and order of a query, and the values they speak of.

    Args:
        query: What is asked.
        gone: Keys of the runs that are recorded as running and whose process is gone.
        members: What selects the members of the JSON list ``:gone``, in the database's own words.
    """

    def __init__(self, query: RunQuery, gone: Collection[str], members: str) -> None:
        self.values: dict[str, Any] = {}
        self._members = members
        terms = [self._tagged(tag) for tag in query.tags]
        terms += [self._measured(condition) for condition in query.metrics]
        if query.experiments:
            terms.append(self._among("experiment", query.experiments))
        if query.statuses:
            terms.append(self._status(query.statuses, gone))
        for operator, time in ((">=", query.since), ("<", query.until)):
            if time is not None:
                terms.append(f"created_at {operator} {self._value(time)}")
        self.where = " AND ".join(terms) or "1 = 1"
        self.order = self._order(query)

    def _value(self, value: Any) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def _among(self, column: str, wanted: Iterable[str]) -> str:
        return f"{column} IN ({', '.join(map(self._value, wanted))})"

    def _tagged(self, tag: str) -> str:
        return f"EXISTS (SELECT 1 FROM tags WHERE run = runs.key AND tag = {self._value(tag)})"

    def _measured(self, condition: MetricCondition) -> str:
        term = f"run = runs.key AND path = {self._value(condition.path)}"
        if condition.operator is not None:
            term += f" AND value {_OPERATORS[condition.operator]} {self._value(condition.value)}"
        return f"EXISTS (SELECT 1 FROM metrics WHERE {term})"

    def _status(self, statuses: Collection[str], gone: Collection[str]) -> str:
        """Return what holds for runs of these statuses, as whoever looks now sees them."""
        recorded = [status for status in statuses if status != "running"]
        terms = [self._among("status", recorded)] if recorded else []
        if {"running", "interrupted"} <= {*statuses}:
            terms.append("status = 'running'")
        elif {"running", "interrupted"} & {*statuses}:
            self.values["gone"] = json.dumps(sorted(gone))
            which = "NOT IN" if "running" in statuses else "IN"
            terms.append(f"(status = 'running' AND key {which} ({self._members}))")
        return f"({' OR '.join(terms)})"

    def _order(self, query: RunQuery) -> str:
        by = ORDERS.get(query.order)
        if by is None:
            by = f"(SELECT value FROM metrics WHERE run = runs.key AND path = {self._value(query.order)})"
        way = "ASC" if query.reverse else "DESC"
        time = "" if by == "created_at" else f"created_at {way} NULLS LAST, "
        return f"{by} {way} NULLS LAST, {time}key {way}"
