"""What redaction promises of any text: nothing found survives, twice is once, spans tell the truth, mark-up holds."""

import re
import time
from datetime import datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stdnum import iban, luhn

from learning.redaction import PLACEHOLDER, Allowed, DetailKind, KnownPerson, Names, Redacted, Redactor, contact_details

PEOPLE = Names([KnownPerson("U012UMA", "Uma Okafor"), KnownPerson("U012SAM", "Sam Young")])
REDACTOR = Redactor(b"k" * 32, more=[PEOPLE])

_WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=60)
_PIECES = st.sampled_from(
    [
        *("a@b.com", "<mailto:x@y.org|x@y.org>", "jane (at) example (dot) com"),
        *(
            "+49 30 901820",
            "030 901820",
            "(212) 456-7890",
            "467 3395",
            "phone",
            "call me on",
            "my number is",
            "order",
            "#",
        ),
        *("4111111111111111", "4111 1111 1111 1111", "DE89370400440532013000", "536-22-8741", "12345678Z", "SSN"),
        *("10.1.2.3", "2001:db8::8a2e:370:7334", "00:1b:44:11:3a:b7", "version", "2026-11-20", "1700000000.000100"),
        *(
            "xoxb-123456789012",
            "password is",
            "password:",
            "Bearer",
            "hunter22",
            "api_key",
            "=",
            ":",
            '"',
            "PIN",
            "4931",
        ),
        *(
            "<@U012ABCDEF>",
            "<@U1|",
            "<#C0123ABCD|ops>",
            "<!here>",
            "<https://u:p@h.example/x?y=z|",
            "<https://h.example|",
        ),
        *(
            "https://h.example/a?token=b#c=d",
            "postgres://u:p@h/x",
            "wa.me/4930901820",
            "U012ABCDEF",
            "www.h.example/?a=b",
        ),
        *(
            "Uma",
            "Uma Okafor",
            "Sam Young",
            "Young",
            "Hi",
            "[EMAIL_0123456789ab]",
            "[SECRET_1]",
            "[",
            "]",
            "<",
            ">",
            "|",
        ),
        *("\n", "\0", "and", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "x", "7"),
    ]
)
_GLUE = st.sampled_from([" ", " ", "", "\n", ", ", "/"])
_TEXTS = st.lists(st.tuples(_PIECES, _GLUE), max_size=14).map(lambda pairs: "".join(a + b for a, b in pairs)) | _WORDS


@given(_TEXTS)
@example("<@U1|<mailto:a@b.com>> [EMAIL_000000000000]")
@example("password: [EMAIL_")
@settings(max_examples=400)
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = REDACTOR.redact(text)
    again = REDACTOR.redaction(once)
    assert (again.text, again.spans) == (once, ())


@given(_TEXTS)
@settings(max_examples=400)
def test_spans_are_in_order_and_apart_and_cover_what_was_replaced(text: str) -> None:
    redacted = REDACTOR.redaction(text)
    kept, end = [], 0
    for span in redacted.spans:
        assert end <= span.start < span.end <= len(text)
        kept.append(text[end : span.start])
        end = span.end
    kept.append(text[end:])
    # Between the spans the text stands as it was given, and in their places stand placeholders of their kinds.
    places = [rf"\[{span.kind}_[0-9a-f]{{12}}\]" for span in redacted.spans] + [""]
    shape = "".join(re.escape(one) + place for one, place in zip(kept, places, strict=True))
    assert re.fullmatch(shape, redacted.text)


@given(_TEXTS)
@example("-----BEGIN PRIVATE KEY----- \0 ")
@example("a@b.com467 3395\n467 3395 ")
@settings(max_examples=400)
def test_nothing_that_is_recognised_survives(text: str) -> None:
    left = PLACEHOLDER.sub("\0", REDACTOR.redact(text))
    # In the path of an address plain numbers stay: they count pages and posts.
    addressed = any(sign in text for sign in ("://", "www.", ".me/"))
    counts = {DetailKind.PHONE, DetailKind.ID, DetailKind.SSN} if addressed else set()
    for detail in contact_details(text):
        if not PLACEHOLDER.search(detail.text) and detail.kind not in counts:
            assert not re.search(rf"(?<![^\W_]){re.escape(detail.text)}(?![^\W_])", left), detail


