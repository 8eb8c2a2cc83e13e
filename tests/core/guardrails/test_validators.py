"""Check digits and entropy against published numbers."""

from __future__ import annotations

import pytest

from crucible_core.stages.guardrails.credentials import shannon_entropy
from crucible_core.stages.guardrails.iban import IBAN_LENGTHS, is_iban
from crucible_core.stages.guardrails.payment_card import is_card_number, passes_luhn

# Test numbers that payment processors publish for their sandboxes; none belongs to an account.
PUBLISHED_CARDS = [
    "4111111111111111",
    "4012888888881881",
    "4222222222222",
    "5555555555554444",
    "5105105105105100",
    "2223003122003222",
    "378282246310005",
    "371449635398431",
    "6011111111111117",
    "6011000990139424",
    "30569309025904",
    "38520000023237",
    "3530111333300000",
    "3566002020360505",
    "6200000000000005",
    "6759649826438453",
]
# Examples of the IBAN registry (SWIFT, ISO 13616), one per country.
PUBLISHED_IBANS = [
    "AD1200012030200359100100",
    "AE070331234567890123456",
    "AT611904300234573201",
    "BE68539007547034",
    "CH9300762011623852957",
    "CY17002001280000001200527600",
    "DE89370400440532013000",
    "DK5000400440116243",
    "ES9121000418450200051332",
    "FI2112345600000785",
    "FR1420041010050500013M02606",
    "GB29NWBK60161331926819",
    "GR1601101250000000012300695",
    "HU42117730161111101800000000",
    "IT60X0542811101000000123456",
    "LC55HEMM000100010012001200023015",
    "MT84MALT011000012345MTLCAST001S",
    "NL91ABNA0417164300",
    "NO9386011117947",
    "PL61109010140000071219812874",
    "SA0380000000608010167519",
    "SE4550000000058398257466",
]


def test_luhn_on_the_example_of_the_patent():
    # H. P. Luhn's number as commonly worked through: 7992739871 has the check digit 3 (US patent 2950048 describes it).
    assert [digit for digit in "0123456789" if passes_luhn("7992739871" + digit)] == ["3"]


@pytest.mark.parametrize("number", PUBLISHED_CARDS)
def test_published_card_numbers_pass(number):
    assert is_card_number(number)


@pytest.mark.parametrize("number", PUBLISHED_CARDS)
def test_a_wrong_digit_anywhere_fails_luhn(number):
    changed = [number[:place] + str((int(digit) + 1) % 10) + number[place + 1 :] for place, digit in enumerate(number)]
    assert not any(map(passes_luhn, changed))


@pytest.mark.parametrize("number", ["79927398713", "9999999999999995", "411111111111116", "0000000000000000"])
def test_luhn_alone_makes_no_card(number):
    assert not is_card_number(number)


@pytest.mark.parametrize("number", PUBLISHED_IBANS)
def test_published_ibans_pass(number):
    assert is_iban(number)


@pytest.mark.parametrize("number", PUBLISHED_IBANS)
def test_swapped_neighbours_fail_modulo_97(number):
    swaps = [
        number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        for place in range(4, len(number) - 1)
        if number[place] != number[place + 1]
    ]
    assert not any(map(is_iban, swaps))


def test_the_worked_example_of_modulo_97():
    # "International Bank Account Number", Wikipedia, works GB82 WEST 1234 5698 7654 32 through by hand.
    assert int("3214282912345698765432161182") % 97 == 1
    assert is_iban("GB82WEST12345698765432")


def test_iban_lengths_span_the_registry():
    assert (min(IBAN_LENGTHS.values()), max(IBAN_LENGTHS.values())) == (15, 33)
    assert (IBAN_LENGTHS["NO"], IBAN_LENGTHS["RU"]) == (15, 33)


def test_a_country_without_ibans_is_refused():
    assert not is_iban("US64SVBKUS6S3300958679")


@pytest.mark.parametrize(("text", "bits"), [("", 0.0), ("aaaa", 0.0), ("abab", 1.0), ("abcd", 2.0), ("abcdefgh", 3.0)])
def test_entropy_of_evenly_used_characters(text, bits):
    assert shannon_entropy(text) == pytest.approx(bits)
