"""What counts as personal data in a sentence, what does not, and which finding wins."""

from __future__ import annotations

import pytest

from crucible_core.stages.guardrails.personal_data import find_personal_data


def found(text):
    return [(finding.category, text[finding.start : finding.end]) for finding in find_personal_data(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,4111111111111111,12/29", [("credit_card", "4111111111111111")]),
        ("Visa 4111-1111-1111-1111.", [("credit_card", "4111-1111-1111-1111")]),
        ("4111 1111 1111 1111 12/29", [("credit_card", "4111 1111 1111 1111")]),
        ("12 4111 1111 1111 1111 99", [("credit_card", "4111 1111 1111 1111")]),
        ("4111.1111.1111.1111", [("credit_card", "4111.1111.1111.1111")]),
        ("4111/1111/1111/1111", [("credit_card", "4111/1111/1111/1111")]),
        ("4111_1111_1111_1111", [("credit_card", "4111_1111_1111_1111")]),
        ("card:4111111111111111exp12/27", [("credit_card", "4111111111111111")]),
        ("Card4111111111111111CVV123", [("credit_card", "4111111111111111")]),
        ("4111 1111 1111 1111 123", [("credit_card", "4111 1111 1111 1111")]),
        ("4111 1111 1111 1111 1229", [("credit_card", "4111 1111 1111 1111")]),
        (
            "4111 1111 1111 1111 5555 5555 5555 4444",
            [
                ("credit_card", "4111 1111 1111 1111"),
                ("credit_card", "5555 5555 5555 4444"),
            ],
        ),
        ("４１１１１１１１１１１１１１１１", [("credit_card", "４１１１１１１１１１１１１１１１")]),
        ("٤١١١ ١١١١ ١١١١ ١١١١", [("credit_card", "٤١١١ ١١١١ ١١١١ ١١١١")]),
        ("Tel ＋４４ ２０ ７９４６ ０１２３", [("phone", "＋４４ ２０ ７９４６ ０１２３")]),
        ("ana＠example．com", [("email", "ana＠example．com")]),
        ("SSN 078‑05‑1120", [("us_ssn", "078‑05‑1120")]),
        ("call 02110-1301", [("phone", "02110-1301")]),
        ("Social Security No. 078-05-1120", [("us_ssn", "078-05-1120")]),
        ("4111\u00a01111\u00a01111\u00a01111", [("credit_card", "4111\u00a01111\u00a01111\u00a01111")]),
        ("tel:+442079460123", [("phone", "+442079460123")]),
        ("(+44 20 7946 0123)", [("phone", "+44 20 7946 0123")]),
        ("GB82 WEST 1234 5698 7654 32.", [("iban", "GB82 WEST 1234 5698 7654 32")]),
        ("<ana@example.com>,<bo@example.org>", [("email", "ana@example.com"), ("email", "bo@example.org")]),
        ("Nowhere at ana@example.com.", [("email", "ana@example.com")]),
    ],
)
def test_the_exact_span_is_found(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",  # Luhn
        "41 11 11 11 11 11 11 11",  # not grouped as on a card
        "4111-1111 1111-1111",  # separators that change
        "x4111111111111111",
        "0.4111111111111111",
        "94111111111111111",
        "4539 1488 0343 6467 0",  # a longer number in groups
        "4539-1488-0343-6467-1999",
        "1.3.6.1.4111.1111.1111.1111",
        "4111.1111.1111.1111.2",
        "4111111111111111abc",
        "Boston, MA 02110-1301",
        "Part no. 123-45-6789",
        "serial 123-45-6789",
        "Order #123-45-6789",
        "GB82 WEST 1234 5698 7654 3",
        "GB82  WEST 1234 5698 7654 32",
        "000-12-3456",
        "9.8.7",
        "256.1.1.1",
        "2024-05-06 07:08",
        "call on 2024-05-06",
        "12:34:56",
        "photo@2x.png",
        "a@b",
        "a..b@example",
    ],
)
def test_look_alikes_are_left_alone(text):
    assert found(text) == []


def test_the_longest_of_overlapping_findings_wins():
    address = "https://app:pw1@" + "host.example.com"
    assert found(address) == [("url_credentials", "app:pw1")]


def test_the_more_specific_of_equally_long_findings_wins():
    key = "AK" + "IAIOSFODNN7EXAMPLE"
    assert found(f"token = {key}") == [("aws_access_key", key)]


def test_a_private_key_is_one_finding_whatever_it_holds():
    key = "-----BEGIN PRIV" + "ATE KEY-----\nana@example.com\n-----END PRIV" + "ATE KEY-----"
    assert found(f"see {key} there") == [("private_key", key)]


BEGIN = "-----BEGIN RSA PRIV" + "ATE KEY-----"
BODY = "MIIEowIBAAKCAQEA7bq4/+9x"


@pytest.mark.parametrize(
    "key",
    [
        BEGIN,
        f"{BEGIN}\nMIIB",
        f"{BEGIN}\n{BODY}\r\n{BODY}\r\nq8Y=",
        f"{BEGIN}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,1F2E\n\n{BODY}\n{BODY}",
        f"{BEGIN}\n    {BODY}\n    {BODY}",
        f"{BEGIN}\n> {BODY}\n> {BODY}",
        rf"{BEGIN}\n{BODY}\n{BODY}",
        f'{BEGIN}\\n" +\n"{BODY}\\n" +\n"{BODY}',
        f"{BEGIN} {BODY} {BODY}",
    ],
)
def test_a_private_key_without_its_end_goes_to_its_last_line_of_base64(key):
    assert found(f"see {key}") == [("private_key", key)]
    assert found(f"{key}\n\nis all that was left.") == [("private_key", key)]


def test_words_behind_the_first_line_of_a_private_key_are_no_key():
    assert found(f"{BEGIN} was found in the log") == [("private_key", BEGIN)]


@pytest.mark.parametrize("cue", ["Phone no: ", "phone number ", "cellphone: ", "Mobile nr. ", "phones: "])
def test_a_cue_may_call_its_number_a_number(cue):
    assert found(f"{cue}2125550123") == [("phone", "2125550123")]


def test_a_long_number_behind_a_cue_needs_a_country_code():
    assert found("phone 4915112345679") == [("phone", "4915112345679")]
    assert found("phone 1700000000000") == []


@pytest.mark.parametrize(
    "text",
    [
        "password: hunter",  # no digit
        "password = settings.PASSWORD1(user)",  # a call
        "password: 'changeme1'",
        "token: <token-goes-here-1>",
        "secret=aaaaaaaaaaaaaaaaaaaaaaa1",  # no entropy
        "passwords: 12345678",  # a count, not the name of a secret
    ],
)
def test_assignments_without_a_secret_are_left_alone(text):
    assert found(text) == []
