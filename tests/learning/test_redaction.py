"""Redaction: what must go goes, what only looks like it stays, and equal details stay recognisable."""

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stdnum import iban, luhn

from learning.redaction import DetailKind, Redactor, contact_details

REDACTOR = Redactor(b"k" * 32)
_PLACEHOLDER = re.compile(r"\[[A-Z]+_[0-9a-f]{12}\]")


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("write to Jane.Doe+test@mail.example.co.uk.", DetailKind.EMAIL, "Jane.Doe+test@mail.example.co.uk"),
        ("(jane@example.com)", DetailKind.EMAIL, "jane@example.com"),
        ("müller@bücher.example", DetailKind.EMAIL, "müller@bücher.example"),
        ("call +49 30 901820 today", DetailKind.PHONE, "+49 30 901820"),
        ("call +1-212-456-7890", DetailKind.PHONE, "+1-212-456-7890"),
        ("ring (212) 456-7890", DetailKind.PHONE, "(212) 456-7890"),
        ("mine: 030 901820", DetailKind.PHONE, "030 901820"),
        ("my phone is 2124567890", DetailKind.PHONE, "2124567890"),
        ("card 4111 1111 1111 1111 please", DetailKind.CARD, "4111 1111 1111 1111"),
        ("5500-0000-0000-0004", DetailKind.CARD, "5500-0000-0000-0004"),
        ("378282246310005.", DetailKind.CARD, "378282246310005"),
        ("IBAN DE89 3704 0044 0532 0130 00 is mine", DetailKind.IBAN, "DE89 3704 0044 0532 0130 00"),
        ("gb82west12345698765432", DetailKind.IBAN, "gb82west12345698765432"),
        ("from 203.0.113.7 at night", DetailKind.IP, "203.0.113.7"),
        ("from 2001:db8::8a2e:370:7334", DetailKind.IP, "2001:db8::8a2e:370:7334"),
        ("xoxb-" + "123456789012-abcdEFGH", DetailKind.SECRET, "xoxb-123456789012-abcdEFGH"),
        ("xapp-" + "1-A0123-456-abcdef", DetailKind.SECRET, "xapp-1-A0123-456-abcdef"),
        ("key sk-" + "proj-abcdefghijklmnop1234", DetailKind.SECRET, "sk-proj-abcdefghijklmnop1234"),
        ("AKIA" + "IOSFODNN7EXAMPLE", DetailKind.SECRET, "AKIAIOSFODNN7EXAMPLE"),
        (
            "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789",
            DetailKind.SECRET,
            "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        ),
        ("Authorization: Bearer abcdef123456789", DetailKind.SECRET, "abcdef123456789"),
        ("my password is hunter2, thanks", DetailKind.SECRET, "hunter2"),
        ("Passwort: Geheim!1", DetailKind.SECRET, "Geheim!1"),
        ("the password for the vpn is S3cret!x", DetailKind.SECRET, "S3cret!x"),
        ('password: "correct horse battery"', DetailKind.SECRET, "correct horse battery"),
        ("api_key=abc123def", DetailKind.SECRET, "abc123def"),
        ("postgres://bob:geheim@db.internal/x", DetailKind.SECRET, "bob:geheim"),
    ],
)
def test_what_must_go_goes(text: str, kind: DetailKind, found: str) -> None:
    assert [(detail.kind, detail.text) for detail in contact_details(text)] == [(kind, found)]
    redacted = REDACTOR.redact(text)
    assert found not in redacted and f"[{kind}_" in redacted
    start = text.index(found)
    assert redacted.startswith(text[:start]) and redacted.endswith(text[start + len(found) :])


@pytest.mark.parametrize(
    "text",
    [
        "Released on 2026-11-20 at 10:30:00, version 2.10.4",
        "It was 20.11.2026 or 11/20/2026, between 2019-2023 and 2024 - 2025",
        "thread 1700000000.000100 has it",
        "order 2124567890, invoice #4155552671, ticket no. 030 901820",
        "tracking number 1Z999AA10123456784",
        "order 1234 5678 9012 3456",
        "firmware version 1.2.3.4 listens on 127.0.0.1 and 0.0.0.0",
        "std::vector, 10:30:00 and dead::beef",
        "The password is required and your password was changed.",
        "Is the password too short? A password is not needed.",
        "a @ b, @channel, user@localhost",
        "about 1,250,000 rows in 3.5 seconds",
        "WINDOWS10 and UPGRADE",
        "the PIN is always four digits",
        "sk-learn and pk-fire are libraries",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert REDACTOR.redact(text) == text


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("ask <@U012ABCDEF> or <@U012ABCDEF|uma>", r"ask \[PERSON_x\] or \[PERSON_x\]"),
        ("user U012ABCDEF wrote", r"user \[PERSON_x\] wrote"),
        ("in <#C0123ABCD|finance-secret>", r"in \[CHANNEL_x\]"),
        ("<!subteam^S012ABC|@support> and <!here>", r"\[GROUP_x\] and <!here>"),
        ("<mailto:a@b.com|a@b.com> is A@B.com", r"\[EMAIL_x\] is \[EMAIL_x\]"),
        ("<tel:+4930901820|030 901820>", r"\[PHONE_x\]"),
        ("<https://x.example/a?user=bob@x.example#f|the page>", r"<https://x\.example/a\|the page>"),
        ("<https://bob:pw@x.example/a|mail a@b.com>", r"<https://x\.example/a\|mail \[EMAIL_x\]>"),
        ("https://x.example/reset?token=abc", r"https://x\.example/reset"),
    ],
)
def test_slacks_own_tokens_are_read_first(text: str, shape: str) -> None:
    assert re.fullmatch(shape, re.sub(r"_[0-9a-f]{12}\]", "_x]", REDACTOR.redact(text)))


