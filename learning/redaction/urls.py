"""Addresses of pages: scheme, host and path say what is talked about; the user part, the query and values behind a `#`
may say who. What is kept stays a well-formed address.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from learning.redaction.details import Detail, DetailKind

_URL = re.compile(
    r"""(?:
        (?<![A-Za-z0-9+.-])(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{1,20}://)
      | (?<![\w@/.-])(?=[^\s/]{1,255}/[^\s?]{0,1000}\?[^\s=]{1,200}=|www\.)
        (?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?=[/?#])
    )(?P<rest>[^\s<>|"\0]*)""",
    re.VERBOSE,
)
#: 'user:password@', also where the password holds a slash.
_USER = re.compile(r"[^\s/?#@]*@|[^\s/?#@:]+:(?!\d+(?:/|$))[^\s@]+@")
_QUERY = re.compile(r"[?](?P<query>[^#]+)|#(?P<values>[^#]*[=&@][^#]*)$")
#: Signs at the end belong to the sentence.
_TRAILING = re.compile(r"[.,;:!?)\]}'*_~`’”»]+$")
_NUMBER_PAGE = re.compile(r"(?:wa\.me|api\.whatsapp\.com|t\.me)/\+?(?P<number>\d{7,15})(?!\w)")


@dataclass(frozen=True)
class Url:
    """One address in a text, and the parts of it that may say who."""

    start: int
    end: int
    parts: tuple[Detail, ...]


def urls(text: str) -> Iterator[Url]:
    """Every address in a text, in order."""
    if "://" not in text and "?" not in text and "www." not in text and ".me/" not in text:
        return
    for match in _URL.finditer(text):
        end = match.end() - len((_TRAILING.search(match["rest"]) or [""])[0])
        yield Url(match.start(), end, tuple(_parts(text, match.start("rest"), end, has_scheme=bool(match["scheme"]))))


def _parts(text: str, start: int, end: int, *, has_scheme: bool) -> Iterator[Detail]:
    user = _USER.match(text, start, end) if has_scheme else None
    if user is not None and len(user[0]) > 1:
        start = user.end()
        yield _detail(DetailKind.SECRET, text, user.start(), start - 1)
    number = _NUMBER_PAGE.match(text, start, end)
    if number is not None:
        yield Detail(DetailKind.PHONE, *number.span("number"), number["number"], f"+{number['number']}")
    for found in _QUERY.finditer(text, start, end):
        yield _detail(DetailKind.QUERY, text, *found.span(found.lastgroup or 0))


def _detail(kind: DetailKind, text: str, start: int, end: int) -> Detail:
    return Detail(kind, start, end, text[start:end], text[start:end])
