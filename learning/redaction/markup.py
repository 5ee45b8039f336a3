"""Chat mark-up in a text: `<@U…>`, `<#C…|name>`, `<!here>`, `<mailto:…|…>`, `<https://…|…>`.

A mention of somebody is a detail as a whole. Of everything else the signs stay where they are, so that what is left is
well-formed, and only the words that people read are looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from learning.redaction import emails, phones
from learning.redaction.details import Detail, DetailKind

_TOKEN = re.compile(r"<(?P<target>(?:[@#!]|[A-Za-z][A-Za-z0-9+.-]{1,20}:)[^<>|\n]*)(?:\|(?P<label>[^<>]*))?>")
#: A user's id where it stands alone: U or W, then a digit, or a digit that is not merely the end of a word.
_BARE_ID = re.compile(r"(?<![A-Za-z0-9])[UW](?=\d|[A-Z0-9]{1,11}\d[A-Z0-9]{0,11}[A-Z])[A-Z0-9]{8,12}(?![A-Za-z0-9])")
_MENTIONS = {"@": DetailKind.PERSON, "#": DetailKind.CHANNEL, "!subteam^": DetailKind.GROUP}


@dataclass(frozen=True)
class Token:
    """One piece of mark-up."""

    start: int
    end: int
    #: What the whole of it names; None where it stays.
    detail: Detail | None
    #: From where to where people read it; empty where they do not.
    label: tuple[int, int]
    #: From where to where its address stands; empty where it has none.
    url: tuple[int, int]


def tokens(text: str, regions: tuple[str, ...]) -> Iterator[Token]:
    """Every piece of mark-up in a text, in order.

    Args:
        regions: countries whose national phone numbers are understood.
    """
    if "<" not in text:
        return
    for match in _TOKEN.finditer(text):
        label = match.span("label") if match["label"] else (0, 0)
        url = match.span("target") if "://" in match["target"] else (0, 0)
        yield Token(*match.span(), _named(match, regions), label, url)


def bare_ids(text: str) -> Iterator[Detail]:
    """The ids of users that stand in a text without mark-up."""
    for match in _BARE_ID.finditer(text):
        yield Detail(DetailKind.PERSON, *match.span(), match[0], match[0])


def _named(match: re.Match[str], regions: tuple[str, ...]) -> Detail | None:
    target = match["target"]
    for sign, kind in _MENTIONS.items():
        if target.startswith(sign):
            return Detail(kind, *match.span(), match[0], target.removeprefix(sign))
    scheme, _, rest = target.partition(":")
    if scheme.lower() == "mailto":
        address = rest.partition("?")[0]
        return Detail(DetailKind.EMAIL, *match.span(), match[0], emails.canonical(address))
    if scheme.lower() in ("tel", "sms", "callto", "facetime"):
        return Detail(DetailKind.PHONE, *match.span(), match[0], phones.canonical(rest, regions))
    return None
