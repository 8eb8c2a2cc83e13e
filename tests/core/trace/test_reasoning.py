"""A run's events as people read them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crucible_core.contract.event_names import EVENT_NAMES, REASONING_EVENTS
from crucible_core.trace.event import Event
from crucible_core.trace.reasoning import as_lines, as_mermaid, as_tree, is_reasoning, summary_of

NODE = re.compile(r'    [se]\d+(\["[^"]+"\]|\("[^"]+"\)|\{\{"[^"]+"\}\})')
EDGE = re.compile(r"    s\d+ (-->|-\.-) [se]\d+")


def event(name, payload=None, stage="train", seq=1):
    return Event(seq, "2006-01-02T03:04:05.678901+00:00", name, "r", "e", stage, 1, payload or {})


DECISION = {"decision": "use SGD", "reasoning": "it is simple", "alternatives": ["Adam", "LBFGS"], "confidence": 0.75}
SUMMARIES = [
    ("decision_made", DECISION, "use SGD (confidence 0.75): it is simple"),
    ("hypothesis_formed", {**DECISION, "confidence": None}, "use SGD: it is simple"),
    ("decision_made", {**DECISION, "confidence": "high"}, "use SGD (confidence high): it is simple"),
    ("run_start", {"resumed": True}, "resumed"),
    ("run_start", {"resumed": False}, ""),
    ("run_stop", {"status": "succeeded", "duration_s": 1.23456, "failure": None}, "succeeded after 1.235 s"),
    (
        "run_stop",
        {"status": "failed", "duration_s": 1, "failure": {"code": "gate_failed", "message": "no"}},
        "failed after 1.000 s, gate_failed: no",
    ),
    ("stage_start", {"name": "bench"}, "bench"),
    ("stage_stop", {"duration_s": 0.5}, "0.500 s"),
    ("stage_stop", {"duration_s": "?"}, "? s"),
    ("stage_error", {"code": "stage_crashed", "message": "two\nlines"}, "stage_crashed: two lines"),
    ("stage_skip", {"reason": "disabled"}, "disabled"),
    ("metric", {"name": "loss", "value": 0.5, "step": 3}, "loss = 0.5 at step 3"),
    ("metric", {"name": "loss", "value": "NaN", "step": None}, "loss = NaN"),
    ("checkpoint", {"name": "best", "path": "c/best.pt"}, "best at c/best.pt"),
    ("artifact", {"path": "a/f.txt", "bytes": 12}, "a/f.txt (12 bytes)"),
    ("verdict", {"passed": False, "question": "Good?", "finding": "No."}, "FAILED: Good? No."),
    ("verdict", {"passed": True, "question": "Good?", "finding": "Yes."}, "passed: Good? Yes."),
    ("log", {"level": "warning", "message": "\x1b[31mred\x1b[0m\ttab"}, "warning: \ufffd[31mred\ufffd[0m tab"),
    ("crucible_train.epoch", {"number": 1, "loss": 0.5}, "number=1, loss=0.5"),
]


@pytest.mark.parametrize(("name", "payload", "summary"), SUMMARIES)
def test_an_event_in_one_line(name, payload, summary):
    assert summary_of(event(name, payload)) == summary


@pytest.mark.parametrize("name", [*EVENT_NAMES, "plugin.own"])
def test_an_event_with_an_empty_payload_is_shown_all_the_same(name):
    (shown,) = as_lines([event(name)])
    assert "\n" not in shown


def test_reasoning_events_are_told_from_the_others():
    assert [name for name in EVENT_NAMES if is_reasoning(event(name))] == list(REASONING_EVENTS)


def test_lines_have_number_time_stage_and_name():
    lines = list(as_lines([event("run_start", {}, None), event("stage_skip", {"reason": "disabled"}, "bench", 12)]))
    assert lines == [
        "     1  03:04:05  -                    run_start",
        "    12  03:04:05  bench                stage_skip             disabled",
    ]


def test_a_tree_groups_events_by_stage_and_alternatives_by_decision():
    events = [event("run_start", {}, None), event("decision_made", DECISION), event("stage_stop", {"duration_s": 1})]
    assert list(as_tree(events)) == [
        "run",
        "└─ run_start",
        "train",
        "├─ decision_made: use SGD (confidence 0.75): it is simple",
        "│     instead of: Adam",
        "│     instead of: LBFGS",
        "└─ stage_stop: 1.000 s",
    ]


def test_a_tree_begins_with_the_start_of_the_run_and_ends_with_its_end():
    events = [
        event("run_start", {}, None, 1),
        event("stage_stop", {"duration_s": 1}, "a", 2),
        event("stage_stop", {"duration_s": 2}, "b", 3),
        event("run_stop", {"status": "succeeded", "duration_s": 3}, None, 4),
    ]
    assert [line for line in as_tree(events) if "stage_stop" not in line] == [
        "run",
        "└─ run_start",
        "a",
        "b",
        "run",
        "└─ run_stop: succeeded after 3.000 s",
    ]


def test_a_diagram_has_the_stages_in_order_and_their_events_below():
    events = [
        event("run_start", {}, None, 1),
        event("stage_start", {"name": "a"}, "a", 2),
        event("decision_made", DECISION, "b", 3),
        event("run_stop", {"status": "succeeded"}, None, 4),
    ]
    assert list(as_mermaid(events)) == [
        "flowchart TD",
        '    e1("run_start")',
        '    s1["a"]',
        '    e2("stage_start: a")',
        "    s1 -.- e2",
        '    s2["b"]',
        "    s1 --> s2",
        '    e3{{"decision_made: use SGD (confidence 0.75): it is simple"}}',
        "    s2 -.- e3",
        '    e4("run_stop: succeeded after 0.000 s")',
        "    s2 -.- e4",
    ]


@given(st.lists(st.tuples(st.sampled_from(EVENT_NAMES), st.text(), st.sampled_from(["a", "b", None])), max_size=10))
def test_whatever_the_texts_every_line_of_a_diagram_is_a_quoted_node_or_an_edge(parts):
    texts = ("decision", "reasoning", "message", "name", "question", "finding", "path", "code", "reason")
    events = [event(name, dict.fromkeys(texts, text), stage, seq) for seq, (name, text, stage) in enumerate(parts, 1)]
    first, *rest = as_mermaid(events)
    assert first == "flowchart TD"
    for shown in rest:
        assert NODE.fullmatch(shown) or EDGE.fullmatch(shown), shown
        label = shown.partition('"')[2].rpartition('"')[0]
        assert not set("<>`\n") & set(label)
        assert set("#&").isdisjoint(re.sub(r"#(35|96|quot|lt|gt|amp);", "", label))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ('a "b"', "a #quot;b#quot;"),
        ("#1 & <b>`c`", "#35;1 #amp; #lt;b#gt;#96;c#96;"),
        ("two\nlines", "two lines"),
        ("x" * 100, "x" * 51 + "…"),  # 60 characters with what stands before them
    ],
)
def test_what_would_end_or_structure_a_label_is_replaced(text, label):
    *_, node = as_mermaid([event("log", {"level": "i", "message": text}, None)])
    assert node == f'    e1("log: i: {label}")'


@given(st.text(), st.text())
def test_a_summary_is_one_printable_line(message, reason):
    for shown in (
        *as_lines([event("log", {"message": message})]),
        *as_tree([event("decision_made", {"decision": reason, "alternatives": [message]})]),
    ):
        assert shown.isprintable() or not shown
