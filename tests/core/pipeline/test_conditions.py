"""The language of ``when:``: what it says of metrics, and what it refuses."""

import random

import pytest

from crucible_core.contract.persistent import FrozenMap
from crucible_core.pipeline.conditions.condition import Condition
from crucible_core.pipeline.conditions.evaluation import ConditionFailedError
from crucible_core.pipeline.conditions.place import pointed
from crucible_core.pipeline.conditions.tokens import ConditionSyntaxError

METRICS = FrozenMap(
    {
        "eval": {
            "accuracy": 0.93,
            "p": None,
            "ok": True,
            "status": "good",
            "scores": [1, 2, 3],
            "C4.5": 4.5,
            "f1 (macro)": 0.5,
            "nan": float("nan"),
            "n": 10,
            "größe": 7,
        },
        "2nd-try": {"accuracy": 0.5},
        "flat": 3,
    }
)

HOLDS = [
    "metrics.eval.accuracy >= 0.9",
    "0.9 < metrics.eval.accuracy <= 0.93",
    "metrics.eval.accuracy > metrics.2nd-try.accuracy",
    "metrics.2nd-try.accuracy - 1 == -0.5",
    "metrics.eval.n -1 == 9",
    "metrics['2nd-try'].accuracy == .5",
    'metrics.eval["f1 (macro)"] == 5e-1',
    "metrics.eval.C4.5 == 4.5",
    "metrics.eval.größe == 7",
    "metrics.eval.scores[2] == 3",
    "len(metrics.eval.scores) == 3 and len(metrics.eval.status) == 4",
    "metrics.flat == 3.0",
    "metrics.eval.ok",
    "not not metrics.eval.ok",
    "metrics.eval.ok == true",
    "metrics.eval.ok != false",
    "metrics.eval.p == null",
    "metrics.eval.n != null",
    "metrics.eval.status == 'good' or metrics.eval.nowhere > 1",
    "metrics.eval.status < 'great'",
    "'a' != \"b\"",
    "defined(metrics.eval.p)",
    "not defined(metrics.nowhere.p)",
    "not defined(metrics.eval.p.deeper)",
    "not defined(metrics.eval.scores[3])",
    "not defined(metrics.flat[0])",
    "defined(metrics.nowhere) and metrics.nowhere.p > 1 or true",
    "1 + 2 * 3 == 7",
    "(1 + 2) * 3 == 9",
    "10 - 4 - 3 == 3",
    "8 / 4 / 2 == 1",
    "-metrics.eval.n + 20 == 10",
    "2 * -3 == -6",
    "abs(-2) == 2 and min(3, 1, 2) == 1 and max(3, metrics.eval.n) == 10",
    "true or false and false",
    "not false and true",
    "not (metrics.eval.n < 5 or metrics.eval.n > 15)",
    "metrics.eval.nan != metrics.eval.nan",
    "not metrics.eval.nan < 1",
    "not max(0.01, metrics.eval.nan) < 0.05 and not max(metrics.eval.nan, 0.01) < 0.05",
    "not min(1, metrics.eval.nan) >= 0.9 and not min(metrics.eval.nan, 1) >= 0.9",
    "1e-3 < 0.01\n  and 1 == 1",
]


@pytest.mark.parametrize("text", HOLDS)
def test_it_holds(text):
    assert Condition.of(text).refusal(METRICS) is None


@pytest.mark.parametrize("text", HOLDS)
def test_the_opposite_does_not_hold(text):
    assert "does not hold" in Condition.of(f"not ({text})").refusal(METRICS)


