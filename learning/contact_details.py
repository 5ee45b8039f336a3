"""Where a text holds contact details and secrets: pure, by patterns with check digits and numbering plans.

What is covered: e-mail addresses, phone numbers, payment cards, IBANs, IP addresses, and the usual keys, tokens and
passwords. What is not: names, streets and organisations; they need a model or the workspace's own list of people.
Dates, times, version numbers, message timestamps and order numbers are left alone.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from stdnum import iban, luhn

#: Countries whose national spellings are understood; numbers with a + are understood everywhere.
DEFAULT_REGIONS: tuple[str, ...] = ("US", "GB", "DE")


class DetailKind(StrEnum):
    """What a found detail is; the value is the word in its placeholder."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"
    CARD = "CARD"
    IBAN = "IBAN"
    IP = "IP"
    SECRET = "SECRET"


@dataclass(frozen=True)
class ContactDetail:
    """One detail found in a text."""

    kind: DetailKind
    #: Characters from `start` up to and without `end`.
    start: int
    end: int
    text: str
    #: The same for every spelling of the same detail.
    canonical: str


_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%'-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,24}(?![\w-])")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", re.DOTALL
)
_TOKEN = re.compile(
    r"""(?<![A-Za-z0-9])(?:
        xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}      # Slack tokens
      | xapp-[A-Za-z0-9-]{8,}
      | (?:sk|pk|rk)[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9_-]{16,}   # OpenAI, Stripe and their likes
      | (?:AKIA|ASIA)[A-Z0-9]{16}                     # AWS access keys
      | gh[pousr]_[A-Za-z0-9]{20,} | github_pat_[A-Za-z0-9_]{20,}
      | glpat-[A-Za-z0-9_-]{16,}
      | AIza[A-Za-z0-9_-]{30,}                        # Google API keys
      | eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?   # JSON web tokens
      | npm_[A-Za-z0-9]{30,} | pypi-[A-Za-z0-9_-]{30,} | hf_[A-Za-z0-9]{20,}
    )""",
    re.VERBOSE,
)
_BEARER = re.compile(r"\bbearer\s+(?P<value>[A-Za-z0-9._~+/-]{12,}=*)", re.IGNORECASE)
_URL_USER = re.compile(r"(?<=://)(?P<value>[^\s/@:]+:[^\s/@]+)(?=@)")
_PASSWORD = re.compile(
    r"""\b(?:pass(?:word|wort|phrase|code)?|pwd|kennwort|api[ _-]?key|secret(?:[ _-]key)?|access[ _-]?token|pin)
        (?:\s+(?:for|to|of)\s+\S+(?:\s+\S+){0,3}?)?
        (?:\s*[:=]\s*|\s+(?:is|was|ist|lautet)(?:\s*:)?\s+)
        (?:(?P<quote>["'`“])(?P<quoted>[^"'`“”\n]{1,200})["'`”]|(?P<value>[^\s"'`“”]+))""",
    re.IGNORECASE | re.VERBOSE,
)
#: What follows 'password is' in ordinary sentences and is no password.
_PLAIN_WORD = re.compile(
    r"""a|an|the|my|your|our|not|no|too|very|so|wrong|invalid|incorrect|expired|correct|required|reset|changed|needed|
    weak|strong|being|been|still|now|also|only|case|what|where|how|that|this|it|in|on|at|to|by|for|lost|forgotten|
    blocked|locked|stored|saved|sent|shown|empty|missing|unknown|rejected|accepted|asked|set|there|here|always|never|
    ok|okay|fine|valid|old|new|longer|shorter|mandatory|optional|different|same|unchanged|updated|gone""",
    re.IGNORECASE | re.VERBOSE,
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![A-Za-z0-9])", re.IGNORECASE)
#: Digits of a card number, at most.
_LONGEST_CARD = 19
#: Digits in groups; which of the groups make a card number is tried.
_DIGIT_GROUPS = re.compile(r"(?<![\d.,/])\d+(?:[ -]\d+)*(?![\d/]|[.,]\d)")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{6,39}(?![\w:])")
_VERSION_BEFORE = re.compile(
    r"(?:\bv|\bversion|\brelease|\bbuild|\bfirmware|\bsection|\bchapter)[\s.:]*$", re.IGNORECASE
)
_ORDER_BEFORE = re.compile(
    r"(?:#|\b(?:order|invoice|ticket|case|booking|tracking|reference|ref|customer|account|serial|item|article|sku|"
    r"id|no|nr|number|build|version|isbn|po|rma)(?:\s+(?:number|no|nr|id|is|was))*)[\s.:#=-]*$",
    re.IGNORECASE,
)
_PHONE_BEFORE = re.compile(
    r"\b(?:tel|telephone|telefon|phone|mobile|mobil|cell|fax|call|dial|ring|reach|sms|text|whatsapp|signal|handy)"
    r"(?:\s+(?:me|us|him|her|them|number|no|nr|is|at|on|under))*[\s.:]*$",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{10}\.\d{6}|\d{4}\s*[-–]\s*\d{4}(?!\d)"
)


