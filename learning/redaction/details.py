"""What is found in a text: details by kind and place, and the one interface that everything that finds them has."""

from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

#: Stands for every character that is no recogniser's business; a view has it in the place of what is settled already.
#: It is neither a letter, a digit nor white space, so that nothing matches into it or across it.
HIDDEN = "\0"


class DetailKind(StrEnum):
    """What a found detail is; the value is the word in its placeholder."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"
    CARD = "CARD"
    IBAN = "IBAN"
    IP = "IP"
    MAC = "MAC"
    SSN = "SSN"
    #: A number that a state gives to one person: tax, health, identity, passport, driving.
    ID = "ID"
    #: A password, a key, a token, or the user part of an address.
    SECRET = "SECRET"
    #: What follows the `?` of an address, or a `#` with values in it.
    QUERY = "QUERY"
    #: A chat user, by id or by name.
    PERSON = "PERSON"
    CHANNEL = "CHANNEL"
    GROUP = "GROUP"
    #: Found by a model alone.
    ADDRESS = "ADDRESS"
    #: Found by a model alone.
    COMPANY = "COMPANY"


@dataclass(frozen=True)
class Detail:
    """One detail found in a text."""

    kind: DetailKind
    #: Characters from `start` up to and without `end`.
    start: int
    end: int
    text: str
    #: The same for every spelling of the same detail.
    canonical: str

    def overlaps(self, start: int, end: int) -> bool:
        """Whether any character of it lies from `start` up to and without `end`."""
        return self.start < end and start < self.end


class Recogniser(Protocol):
    """Finds details of some kinds; several of them look at the same text."""

    def find(self, text: str) -> Iterable[Detail]:
        """Every detail in a text, in any order; where the text holds `HIDDEN`, nothing is found.

        Args:
            text: what is to be looked at; places in it are places in the given text.
        """
        ...


def apart(found: Iterable[Detail]) -> tuple[Detail, ...]:
    """The details in the order of their places, none over another; of two that overlap, the one given first stays."""
    kept: list[Detail] = []
    for detail in found:
        place = bisect(kept, detail.start, key=lambda other: other.start)
        after_one = place > 0 and kept[place - 1].end > detail.start
        before_one = place < len(kept) and kept[place].start < detail.end
        if not (after_one or before_one):
            kept.insert(place, detail)
    return tuple(kept)


def elsewhere(text: str, details: Iterable[Detail]) -> Iterator[Detail]:
    """Where else what was found stands as a whole word, though nothing beside it tells what it is there."""
    seen: set[str] = set()
    for detail in details:
        if detail.text in seen:
            continue
        seen.add(detail.text)
        at = text.find(detail.text)
        while at >= 0:
            end = at + len(detail.text)
            alone = not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum())
            if alone and at != detail.start:
                yield Detail(detail.kind, at, end, detail.text, detail.canonical)
            at = text.find(detail.text, end)
