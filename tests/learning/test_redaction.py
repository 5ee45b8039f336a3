"""Redaction by example: what must go goes, what only looks like it stays, and mark-up stays well-formed."""

import re

import pytest

from learning.redaction import DetailKind, Redactor, contact_details

REDACTOR = Redactor(b"k" * 32)
_PLACEHOLDER = re.compile(r"\[[A-Z]+_[0-9a-f]{12}\]")

_ADDRESSES = [
    ("write to Jane.Doe+test@mail.example.co.uk.", DetailKind.EMAIL, "Jane.Doe+test@mail.example.co.uk"),
    ("(jane@example.com)", DetailKind.EMAIL, "jane@example.com"),
    ("müller@bücher.example", DetailKind.EMAIL, "müller@bücher.example"),
    ("email=o.hara@xn--bcher-kva.example;", DetailKind.EMAIL, "o.hara@xn--bcher-kva.example"),
    ("jane.doe (at) example (dot) com is mine", DetailKind.EMAIL, "jane.doe (at) example (dot) com"),
    ("from 203.0.113.7 at night", DetailKind.IP, "203.0.113.7"),
    ("server 203.0.113.7:8080 is down", DetailKind.IP, "203.0.113.7"),
    ("from 2001:db8::8a2e:370:7334", DetailKind.IP, "2001:db8::8a2e:370:7334"),
    ("IPv6:2001:db8:0:1:2:3:4:5 it is", DetailKind.IP, "2001:db8:0:1:2:3:4:5"),
    ("port 00:1B:44:11:3A:B7 is blocked", DetailKind.MAC, "00:1B:44:11:3A:B7"),
    ("port 00-1b-44-11-3a-b7 is blocked", DetailKind.MAC, "00-1b-44-11-3a-b7"),
    ("port 001b.4411.3ab7 is blocked", DetailKind.MAC, "001b.4411.3ab7"),
    ("its MAC is 001b44113ab7", DetailKind.MAC, "001b44113ab7"),
]
_PHONES = [
    ("call +49 30 901820 today", DetailKind.PHONE, "+49 30 901820"),
    ("(+49 (0)30 901820)", DetailKind.PHONE, "+49 (0)30 901820"),
    ("0049 30 901820 it is", DetailKind.PHONE, "0049 30 901820"),
    ("call +1-212-456-7890", DetailKind.PHONE, "+1-212-456-7890"),
    ("ring (212) 456-7890", DetailKind.PHONE, "(212) 456-7890"),
    ("it is 212.456.7890x123 now", DetailKind.PHONE, "212.456.7890x123"),
    ("mine: 030 901820", DetailKind.PHONE, "030 901820"),
    ("my phone is 2124567890", DetailKind.PHONE, "2124567890"),
    ("my number is 2124567890", DetailKind.PHONE, "2124567890"),
    ("2124567890 is my mobile", DetailKind.PHONE, "2124567890"),
    ("Phone:\n467 3395\n\nOrder: none", DetailKind.PHONE, "467 3395"),
    ("Sam Lee\nAcme\n98 76 54 32\nsam", DetailKind.PHONE, "98 76 54 32"),
    ("Bethesda, MD 20892-0655 301-496-5248", DetailKind.PHONE, "301-496-5248"),
    ("123 45 67 office, none at home", DetailKind.PHONE, "123 45 67"),
    ("about order 17 you can text me on 9469 9966", DetailKind.PHONE, "9469 9966"),
    ("téléphone 06 12 34 56 78", DetailKind.PHONE, "06 12 34 56 78"),
    ("call ٠٣٠ ٩٠١٨٢٠ today", DetailKind.PHONE, "٠٣٠ ٩٠١٨٢٠"),
    ("https://wa.me/4930901820 works", DetailKind.PHONE, "4930901820"),
]
_MONEY = [
    ("card 4111 1111 1111 1111 please", DetailKind.CARD, "4111 1111 1111 1111"),
    ("5500-0000-0000-0004", DetailKind.CARD, "5500-0000-0000-0004"),
    ("378282246310005.", DetailKind.CARD, "378282246310005"),
    ("3782 822463 10005 was charged twice", DetailKind.CARD, "3782 822463 10005"),
    ("4111 1111 1111 1111 12/26", DetailKind.CARD, "4111 1111 1111 1111"),
    ("card number 4111 1111 1111 1112 (mistyped)", DetailKind.CARD, "4111 1111 1111 1112"),
    ("my debit card 630427373398", DetailKind.CARD, "630427373398"),
    ("IBAN DE89 3704 0044 0532 0130 00 is mine", DetailKind.IBAN, "DE89 3704 0044 0532 0130 00"),
    ("gb82west12345698765432", DetailKind.IBAN, "gb82west12345698765432"),
    ("IBAN: DE88 3704 0044 0532 0130 00 (mistyped)", DetailKind.IBAN, "DE88 3704 0044 0532 0130 00"),
]
_NUMBERS_OF_STATES = [
    ("it is 536-22-8741, please check", DetailKind.SSN, "536-22-8741"),
    ("SSN 536228741", DetailKind.SSN, "536228741"),
    ("my social security number is 536 22 8741", DetailKind.SSN, "536 22 8741"),
    ("Steuer-ID 36574261809", DetailKind.ID, "36574261809"),
    ("NINO AB 12 34 56 C", DetailKind.ID, "AB 12 34 56 C"),
    ("NHS number 943 476 5919", DetailKind.ID, "943 476 5919"),
    ("mon numéro 2 95 10 99 126 111 93", DetailKind.ID, "2 95 10 99 126 111 93"),
    ("DNI 54362315-K", DetailKind.ID, "54362315-K"),
    ("codice fiscale RCCMNL83S18D969H", DetailKind.ID, "RCCMNL83S18D969H"),
    ("BSN 111222333", DetailKind.ID, "111222333"),
    ("CPF 390.533.447-05", DetailKind.ID, "390.533.447-05"),
    ("PESEL 44051401359", DetailKind.ID, "44051401359"),
    ("AHV 756.9217.0769.85", DetailKind.ID, "756.9217.0769.85"),
    ("passport no. C01X00T47", DetailKind.ID, "C01X00T47"),
    ("my driver's license number is 2270-66-1551", DetailKind.ID, "2270-66-1551"),
]
_SECRETS = [
    ("xoxb-" + "123456789012-abcdEFGH", DetailKind.SECRET, "xoxb-123456789012-abcdEFGH"),
    ("xapp-" + "1-A0123-456-abcdef", DetailKind.SECRET, "xapp-1-A0123-456-abcdef"),
    ("key sk-" + "proj-abcdefghijklmnop1234", DetailKind.SECRET, "sk-proj-abcdefghijklmnop1234"),
    ("AKIA" + "IOSFODNN7EXAMPLE", DetailKind.SECRET, "AKIAIOSFODNN7EXAMPLE"),
    ("ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789", DetailKind.SECRET, "ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
    ("with sk_" + "live_abcdefghij0123456789", DetailKind.SECRET, "sk_live_abcdefghij0123456789"),
    (
        "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY----- done",
        DetailKind.SECRET,
        "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----",
    ),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-def", DetailKind.SECRET, None),
    ("https://hooks.slack.com/services/" + "T000/B000/XXXXXXXX", DetailKind.SECRET, "services/T000/B000/XXXXXXXX"),
    ("Authorization: Bearer abcdef123456789", DetailKind.SECRET, "abcdef123456789"),
    ("my password is hunter2, thanks", DetailKind.SECRET, "hunter2"),
    ("my password is tulip", DetailKind.SECRET, "tulip"),
    ("Passwort: Geheim!1", DetailKind.SECRET, "Geheim!1"),
    ("*Password:* Geheim!1", DetailKind.SECRET, "Geheim!1"),
    ("mot de passe : Tournesol7", DetailKind.SECRET, "Tournesol7"),
    ("the password for the vpn is S3cret!x", DetailKind.SECRET, "S3cret!x"),
    ('password: "correct horse battery"', DetailKind.SECRET, "correct horse battery"),
    ('{"client_secret": "abc123def"}', DetailKind.SECRET, "abc123def"),
    ("api_key=abc123def", DetailKind.SECRET, "abc123def"),
    ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG", DetailKind.SECRET, "wJalrXUtnFEMI/K7MDENG"),
    ("the PIN is 4931", DetailKind.SECRET, "4931"),
    ("cvv 123 on the back", DetailKind.SECRET, "123"),
    ("your verification code: 493021", DetailKind.SECRET, "493021"),
    ("postgres://bob:geheim@db.internal/x", DetailKind.SECRET, "bob:geheim"),
]


@pytest.mark.parametrize(("text", "kind", "found"), [*_ADDRESSES, *_PHONES, *_MONEY, *_NUMBERS_OF_STATES, *_SECRETS])
def test_what_must_go_goes(text: str, kind: DetailKind, found: str | None) -> None:
    found = found or text
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
        "call me on 20.11.2026 at 10:30 or between 2024-11-20 and 2024-11-22",
        "from 1596–1619, and 20 11 2026",
        "thread 1700000000.000100 has it, epoch 1700000000",
        "order 2124567890, invoice #4155552671, ticket no. 030 901820",
        "order no. 415-555-2671 and ticket 415-555-2671",
        "Bestellnummer 030 901820, Kundennummer 12345678",
        "tracking number 1Z999AA10123456784",
        "order 1234 5678 9012 3456",
        "order 732201349959 and item 123-4567890-1234567",
        "550e8400-e29b-41d4-a716-446655440000",
        "commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "ISBN 978-3-16-148410-0",
        "firmware version 1.2.3.4 listens on 127.0.0.1 and 0.0.0.0, mask 255.255.255.0",
        "v10.0.19045.3448 and release 4.8.15.16",
        "std::vector, 10:30:00 and dead::beef",
        "backup at 20-11-26-10-30-00",
        "see IMG_20261120_103000.jpg, scan-4155552671.pdf and logo@2x.png",
        "git clone git@github.example:acme/site.git",
        "The password is required and your password was changed.",
        "Is the password too short? A password is not needed.",
        "The page for a new password is https://id.example/",
        "Your token is expired; token: expired. The secret is out.",
        "The disorder is passed on because they are carriers",
        "password: ******** and <your password>, password=$PASSWORD",
        "a @ b, @channel, user@localhost",
        "about 1,250,000 rows in 3.5 seconds, 1 234 567 EUR and $4155552671",
        "we reach 1 000 000 users, up 12 % on 415 000 000",
        "WINDOWS10 and UPGRADE, WINDOWS11",
        "the PIN is always four digits",
        "sk-learn and pk-fire are libraries",
        "Room 12, 3rd floor, Springfield, IL 62704-1234",
        "[    0.252532] ACPI: 0.17029-2, 0.99.30-4.1 and 156.0.8078.108-1",
        "it is drawn at 0 1 56 778 or 0 595 842",
        "api_key=settings.model_api_key, token = plain(token[0])",
        "ORD-4155552671 and INV-030-901820",
        "IT24 HOURS SUPPORT LINE IS OPEN, DE12 as well",
        "52.5200, 13.4050 are coordinates",
        "1 2 3 4 5 6 7 8 9 10",
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
        ("<!date^1700000000^{date_num}|2026-11-20>", r"<!date\^1700000000\^\{date_num\}\|2026-11-20>"),
        ("<mailto:a@b.com|a@b.com> is A@B.com", r"\[EMAIL_x\] is \[EMAIL_x\]"),
        ("<tel:+4930901820|030 901820>", r"\[PHONE_x\]"),
        (
            "<https://x.example/a?user=bob@x.example#f|the page>",
            r"<https://x\.example/a\?\[QUERY_x\]#f\|the page>",
        ),
        (
            "<https://bob:pw@x.example/a|mail a@b.com>",
            r"<https://\[SECRET_x\]@x\.example/a\|mail \[EMAIL_x\]>",
        ),
        ("(see https://x.example/reset?token=abc).", r"\(see https://x\.example/reset\?\[QUERY_x\]\)\."),
        ("https://x.example/a#access_token=abc", r"https://x\.example/a#\[QUERY_x\]"),
        ("www.x.example/?q=me and http://203.0.113.7/a", r"www\.x\.example/\?\[QUERY_x\] and http://\[IP_x\]/a"),
        ("https://x.example/archives/C0/p4155552671000100", r"https://x\.example/archives/C0/p4155552671000100"),
        ("if a < b and c > d then <b>bold</b>", r"if a < b and c > d then <b>bold</b>"),
    ],
)
def test_mark_up_and_addresses_are_read_first(text: str, shape: str) -> None:
    assert re.fullmatch(shape, re.sub(r"_[0-9a-f]{12}\]", "_x]", REDACTOR.redact(text)))