def contact_details(text: str, regions: tuple[str, ...] = DEFAULT_REGIONS) -> tuple[ContactDetail, ...]:
    """Every contact detail and secret in a text, in order, never overlapping.

    Args:
        text: plain text; of two findings that overlap, the kind that is surer by nature stays.
        regions: countries (ISO 3166, two letters) whose national phone numbers are understood.
    """
    found: list[ContactDetail] = []
    finders: tuple[Callable[[str], Iterator[ContactDetail]], ...] = (
        _secrets,
        _emails,
        _ibans,
        _cards,
        _addresses,
        lambda given: _phones(given, regions),
    )
    for finder in finders:
        for detail in finder(text):
            if all(detail.end <= other.start or other.end <= detail.start for other in found):
                found.append(detail)
    return tuple(sorted(found, key=lambda detail: detail.start))


def _detail(kind: DetailKind, match: re.Match[str], canonical: str, group: int | str = 0) -> ContactDetail:
    return ContactDetail(kind, match.start(group), match.end(group), match.group(group), canonical)


def _secrets(text: str) -> Iterator[ContactDetail]:
    for match in _PRIVATE_KEY.finditer(text):
        yield _detail(DetailKind.SECRET, match, match.group())
    for match in _TOKEN.finditer(text):
        yield _detail(DetailKind.SECRET, match, match.group())
    for pattern in (_BEARER, _URL_USER):
        for match in pattern.finditer(text):
            yield _detail(DetailKind.SECRET, match, match.group("value"), "value")
    for match in _PASSWORD.finditer(text):
        if match.group("quoted"):
            yield _detail(DetailKind.SECRET, match, match.group("quoted"), "quoted")
            continue
        value = match.group("value").rstrip(".,;!?)")
        if value and not value.startswith("[") and not _PLAIN_WORD.fullmatch(value):
            start = match.start("value")
            yield ContactDetail(DetailKind.SECRET, start, start + len(value), value, value)


def _emails(text: str) -> Iterator[ContactDetail]:
    for match in _EMAIL.finditer(text):
        yield _detail(DetailKind.EMAIL, match, match.group().lower())


def _ibans(text: str) -> Iterator[ContactDetail]:
    for match in _IBAN.finditer(text):
        # What follows in the sentence may look like more of it: the longest part that checks is the number.
        end = match.end()
        while end - match.start() >= 15:
            part = text[match.start() : end]
            compact = re.sub(r"[ -]", "", part).upper()
            if part[-1].isalnum() and iban.is_valid(compact):
                yield ContactDetail(DetailKind.IBAN, match.start(), end, part, compact)
                break
            end -= 1


def _cards(text: str) -> Iterator[ContactDetail]:
    for run in _DIGIT_GROUPS.finditer(text):
        groups = list(re.finditer(r"\d+", run.group()))
        first = 0
        while first < len(groups):
            # The longest run of whole groups that checks; other numbers may stand before and after.
            for last in range(min(len(groups), first + _LONGEST_CARD), first, -1):
                digits = "".join(group.group() for group in groups[first:last])
                if _is_card(digits):
                    start, end = run.start() + groups[first].start(), run.start() + groups[last - 1].end()
                    yield ContactDetail(DetailKind.CARD, start, end, text[start:end], digits)
                    first = last - 1
                    break
            first += 1


def _is_card(digits: str) -> bool:
    # 2 to 6 are the networks' first digits; check digits alone let one number in ten pass.
    return (
        13 <= len(digits) <= _LONGEST_CARD and digits[0] in "23456" and len(set(digits)) > 1 and luhn.is_valid(digits)
    )


def _addresses(text: str) -> Iterator[ContactDetail]:
    for match in _IPV4.finditer(text):
        if _VERSION_BEFORE.search(text[: match.start()][-40:]):
            continue
        yield from _address(match)
    for match in _IPV6.finditer(text):
        groups = [group for group in match.group().split(":") if group]
        if len(groups) >= 3 and any(character.isdigit() for character in match.group()):
            yield from _address(match)


def _address(match: re.Match[str]) -> Iterator[ContactDetail]:
    try:
        address = ipaddress.ip_address(match.group())
    except ValueError:
        return
    # Loopback and 'any' stand in every manual and say nothing about anyone.
    if not (address.is_loopback or address.is_unspecified):
        yield _detail(DetailKind.IP, match, address.compressed)


def _phones(text: str, regions: tuple[str, ...]) -> Iterator[ContactDetail]:
    if sum(character.isdigit() for character in text) < 7:
        return
    seen: set[tuple[int, int]] = set()
    for region in (None, *regions):
        matcher = phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.VALID)
        for match in matcher:
            if (match.start, match.end) in seen or not _is_phone(text, match.start, match.end):
                continue
            seen.add((match.start, match.end))
            canonical = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
            yield ContactDetail(DetailKind.PHONE, match.start, match.end, match.raw_string, canonical)


def _is_phone(text: str, start: int, end: int) -> bool:
    """Whether what fits a numbering plan is also written as a phone number, not as a date or an order number."""
    raw, before = text[start:end], text[max(0, start - 40) : start]
    if "+" in raw or raw.startswith("00"):
        return True
    if _PHONE_BEFORE.search(before):
        return True
    around = text[max(0, start - 8) : end + 8]
    dated = any(
        found.start() < end - max(0, start - 8) and found.end() > min(start, 8) for found in _DATE.finditer(around)
    )
    if dated or _ORDER_BEFORE.search(before):
        return False
    # Bare digits could be anything; a number written for people has groups and begins as numbers do.
    groups = re.findall(r"\d+", raw)
    return len(groups) >= 2 and (raw.startswith(("0", "(")) or len(groups) >= 3)