def test_why_it_does_not_hold_is_said_with_the_metrics_that_decided():
    text = "metrics.eval.accuracy > 0.95 and\n  metrics.eval.n > 100"
    said = "metrics.eval.accuracy > 0.95 and metrics.eval.n > 100 does not hold: metrics.eval.accuracy is 0.93"
    assert Condition.of(text).refusal(METRICS) == said
    assert Condition.of("metrics.eval.ok == false").refusal(METRICS).endswith(": metrics.eval.ok is true")
    asked = "defined(metrics.a.b) or not defined(metrics.eval)"
    assert Condition.of(asked).refusal(METRICS).endswith(": there is no metrics.a.b, metrics.eval is there")
    assert Condition.of("1 > 2").refusal(METRICS) == "1 > 2 does not hold"


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("metrics.eval.accurcy > 1", "there is no metric metrics.eval.accurcy", 0),
        ("true and metrics.nowhere == 1", "there is no metric metrics.nowhere", 9),
        ("metrics.eval.scores[7] == 1", "there is no metric metrics.eval.scores[7]", 0),
        ("metrics.eval.p < 1", "'<' compares two numbers or two strings, not null and a number", 15),
        ("metrics.eval.ok < 1", "'<' compares two numbers or two strings, not true or false and a number", 16),
        ("metrics.eval.status == 1", "a string and a number cannot be compared", 20),
        ("metrics.eval.ok == metrics.eval.n", "true or false and a number cannot be compared", 16),
        ("metrics.eval.accuracy", "this is a number, where true or false is asked for", 0),
        ("not metrics.eval.n", "this is a number, where true or false is asked for", 4),
        ("metrics.eval.status and true", "this is a string, where true or false is asked for", 0),
        ("metrics.eval.status + 1 > 2", "this is a string, where a number is asked for", 0),
        ("-metrics.eval.ok > 2", "this is true or false, where a number is asked for", 1),
        ("min(metrics.eval.n, metrics.eval.p) > 2", "this is null, where a number is asked for", 20),
        ("len(metrics.eval.n) > 2", "this is a number, which has no length", 4),
        ("metrics.eval.n / (5 - 5) > 1", "10 / 0: division by zero", 15),
        ("metrics.eval.scores == 'x'", "a list and a string cannot be compared", 20),
    ],
)
def test_it_is_neither_true_nor_false(text, message, at):
    with pytest.raises(ConditionFailedError) as caught:
        Condition.of(text).refusal(METRICS)
    assert (str(caught.value), caught.value.at) == (message, at)


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        (" ", "expected a value, found the end", 1),
        ("metrics.eval.accuracy >=", "expected a value, found the end", 24),
        ("metrics.eval.accuracy 0.9", "expected an operator such as 'and', '>=' or '+', found '0.9'", 22),
        ("(metrics.a.b > 1", "expected ')', found the end", 16),
        ("metrics.a.b > 1)", "expected an operator such as 'and', '>=' or '+', found ')'", 15),
        ("metrics.a.b > and", "expected a value, found 'and'", 14),
        ("metrics", "a metric is named by its stage's id and what it is", 7),
        ("metrics[0] > 1", "a metric is named by its stage's id and what it is", 10),
        ("metrics. > 1", "a name or a key has to follow '.'", 8),
        ("metrics.a[x] > 1", "a name or a key has to follow '['", 10),
        ("metrics.a['x] > 1", "a name or a key has to follow '['", 10),
        ("'abc", "this string does not end", 0),
        ("metrics.a.b && true", "'&&' is no operator", 12),
        ("metrics.a.b = 1", "'=' is no operator", 12),
        ("!metrics.a.b", "'!' is no operator", 0),
        ("metric.a.b > 1", "'metric' is unknown", 0),
        ("True", "'True' is unknown", 0),
        ("accuracy > 1", "'accuracy' is unknown", 0),
        ("__import__('os').system('id')", "'__import__' is unknown", 0),
        ("metrics.a.b.__class__ > 1 ; 1", "the character ';' means nothing here", 26),
        ("[1] == 1", "the character '[' means nothing here", 0),
        ("2x > 1", "a number cannot go on with letters", 0),
        ("1e999 > 1", "the number 1e999 is too large", 0),
        ("9" * 400 + ".0 > 1", f"the number {'9' * 20} is too large", 0),
        ("abs > 1", "expected '(' after abs, found '>'", 4),
        ("abs() > 1", "expected a value, found ')'", 4),
        ("abs(1, 2) > 1", "abs() takes 1 value, got 2", 0),
        ("max(1) > 1", "max() takes 2 values or more, got 1", 0),
        ("defined(1)", "expected a metric path, which defined() asks for, found '1'", 8),
        ("defined(metrics.a > 1)", "expected ')', found '>'", 18),
        ("1", "this is a number, where true or false is asked for", 0),
        ("'a'", "this is a string, where true or false is asked for", 0),
        ("metrics.a + 1", "this is a number, where true or false is asked for", 10),
        ("true and 1 + 2", "this is a number, where true or false is asked for", 11),
        ("not 'a'", "this is a string, where true or false is asked for", 4),
        ("1 + true > 2", "this is true or false, where a number is asked for", 4),
        ("1 < 'a'", "a number and a string cannot be compared", 2),
        ("metrics.a == 1 == true", "a number and true or false cannot be compared", 15),
        ("true < metrics.a", "'<' compares numbers or strings, not true or false and anything", 5),
        ("abs('a') > 1", "this is a string, where a number is asked for", 4),
        ("(" * 30 + "true" + ")" * 30, "nested deeper than 20 levels", 21),
        ("not " * 30 + "true", "nested deeper than 20 levels", 84),
        ("-" * 30 + "1 > 1", "nested deeper than 20 levels", 21),
        (" + ".join(["1"] * 300) + " > 1", "a condition has at most 200 parts", 400),
    ],
)
def test_it_cannot_be_read(text, message, at):
    with pytest.raises(ConditionSyntaxError) as caught:
        Condition.of(text)
    assert (str(caught.value), caught.value.at) == (message, at)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("metric.a > 1", "did you mean 'metrics'?"),
        ("None == metrics.a", "did you mean 'null'?"),
        ("AND", "did you mean 'and'?"),
        ("define(metrics.a)", "did you mean 'defined'?"),
        ("metrics.a || true", "write 'or'"),
        ("qqqq", "a metric begins with 'metrics.'; text goes into quotes"),
    ],
)
def test_what_to_write_instead(text, hint):
    with pytest.raises(ConditionSyntaxError) as caught:
        Condition.of(text)
    assert caught.value.hint == hint


