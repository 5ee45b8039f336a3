"""What a draft is against what is known: pure; a correction is never taken for a duplicate.

Without a model: questions are near by similarity or because the search is confident, answers are the same only when no
figure, link, sign or negation differs. When in doubt it is a conflict, and the reviewer chooses.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from kb.entries import EVERYONE, Audience, Entry, EntryKind, EntryStatus, Evidence
from learning.conversations import Privacy
from learning.ids import ProposalId
from learning.proposals.values import Origin, Proposal, ProposalDraft, ProposalKind, Source, Target
from learning.wording import plain_answer, plain_question, same_facts

#: Similarity of two texts, from -1 to 1; the caller embeds, outside of any transaction.
Similarity = Callable[[str, str], float]


@dataclass(frozen=True)
class Nearness:
    """From which similarity on texts count as near. Cosines of sentence embeddings; any other scale needs its own."""

    #: Two questions ask for the same thing.
    question: float = 0.80
    #: A wording so near to a known one that storing it gains nothing.
    copy: float = 0.90
    #: Two answers say the same, if their facts agree too.
    answer: float = 0.93
    #: The search's confidence from which on its first hit counts as the same question.
    confidence: float = 0.50


@dataclass(frozen=True)
class Classified:
    """What a draft is."""

    #: None: known already, nothing to propose.
    kind: ProposalKind | None
    #: The version it was compared with; None for a new entry.
    target: Target | None
    #: One clause for the card that says why.
    why: str


def classify(
    draft: ProposalDraft,
    evidence: Evidence,
    *,
    origin: Origin,
    corrected: Target | None = None,
    similarity: Similarity | None = None,
    nearness: Nearness | None = None,
    saying: Sequence[Entry] = (),
) -> Classified:
    """Say what a draft is against what a search for its question found.

    Args:
        draft: the question as it was asked, the answer as it is proposed.
        evidence: a search for the draft's question, without an audience's limits.
        origin: where the draft comes from; the words of a correction are never 'nearly the same'.
        corrected: the version that was shown and corrected.
        similarity: compares two texts; without it only equal words are the same.
        nearness: the limits; the defaults fit cosines of sentence embeddings.
        saying: entries that say the same words, however far their questions are; so no answer is stored twice.
    """
    limits = nearness or Nearness()
    found = {entry.id: entry for entry in (*(hit.entry for hit in evidence.hits), *saying)}
    known = [
        entry for entry in found.values() if entry.content.kind is EntryKind.ANSWER and entry.status is EntryStatus.LIVE
    ]
    strict = origin is Origin.CORRECTION
    for entry in known:
        if _same_answer(draft.answer, entry.answer, None if strict else similarity, limits):
            if not (_says_much(draft.answer) or _near(draft, entry, evidence, similarity, limits)):
                continue
            target = Target(entry.id, entry.version)
            if _closeness(draft.question, entry.wordings, similarity) >= limits.copy:
                return Classified(None, target, "it is known already, in nearly these words")
            return Classified(ProposalKind.NEW_PHRASING, target, "the answer is known; the wording is new")
    for entry in known:
        if corrected is not None and entry.id == corrected.entry and _near(draft, entry, evidence, similarity, limits):
            return Classified(ProposalKind.REPLACES, corrected, "it corrects the answer that was given")
    for entry in known:
        if _near(draft, entry, evidence, similarity, limits):
            target = Target(entry.id, entry.version)
            return Classified(ProposalKind.CONFLICTS, target, "a near question has a different answer")
    return Classified(ProposalKind.NEW_ENTRY, None, "nothing known is near it")


def prepare(draft: ProposalDraft, classified: Classified, entry: Entry | None, source: Source) -> ProposalDraft:
    """The draft as a reviewer shall see it, and as it will be applied.

    A replacement keeps the entry's question, phrasings and audience and adds the new wording; a phrasing shows the
    entry's answer; a draft from a closed channel is for that channel unless a reviewer chooses otherwise.

    Args:
        draft: question as asked and answer as proposed.
        classified: what `classify` said of it.
        entry: the target as it is now; None for a new entry.
        source: where the draft comes from.
    """
    if entry is not None and classified.kind is ProposalKind.REPLACES:
        return replacing(draft, entry)
    if entry is not None and classified.kind is ProposalKind.NEW_PHRASING:
        return replace(draft, answer=entry.answer, phrasings=(), audience=entry.content.audience)
    if draft.audience == EVERYONE and source.privacy is Privacy.CHANNEL:
        return replace(draft, audience=Audience(frozenset({f"channel:{source.place.channel}"})))
    return draft


def replacing(draft: ProposalDraft, entry: Entry) -> ProposalDraft:
    """The draft's answer under the entry's question, with the draft's wordings among its phrasings."""
    wordings = dict.fromkeys((*entry.content.phrasings, draft.question, *draft.phrasings))
    known = plain_question(entry.question)
    phrasings = tuple(wording for wording in wordings if plain_question(wording) != known)
    return ProposalDraft(
        question=entry.question, answer=draft.answer, phrasings=phrasings, audience=entry.content.audience
    )


def nearest_pending(
    draft: ProposalDraft,
    pending: Iterable[Proposal],
    similarity: Similarity,
    *,
    origin: Origin,
    nearness: Nearness | None = None,
) -> ProposalId | None:
    """The waiting proposal that says the same in other words, if there is one; given to `propose` as `joins`.

    Args:
        draft: as `prepare` made it.
        pending: waiting proposals of the same kind.
        origin: where the draft comes from; the words of a correction are never 'nearly the same'.
    """
    limits = nearness or Nearness()
    compare = None if origin is Origin.CORRECTION else similarity
    best: tuple[float, ProposalId] | None = None
    for proposal in pending:
        if not _same_answer(draft.answer, proposal.draft.answer, compare, limits):
            continue
        if proposal.draft.audience != draft.audience:
            continue
        wordings = (proposal.draft.question, *proposal.draft.phrasings)
        closeness = _closeness(draft.question, wordings, similarity)
        if closeness >= limits.question and (best is None or closeness > best[0]):
            best = (closeness, proposal.id)
    return None if best is None else best[1]


def _same_answer(one: str, other: str, similarity: Similarity | None, limits: Nearness) -> bool:
    if plain_answer(one) == plain_answer(other):
        return True
    if similarity is None or not same_facts(one, other):
        return False
    return similarity(one, other) >= limits.answer


def _says_much(answer: str) -> bool:
    """Whether equal answers mean equal questions: 'Yes.' answers many a question, a whole sentence one."""
    return len(plain_question(answer).split()) >= 6


def _near(
    draft: ProposalDraft, entry: Entry, evidence: Evidence, similarity: Similarity | None, limits: Nearness
) -> bool:
    best = evidence.best
    if best is not None and best.entry.id == entry.id and evidence.confidence >= limits.confidence:
        return True
    return _closeness(draft.question, entry.wordings, similarity) >= limits.question


def _closeness(question: str, wordings: Iterable[str], similarity: Similarity | None) -> float:
    """How near a question is to the nearest of some wordings: 1 for the same words."""
    closest = 0.0
    for wording in wordings:
        if plain_question(wording) == plain_question(question):
            return 1.0
        if similarity is not None:
            closest = max(closest, similarity(question, wording))
    return closest