def test_the_same_detail_gives_the_same_placeholder_and_another_key_another_one() -> None:
    texts = ("+49 30 901820", "call 030 901820", "<tel:+4930901820>")
    placeholders = {_PLACEHOLDER.search(REDACTOR.redact(text)).group() for text in texts}
    assert len(placeholders) == 1
    assert Redactor(b"o" * 32).redact("a@b.com") != REDACTOR.redact("a@b.com")
    assert REDACTOR.redact("a@b.com") == REDACTOR.redact("A@B.COM") != REDACTOR.redact("c@b.com")


_WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=60)
_LOCAL = st.from_regex(r"[a-z][a-z0-9.]{0,15}[a-z0-9]", fullmatch=True).filter(lambda part: ".." not in part)
_CARDS = (
    st.integers(10**14, 10**15 - 1)
    .map(lambda number: f"4{number:015d}"[:15])
    .map(lambda n: n + luhn.calc_check_digit(n))
)


@given(_WORDS)
@example("<@U1|<mailto:a@b.com>> [EMAIL_000000000000]")
@example("password: [EMAIL_")
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = REDACTOR.redact(text)
    assert REDACTOR.redact(once) == once


@given(
    st.lists(
        st.sampled_from(
            [
                "a@b.com",
                "<mailto:x@y.org|x@y.org>",
                "+49 30 901820",
                "xoxb-123456789012",
                "password is",
                "Bearer",
                "hunter22",
                "<@U012ABCDEF>",
                "<https://u:p@h.example/x?y=z|",
                ">",
                "|",
                "4111111111111111",
                "DE89370400440532013000",
                "order",
                "#",
                "10.1.2.3",
                "[EMAIL_0123456789ab]",
                "[",
                "]",
                ":",
                "=",
                '"',
                "api_key",
                "\n",
                "and",
            ]
        ),
        max_size=12,
    ).map(" ".join)
)
def test_redacting_mixed_details_twice_changes_nothing_more(text: str) -> None:
    once = REDACTOR.redact(text)
    assert REDACTOR.redact(once) == once
    assert "a@b.com" not in once and "x@y.org" not in once


@given(_WORDS, _LOCAL, _WORDS)
def test_no_address_survives_wherever_it_stands(before: str, local: str, after: str) -> None:
    address = f"{local}@example.com"
    assert address not in REDACTOR.redact(f"{before} {address} {after}")


@given(_CARDS)
@settings(max_examples=200)
def test_every_card_number_goes_however_it_is_grouped(digits: str) -> None:
    for shown in (digits, " ".join(digits[i : i + 4] for i in range(0, 16, 4))):
        assert shown not in REDACTOR.redact(f"my card {shown} was declined")


@given(st.integers(0, 10**18 - 1))
def test_every_german_account_number_goes(account: int) -> None:
    body = f"{account:018d}"
    whole = f"DE{iban.calc_check_digits('DE00' + body)}{body}"
    assert whole not in REDACTOR.redact(f"pay to {whole} please")


@given(st.datetimes())
def test_dates_are_no_phone_numbers(moment: object) -> None:
    for text in (f"on {moment:%Y-%m-%d %H:%M}", f"on {moment:%d.%m.%Y}", f"at {moment:%Y-%m-%dT%H:%M:%S}"):
        assert REDACTOR.redact(text) == text


@given(_WORDS)
def test_findings_are_in_order_and_apart_and_where_they_say(text: str) -> None:
    end = 0
    for detail in contact_details(f"a@b.com {text} +49 30 901820"):
        assert end <= detail.start < detail.end
        assert f"a@b.com {text} +49 30 901820"[detail.start : detail.end] == detail.text
        end = detail.end


@pytest.mark.parametrize(
    "piece", ["1 ", "+1 212 ", "password is ", "a@", "<", "DE89 A1 ", "-----BEGIN ", "://a:", "x@a-"]
)
def test_a_hostile_text_of_the_longest_kind_is_done_in_seconds(piece: str) -> None:
    text = (piece * 40_000)[:40_000]
    began = time.perf_counter()
    REDACTOR.redact(text)
    assert time.perf_counter() - began < 20
