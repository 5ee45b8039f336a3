"""Runs of digits as people write them: in groups, with the separators of cards, phones and numbers of the state."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

#: White space, narrow and hard included, and the hyphens and dashes that stand between groups: insides of a class.
SPACES = " \t\u00a0\u2007\u2009\u202f"
DASHES = r"\-\u2010-\u2013"
_GROUP = re.compile(r"\d+")


@dataclass(frozen=True)
class Group:
    """Digits without anything between them."""

    start: int
    end: int
    digits: str


def ascii_digits(text: str) -> str:
    """The digits of a text in their ASCII form, whatever script they are written in."""
    if text.isascii():
        return "".join(filter(str.isdigit, text))
    return "".join(str(unicodedata.decimal(one)) for one in text if one.isdecimal())


def groups(text: str, start: int, end: int) -> list[Group]:
    """The groups of digits from `start` up to and without `end`."""
    return [Group(*match.span(), ascii_digits(match[0])) for match in _GROUP.finditer(text, start, end)]


def stretches(found: list[Group], *, longest: int, most: int) -> Iterator[tuple[list[Group], bool]]:
    """Every stretch of neighbouring groups, from each group on the longest first, and whether it is all of them.

    Args:
        longest: digits that a stretch may have.
        most: groups that a stretch may have.
    """
    for first in range(len(found)):
        for last in range(min(len(found), first + most), first, -1):
            stretch = found[first:last]
            if sum(len(group.digits) for group in stretch) <= longest:
                yield stretch, len(stretch) == len(found)
