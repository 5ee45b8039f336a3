"""Payment cards: the networks' first digits and lengths, the check digit, and how cards are printed.

The first digits are those that ISO/IEC 7812 gives to the networks, as each network publishes them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from learning.redaction.context import Topic, topic
from learning.redaction.details import Detail, DetailKind
from learning.redaction.digits import DASHES, SPACES, Group, groups, stretches

_LONGEST = 19
_SHORTEST = 12
_RUN = re.compile(
    rf"(?<![\w.,/@+])(?<!\d-)\d+(?:(?:[{SPACES}]|[{SPACES}]?[{DASHES}][{SPACES}]?|(?<=\d{{4}})\.(?=\d{{4}}))\d+)*+"
)
#: What goes on in a word, a fraction or a date behind it is no card.
_GOES_ON = re.compile(r"[^\W\d]|/|@|[.,]\d")


@dataclass(frozen=True)
class _Network:
    """Numbers that one network gives out."""

    #: First digits from and to, both included and of one length.
    first: str
    last: str
    lengths: range

    def has(self, digits: str) -> bool:
        return len(digits) in self.lengths and self.first <= digits[: len(self.first)] <= self.last


def _lengths(shortest: int, longest: int | None = None) -> range:
    return range(shortest, (longest or shortest) + 1)


_NETWORKS = (
    _Network("4", "4", range(13, 20, 3)),  # Visa: 13, 16 or 19 digits
    _Network("51", "55", _lengths(16)),  # Mastercard
    _Network("2221", "2720", _lengths(16)),
    _Network("34", "34", _lengths(15)),  # American Express
    _Network("37", "37", _lengths(15)),
    _Network("300", "305", _lengths(14, 19)),  # Diners Club
    _Network("3095", "3095", _lengths(14, 19)),
    _Network("36", "36", _lengths(14, 19)),
    _Network("38", "39", _lengths(14, 19)),
    _Network("3528", "3589", _lengths(16, 19)),  # JCB
    _Network("1800", "1800", _lengths(15)),
    _Network("2131", "2131", _lengths(15)),
    _Network("6011", "6011", _lengths(16, 19)),  # Discover
    _Network("644", "659", _lengths(16, 19)),
    _Network("62", "62", _lengths(16, 19)),  # UnionPay
    _Network("81", "82", _lengths(16, 19)),  # UnionPay and RuPay
    _Network("60", "60", _lengths(16)),  # RuPay
    _Network("2200", "2204", _lengths(16, 19)),  # Mir
    _Network("50", "50", _lengths(12, 19)),  # Maestro
    _Network("56", "59", _lengths(12, 19)),
    _Network("63", "63", _lengths(12, 19)),
    _Network("67", "67", _lengths(12, 19)),
    _Network("9792", "9792", _lengths(16)),  # Troy
)
#: Digits of nearly every card in use; a number of another length is a card only where nothing says otherwise.
_USUAL = (15, 16)
#: The first digits that ISO/IEC 7812 keeps for banks and travel.
_FINANCIAL = "3456"
_SAID_OTHERWISE = (Topic.OTHER, Topic.PHONE, Topic.ACCOUNT, Topic.VERSION)


class Cards:
    """Finds the numbers of payment cards."""

    def find(self, text: str) -> Iterator[Detail]:
        """Every card number; the canonical form is its digits."""
        for run in _RUN.finditer(text):
            found = groups(text, *run.span())
            if sum(len(group.digits) for group in found) >= _SHORTEST:
                yield from _in_run(text, found)


def _in_run(text: str, found: list[Group]) -> Iterator[Detail]:
    done = 0
    for stretch, _ in stretches(found, longest=_LONGEST, most=7):
        start, end = stretch[0].start, stretch[-1].end
        digits = "".join(group.digits for group in stretch)
        if start < done or len(digits) < _SHORTEST or not _printed(stretch) or _GOES_ON.match(text, end):
            continue
        if _is_card(text, start, end, digits):
            yield Detail(DetailKind.CARD, start, end, text[start:end], digits)
            done = end


def _printed(stretch: list[Group]) -> bool:
    """Whether the groups are those of a card: none, fours with a rest, 4-6-5 or 4-6-4."""
    lengths = [len(group.digits) for group in stretch]
    fours = all(length == 4 for length in lengths[:-1]) and lengths[-1] <= 7
    return len(lengths) == 1 or fours or lengths in ([4, 6, 5], [4, 6, 4])


def _is_card(text: str, start: int, end: int, digits: str) -> bool:
    said = topic(text, start, end)
    if said is Topic.CARD:
        # People mistype; what is called a card and is as long as one is treated as one.
        return len(digits) >= 13 or checks(digits)
    if not checks(digits):
        return False
    known = any(network.has(digits) for network in _NETWORKS)
    if known and len(digits) in _USUAL:
        return True
    return (known or (len(digits) == 16 and digits[0] in _FINANCIAL)) and said not in _SAID_OTHERWISE


def checks(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (Luhn); one digit over and over is no number."""
    from stdnum import luhn

    return len(set(digits)) > 1 and bool(luhn.is_valid(digits))