def test_a_missing_metric_says_how_to_ask_for_it():
    with pytest.raises(ConditionFailedError) as caught:
        Condition.of("metrics.x.y > 1").refusal(METRICS)
    assert caught.value.hint == "ask for it first: defined(metrics.x.y) and ..."


def test_what_has_to_be_there_and_what_is_asked_for():
    condition = Condition.of(
        "metrics.a.x > 1 and (defined(metrics.b) and metrics.b.y > min(metrics.c[0], metrics.a.z))"
    )
    assert [path.root for path in condition.needed] == ["metrics.a", "metrics.c", "metrics.a"]
    assert [path.text for path in condition.asked] == ["metrics.b"]


def test_a_caret_stands_under_the_place():
    assert pointed("wrong", "true and\n\t1 > 'a'", 12) == "wrong\n     1 > 'a'\n       ^"


def test_no_text_does_anything_but_be_read_or_refused():
    draw = random.Random(5)
    pieces = ["metrics", ".", "a", "[", "]", "0", "'", '"', "(", ")", "and", "or", "not", "-", "+", "<", "==", "1e9"]
    pieces += ["defined", "len", " ", " ", "\n", "é", "\x00", ",", "true", "null", "metrics.eval.n", "metrics.eval.ok"]
    read = 0
    for _ in range(20_000):
        text = "".join(draw.choices(pieces, k=draw.randrange(1, 14)))
        at = 0
        try:
            Condition.of(text).refusal(METRICS)
            read += 1
        except (ConditionSyntaxError, ConditionFailedError) as error:
            at = error.at
        assert 0 <= at <= len(text)
    assert read > 20
