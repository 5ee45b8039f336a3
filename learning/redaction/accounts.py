"""Bank accounts: IBANs, by their check digits and their country's length (ISO 13616)."""

import re
from collections.abc import Iterator
from functools import cache

from learning.redaction.context import said_before
from learning.redaction.details import Detail, DetailKind
from learning.redaction.digits import DASHES, SPACES

_CANDIDATE = re.compile(
    rf"(?<![A-Za-z0-9])[A-Z]{{2}}[{SPACES}]?\d{{2}}(?:[{SPACES}{DASHES}.]?[A-Z0-9]){{11,30}}(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_SHORTEST = 15
#: Letters stand for the bank at most; words of a sentence have none of these.
_FEWEST_DIGITS = 8
_SEPARATORS = re.compile(rf"[{SPACES}{DASHES}.]")
_NAMES = frozenset({"iban"})
_GROUP = re.compile(r"[A-Za-z0-9]+")


class Ibans:
    """Finds IBANs, in one piece or in groups."""

    def find(self, text: str) -> Iterator[Detail]:
        """Every IBAN; the canonical form is without separators, in capitals."""
        for match in _CANDIDATE.finditer(text):
            end = _end(text, match.start(), match.end())
            if end is not None:
                shown = text[match.start() : end]
                yield Detail(DetailKind.IBAN, match.start(), end, shown, _compact(shown))


def _end(text: str, start: int, end: int) -> int | None:
    """Where the longest part ends that checks: the words after it may look like more of it."""
    ends = [group.end() for group in _GROUP.finditer(text, start, end)]
    ends = [last for last in reversed(ends) if _is_printed(text[start:last])]
    whole = next((last for last in ends if _checks(_compact(text[start:last]))), None)
    if whole is None and said_before(text, start, _NAMES):
        # What is called an IBAN and has the form of one is one, if mistyped.
        return next((last for last in ends if _has_form(_compact(text[start:last]))), None)
    return whole


def _is_printed(shown: str) -> bool:
    """Whether it is written as IBANs are: in capitals, or in small letters without a gap or in groups of four."""
    lengths = [len(group) for group in _GROUP.findall(shown)]
    return sum(lengths) >= _SHORTEST and (shown.isupper() or all(length == 4 for length in lengths[:-1]))


def _checks(number: str) -> bool:
    from stdnum.iso7064 import mod_97_10

    # The length and the bank's own check digits inside are not asked for: countries change them, people leave some out.
    enough = sum(map(str.isdigit, number)) >= _FEWEST_DIGITS
    return enough and _has_ibans(number[:2]) and bool(mod_97_10.is_valid(number[4:] + number[:4]))


def _has_form(number: str) -> bool:
    from stdnum import iban

    return bool(iban.is_valid(f"{number[:2]}{iban.calc_check_digits(number)}{number[4:]}", check_country=False))


@cache
def _has_ibans(country: str) -> bool:
    from stdnum import numdb

    return bool(numdb.get("iban").info(country)[0][1])


def _compact(shown: str) -> str:
    return _SEPARATORS.sub("", shown).upper()