@given(st.lists(_PIECES, max_size=8).map(" ".join))
@example("password is https://h.example")
@example("password is https://h.example/a?token=b#c=d")
def test_mark_up_stays_well_formed(text: str) -> None:
    balanced = re.sub(r"[<>|]", "", text)
    marked = f"<https://h.example/a?b=c|{balanced}> <mailto:x@y.org|x@y.org> <!here> <https://h.example/{'x'}>"
    redacted = REDACTOR.redact(marked).replace("\n", " ")
    assert re.fullmatch(
        r"<https://h\.example/a\?\[QUERY_\w+\]\|[^<>|]*> \[EMAIL_\w+\] <!here> <https://[^<>|\s]+>", redacted
    )


@given(
    _WORDS, st.from_regex(r"[a-z][a-z0-9.]{0,15}[a-z0-9]", fullmatch=True).filter(lambda one: ".." not in one), _WORDS
)
def test_no_address_survives_wherever_it_stands(before: str, local: str, after: str) -> None:
    address = f"{local}@example.com"
    assert address not in REDACTOR.redact(f"{before} {address} {after}")


@given(
    st.integers(10**14, 10**15 - 1)
    .map(lambda number: f"4{number:015d}"[:15])
    .map(lambda n: n + luhn.calc_check_digit(n))
)
def test_every_card_number_goes_however_it_is_grouped(digits: str) -> None:
    for shown in (digits, *(sign.join(digits[i : i + 4] for i in range(0, 16, 4)) for sign in " -.\u00a0")):
        assert shown not in REDACTOR.redact(f"it was {shown} and declined")


@given(st.integers(0, 10**18 - 1))
def test_every_german_account_number_goes(account: int) -> None:
    body = f"{account:018d}"
    whole = f"DE{iban.calc_check_digits('DE00' + body)}{body}"
    assert whole not in REDACTOR.redact(f"pay to {whole} please")


@given(st.datetimes(min_value=datetime(1000, 1, 1)))
def test_dates_are_no_phone_numbers(moment: datetime) -> None:
    for text in (f"on {moment:%Y-%m-%d %H:%M}", f"on {moment:%d.%m.%Y}", f"at {moment:%Y-%m-%dT%H:%M:%S}"):
        assert REDACTOR.redact(text) == text


@given(_TEXTS)
def test_what_is_allowed_stays_and_the_rest_goes(text: str) -> None:
    allowed = Allowed.of(["b.com", "x@y.org", "+49 30 901820"])
    redacted: Redacted = Redactor(b"k" * 32, allowed=allowed).redaction(f"{text} a@b.com +49 30 901820 c@d.com")
    assert "c@d.com" not in redacted.text
    if not text:
        assert redacted.text.startswith(" a@b.com +49 30 901820 [EMAIL_")


@pytest.mark.parametrize(
    "piece",
    [
        *("1 ", "+1 212 ", "password is ", "password ", "a@", "a.a-", "<", "DE89 A1 ", "-----BEGIN ", "://a:", "x@a-"),
        *("1.2.3.", "ab:", "https://x/?a ", "(1) ", "token=", "<@U1|", "[EMAIL_", "4111 ", "a@b.com 1 ", "0-", '"a" '),
        *("www.a.b/", "phone 030 901820 ", "order 030 901820 a@b.com ", "Uma ", "1/1/", "_1.pdf ", "::"),
    ],
)
def test_a_hostile_text_of_the_longest_kind_is_done_in_seconds(piece: str) -> None:
    text = (piece * 40_000)[:40_000]
    began = time.process_time()
    REDACTOR.redact(text)
    assert time.process_time() - began < 10