def test_the_same_detail_gives_the_same_placeholder_and_another_key_another_one() -> None:
    texts = ("+49 30 901820", "call 030 901820", "<tel:+4930901820>", "0049-30-901820 ext. 12", "+49 (0)30/901820")
    placeholders = {_PLACEHOLDER.search(REDACTOR.redact(text)).group() for text in texts}
    assert len(placeholders) == 1
    assert Redactor(b"o" * 32).redact("a@b.com") != REDACTOR.redact("a@b.com")
    assert REDACTOR.redact("a@b.com") == REDACTOR.redact("A@B.COM") != REDACTOR.redact("c@b.com")


def test_what_was_found_once_goes_wherever_it_stands() -> None:
    redacted = REDACTOR.redact("My password is tulip. I typed tulip, Tulips grow; order 4155552671, phone 4155552671.")
    assert "tulip" not in redacted and "4155552671" not in redacted
    assert "Tulips grow" in redacted


def test_the_order_of_countries_says_whose_number_it_is() -> None:
    german, british = (Redactor(b"k" * 32, regions=(one,)).redact("mine: 020 7946 0018") for one in ("DE", "GB"))
    assert british == Redactor(b"k" * 32).redact("mine: +44 20 7946 0018")
    assert german != british


@pytest.mark.parametrize(
    "inside",
    [
        "MIIB\n<@U024BE7LH> MIIC",
        "MIIB <https://keys.example/?a=b|MIIC> MIID",
        "MIIB <mailto:x@y.example|MIIC>",
        "<!here> MIIB",
    ],
)
def test_a_mention_inside_a_private_key_hides_nothing_of_it(inside: str) -> None:
    text = f"look:\n-----BEGIN PRIVATE KEY-----\n{inside}\n-----END PRIVATE KEY----- done"
    redacted = REDACTOR.redaction(text)
    assert re.fullmatch(r"look:\n\[SECRET_[0-9a-f]{12}\] done", redacted.text)
    assert [text[one.start : one.end] for one in redacted.spans] == [text[6:-5]]
    assert REDACTOR.redact(redacted.text) == redacted.text


def test_a_private_key_that_begins_inside_a_link_takes_the_link_with_it() -> None:
    text = "see <https://x.example|-----BEGIN PRIVATE KEY----- MIIB> MIIC -----END PRIVATE KEY----- there"
    assert re.fullmatch(r"see \[SECRET_[0-9a-f]{12}\] there", REDACTOR.redact(text))
