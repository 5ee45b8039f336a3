"""The evidence of a recorded decision, as it was found then: the same versions of entries, scores and confidence."""

from collections.abc import Mapping

from bot.agent.prompt import EVIDENCE_TEXT
from kb.entries import Entry, EntryKind, Evidence, Hit
from kb.ids import EntryId
from kb.text import sentences, stems
from learning.recorder import AnswerDecision
from learning.replay import NotReplayed

#: Signals of the record that are no signals of the confidence (`bot.kept.signals_of`).
_BESIDE = ("among_three", "offered")


def as_recorded(decision: AnswerDecision, entries: Mapping[EntryId, Entry]) -> Evidence:
    """What the search found then.

    Args:
        entries: the recorded versions.

    Raises:
        NotReplayed: nothing was searched, or a version is not kept.
    """
    if not decision.versions.embedding:
        raise NotReplayed("No evidence was recorded for it; replay it on a version of the knowledge base.")
    hits = []
    for item in decision.evidence:
        entry = entries.get(item.entry)
        if entry is None:
            raise NotReplayed("A version of an entry that was before it is not kept.")
        hits.append(Hit(entry, item.score, _matched(entry, decision.question), dict(item.features)))
    versions = decision.versions
    return Evidence(
        decision.question,
        tuple(hits),
        decision.confidence,
        versions.embedding,
        versions.ranking,
        versions.calibration,
        {name: value for name, value in decision.signals.items() if name not in _BESIDE},
        decision.signals.get("among_three", 0.0),
        versions.kb_version,
    )


def proven_readers(decision: AnswerDecision, entries: Mapping[EntryId, Entry]) -> frozenset[str]:
    """The audience references of which the record proves that they held for everyone who read the answer.

    Where an entry was before the bot whose audience has a single reference, its readers had it; what was answered in a
    channel may say what that channel may read, unless staff saw it first. Of anything else nothing is known, and a
    replay shows it to nobody.
    """
    found = set() if decision.action == "draft" else {f"channel:{decision.place.channel}"}
    for item in decision.evidence:
        entry = entries.get(item.entry)
        if entry is not None and len(entry.content.audience.refs) == 1:
            found |= entry.content.audience.refs
    return frozenset(found)


def _matched(entry: Entry, question: str) -> str:
    """What matched best is not recorded; it tells which part of a long passage a model is given."""
    if entry.content.kind is not EntryKind.PASSAGE or len(entry.answer) <= EVIDENCE_TEXT:
        return entry.question
    asked = frozenset(stems(question))
    return max(sentences(entry.answer), key=lambda sentence: len(asked & set(stems(sentence))), default=entry.question)
