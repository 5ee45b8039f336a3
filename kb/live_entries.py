"""The live entries of a workspace in memory: everything that a question is compared with, but for vectors.

What stands here is what SQL says at one version of the knowledge base. A search asks SQL for that version first and has
this follow, so that neither a lagging index nor a change by another process shows what was taken back: status, current
version and audience are those of SQL.
"""

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from kb import changes
from kb.database import Sessions, reading
from kb.entries import Entry, EntryKind, EntryStatus
from kb.ids import EntryId, WorkspaceId
from kb.keywords import KeywordIndex
from kb.points import Point, PointRole, entry_of, texts_of
from kb.resting import resting
from kb.text import normalise, text_hash
from kb.vocabulary import Packed, StemCounts, Vocabulary, Words, counted, words_of

#: More changes than this take a while to read, and the garbage collector rests meanwhile.
_MANY = 1_000
#: An entry with more texts keeps sets of what is looked up in them. The others, which are most, do without: to go
#: through a few texts takes no longer, and sets for all that was ever compared would take more memory than the texts.
_FEW = 8


@dataclass(frozen=True)
class LiveEntry:
    """The current version of an entry, ready to be compared; what only the few that are compared need is made then."""

    entry: Entry
    #: By the vocabulary of the index that it is live in.
    words: Words

    @property
    def id(self) -> EntryId:
        """The entry's id."""
        return self.entry.id

    @property
    def is_passage(self) -> bool:
        """Whether it is a passage of a document."""
        return self.entry.content.kind is EntryKind.PASSAGE

    @cached_property
    def near(self) -> tuple[Point, ...]:
        """The texts that are compared with a question: the wordings (of a passage: heading and sentences)."""
        return tuple(each for each in self._texts if each.role is not PointRole.ANSWER)

    @cached_property
    def stem_counts(self) -> StemCounts:
        """In how many of its wordings each stem stands."""
        return counted(self.words.wordings)

    @cached_property
    def hashes(self) -> tuple[str, ...]:
        """The hashes of the answer (of a passage: of its whole text) and of what is near it."""
        return (text_hash(self.entry.answer), *(each.text_hash for each in self.near))

    def has_point(self, point: str) -> bool:
        """Whether a point is one of its own; one of the index that is not is a leftover of another version."""
        if len(self._texts) > _FEW:
            return point in self._points
        return any(each.id == point for each in self._texts)

    def is_worded(self, question: Packed | None, exact: str) -> bool:
        """Whether a question is one of its wordings.

        Args:
            question: its stems, which are the same where the wording is the same, and cheaper to compare; None where
                no entry can have all of them.
            exact: it in the form in which two wordings count as the same.
        """
        if self.is_passage or question is None:
            return False
        if len(self.words.wordings) > _FEW:
            return exact in self._exact
        for place, packed in enumerate(self.words.wordings):
            if packed == question and normalise(self.entry.wordings[place]) == exact:
                return True
        return False

    @cached_property
    def _points(self) -> frozenset[str]:
        return frozenset(each.id for each in self._texts)

    @cached_property
    def _exact(self) -> frozenset[str]:
        return frozenset(map(normalise, self.entry.wordings))

    @cached_property
    def _texts(self) -> tuple[Point, ...]:
        return texts_of(self.entry)

    @cached_property
    def shapes(self) -> dict[str, object]:
        """What was worked out from its vectors, by the embedding model; see `kb.candidates`."""
        return {}


class LiveEntries:
    """The live entries of one workspace; threads take turns by `lock`."""

    def __init__(self) -> None:
        #: The words of all of them.
        self.words = KeywordIndex()
        #: To be held around every use, of the words too.
        self.lock = self.words.lock
        self._entries: dict[EntryId, LiveEntry] = {}
        self._followed = 0
        self._following = Lock()

    def is_far_behind(self, version: int) -> bool:
        """Whether it takes a while to follow up to a version of the knowledge base."""
        return version - self._followed > _MANY

    def follow(self, sessions: Sessions, workspace: WorkspaceId, version: int) -> None:
        """Read what changed, up to at least this version of the knowledge base; the lock is not to be held."""
        if version <= self._followed:
            return
        with self._following:
            if version <= self._followed:
                return
            with resting() if self.is_far_behind(version) else nullcontext():
                self._read(sessions, workspace)

    def _read(self, sessions: Sessions, workspace: WorkspaceId) -> None:
        with reading(sessions) as session:
            version = changes.kb_version(session, workspace)
            changed = changes.changed_since(session, workspace, self._followed)
        # Words are read outside the lock, which searches wait for.
        ready = [(each.id, _ready(each, self.words.vocabulary)) for each in changed]
        with self.lock:
            for entry, live in ready:
                self._put(entry, live)
        # Many entries share words; what comes later brings few, and these may be taken out again.
        self.words.vocabulary.forget_words()
        self._followed = version

    @property
    def version(self) -> int:
        """The version of the knowledge base up to which changes were read."""
        return self._followed

    def some(self, ids: Iterable[EntryId]) -> list[LiveEntry]:
        """Those of the given entries that are live, in the order of their ids."""
        return [self._entries[each] for each in sorted(ids) if each in self._entries]

    def newest(self, most: int) -> list[LiveEntry]:
        """The entries made last, at most so many."""
        return [self._entries[each] for each in sorted(self._entries, reverse=True)[:most]]

    def of_point(self, point: str, readers: frozenset[str]) -> LiveEntry | None:
        """The entry of a point, if it is live, the point is one of its current version, and the readers may see it."""
        found = self._entries.get(entry_of(point))
        if found is None or not found.has_point(point) or not found.entry.content.audience.admits(readers):
            return None
        return found

    def _put(self, entry: EntryId, live: LiveEntry | None) -> None:
        if live is None:
            self.words.remove(entry)
            self._entries.pop(entry, None)
        else:
            self.words.put(live.entry, live.words)
            self._entries[entry] = live


def _ready(entry: Entry, vocabulary: Vocabulary) -> LiveEntry | None:
    return LiveEntry(entry, words_of(entry, vocabulary)) if entry.status is EntryStatus.LIVE else None
