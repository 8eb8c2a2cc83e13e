"""Numbers that stand alone are read with the name of their field, and the published shares are those of the code."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crucible_core.stages.guardrails import BuiltinAdapter
from crucible_core.stages.guardrails.plain_number import digits_of
from crucible_core.stages.guardrails.rows import Scan, flagged_texts

CARD = 4111111111111111
AMERICAN = 12125550123


def found(row, asked=()):
    scan = Scan(BuiltinAdapter(), BuiltinAdapter.capabilities, ["strict"], asked)
    return [(each.spot.path, each.kind, one.category) for each in flagged_texts(row, scan) for one in each.findings]


@pytest.mark.parametrize("value", [CARD, float(CARD), Decimal(CARD), str(CARD), f" {CARD} "])
@pytest.mark.parametrize("name", ["card", "number", "v", "Betrag"])
def test_a_card_number_is_found_whatever_its_type_and_field(name, value):
    assert [category for _, _, category in found({name: value})] == ["credit_card"]


@pytest.mark.parametrize("name", ["phone", "homePhone", "phone_2", "mobile_no", "phoneNumber", "TEL", "fax", "msisdn"])
@pytest.mark.parametrize("value", [AMERICAN, 2125550123, 2125550123.0, "2125550123", 4915112345679, 442079460123])
def test_a_telephone_number_is_found_where_the_field_says_so(name, value):
    assert [category for _, _, category in found({name: value})] == ["phone"]


def test_the_nearest_key_names_the_numbers_of_a_list():
    assert found({"user": {"phones": [AMERICAN]}}) == [("user.phones[0]", "number", "phone")]


def test_numbers_of_a_field_asked_for_are_read_eagerly():
    row = {"contact": AMERICAN, "user_id": CARD}
    assert found(row) == []
    assert found(row, asked=("contact", "user_id")) == [
        ("contact", "number", "phone"),
        ("user_id", "number", "credit_card"),
    ]


@pytest.mark.parametrize(
    "value",
    [True, None, 1.5, float("nan"), float("inf"), -CARD, 10**4000, Decimal("NaN"), Decimal("1e9000"), 123456, b"1"],
)
def test_what_is_no_number_of_that_length_is_not_read(value):
    assert digits_of(value) is None
    assert found({"phone": value}) == []


def test_an_integer_of_numpy_is_a_number():
    numpy = pytest.importorskip("numpy")
    assert found({"card": numpy.int64(CARD)}) == [("card", "number", "credit_card")]


def test_keys_are_read_and_do_not_show_in_paths():
    row = {"ana@example.com": {"note": "write to bo@example.org"}, "known": {CARD: 1}}
    assert found(row) == [
        ("[EMAIL]", "key", "email"),
        ("[EMAIL].note", "text", "email"),
        ("known.[CREDIT_CARD]", "key", "credit_card"),
    ]


def test_the_published_shares_are_those_of_the_code(numbers):
    page = numbers.PAGE.read_text(encoding="utf-8")
    assert numbers.with_numbers(page) == page, "run python docs/guardrail_numbers.py and commit docs/guardrails.md"
