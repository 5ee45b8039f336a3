"""The points of an entry: which of its texts are put into the vector index, and under which ids. Pure.

A point's id is made of its entry, its role and its text's hash, so the same content always makes the same points and
writing one twice changes nothing.
"""

from dataclasses import dataclass
from enum import StrEnum

from kb.entries import Entry, EntryKind, EntryStatus
from kb.ids import EntryId
from kb.text import has_words, sentences, text_hash


class PointRole(StrEnum):
    """What a text is to its entry."""

    #: The question or one of its phrasings; for a passage its heading path.
    QUESTION = "question"
    #: The answer; for a passage its whole text.
    ANSWER = "answer"
    #: A sentence of a passage.
    SENTENCE = "sentence"


@dataclass(frozen=True)
class Point:
    """One text of an entry that can be found by its vector."""

    entry: EntryId
    role: PointRole
    text: str
    #: sha256 of the text, under which its vector is kept.
    text_hash: str

    @property
    def id(self) -> str:
        """The point's id in the index."""
        return f"{self.entry}:{self.role}:{self.text_hash[:16]}"


def points_of(entry: Entry) -> tuple[Point, ...]:
    """The points that the index shall hold for this version: none unless it is live."""
    if entry.status is not EntryStatus.LIVE:
        return ()
    return texts_of(entry)


def texts_of(entry: Entry) -> tuple[Point, ...]:
    """The entry's texts that are compared with a question, whatever its status; each once."""
    texts = [(PointRole.QUESTION, wording) for wording in entry.wordings]
    texts.append((PointRole.ANSWER, entry.answer))
    if entry.content.kind is EntryKind.PASSAGE:
        texts += [(PointRole.SENTENCE, sentence) for sentence in sentences(entry.answer)]
    found = (Point(entry.id, role, text, text_hash(text)) for role, text in texts if has_words(text))
    return tuple({point.id: point for point in found}.values())


def entry_of(point_id: str) -> EntryId:
    """The entry that a point belongs to, read from its id."""
    return EntryId(point_id.partition(":")[0])


def role_of(point_id: str) -> PointRole:
    """What a point's text is to its entry, read from its id."""
    return PointRole(point_id.split(":", 2)[1])
