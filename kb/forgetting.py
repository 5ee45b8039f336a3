"""Forgetting: the one exception to versions never being changed, for words of a person who is erased.

What the current version of an entry says stays, unless the entry is retired: it is the workspace's knowledge. From all
that is out of use the words go, and with them the vectors that were kept of them.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import cast

from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session

from kb import changes
from kb.entries import Draft, Entry, EntryStatus
from kb.ids import EntryId, WorkspaceId
from kb.snapshots import to_json
from kb.tables import EntryVersionRow, PointRow, VectorRow
from kb.text import text_hash

#: Stands where a version had a question or an answer that was forgotten.
FORGOTTEN = "(erased)"


def brought(session: Session, workspace: WorkspaceId, entry: EntryId, version: int, before: int) -> frozenset[str]:
    """The texts that a version of an entry brought along.

    Args:
        before: the version that it was made from; 0 where there was none.

    Raises:
        UnknownEntry: there is no such entry or version.
    """
    texts = _texts(changes.get(session, workspace, entry, version))
    return texts - _texts(changes.get(session, workspace, entry, before)) if before else texts


def forget_words(session: Session, workspace: WorkspaceId, entry: EntryId, words: Collection[str]) -> int:
    """Take texts out of every version of an entry, except those that it says now; how many texts went.

    Raises:
        UnknownEntry: there is no such entry.
    """
    versions = changes.history(session, workspace, entry)
    current = versions[-1]
    gone = frozenset(words) - (frozenset() if current.status is EntryStatus.RETIRED else _texts(current))
    for one in versions:
        if gone & _texts(one):
            session.execute(
                update(EntryVersionRow)
                .where(EntryVersionRow.workspace == workspace, EntryVersionRow.entry_id == entry)
                .where(EntryVersionRow.version == one.version)
                .values(content=to_json(_without(one.content, gone)))
                .execution_options(synchronize_session=False)
            )
    # The same text may be said by another entry, which needs its vector.
    elsewhere = select(PointRow.text_hash).where(PointRow.workspace == workspace, PointRow.entry_id != entry)
    vectors = cast(Table, VectorRow.__table__)
    session.execute(
        delete(vectors)
        .where(VectorRow.workspace == workspace, VectorRow.text_hash.in_([text_hash(text) for text in gone]))
        .where(VectorRow.text_hash.not_in(elsewhere))
    )
    return len(gone)


def _texts(entry: Entry) -> frozenset[str]:
    return frozenset((*entry.wordings, entry.answer))


def _without(content: Draft, gone: frozenset[str]) -> Draft:
    return replace(
        content,
        question=FORGOTTEN if content.question in gone else content.question,
        phrasings=tuple(one for one in content.phrasings if one not in gone),
        answer=FORGOTTEN if content.answer in gone else content.answer,
    )
