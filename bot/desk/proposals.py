"""Proposals: what people's words and votes are proposed as, and what admins decide.

Searching and comparing happen before the transaction; the transaction checks again what it decides on.
"""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from bot import effects, preferences
from bot.desk import names
from bot.desk.redacting import redactor
from bot.services import Services
from kb.entries import Evidence
from kb.errors import EmptyQuestion, IndexUnavailable
from kb.ids import EntryId, WorkspaceId
from learning import conversations, feedback, labels, proposals, recorder, review
from learning.conversations import Privacy
from learning.feedback import Rating
from learning.ids import DecisionId, PersonId, ProposalId
from learning.people import Actor
from learning.proposals import (
    Origin,
    Outcome,
    Proposal,
    ProposalDraft,
    ProposalKind,
    Proposed,
    Source,
    Target,
)
from learning.recorder import RecordedDecision


@dataclass(frozen=True)
class Told:
    """What somebody said, on its way to becoming a proposal."""

    draft: ProposalDraft
    source: Source
    #: The version that was shown and is corrected; None where none was.
    corrected: Target | None = None
    #: Whether somebody has to write the answer first.
    needs_answer: bool = False
    #: What else speaks for the same words: conversations that the same answer settled.
    others: tuple[Source, ...] = ()


def propose(services: Services, workspace: WorkspaceId, told: Told) -> Proposed | None:
    """Compare with what is known and let it wait for a person; None where it is known already."""
    told = _presentable(services, workspace, told)
    evidence = evidence_for(services, workspace, told.draft.question)
    classified = _classify(services, workspace, told, evidence)
    _settle(services, workspace, told, classified, evidence)
    if classified.kind is None:
        return None
    similarity = services.knowledge.similar
    with services.sessions() as session:
        entry = services.knowledge.get(session, workspace, classified.target.entry) if classified.target else None
        pending = proposals.waiting(session, workspace)
    draft = proposals.prepare(told.draft, classified, entry, told.source)
    alike = [one for one in pending if _alike(one, classified, told)]
    joins = proposals.nearest_pending(draft, alike, similarity, origin=told.source.origin)
    with services.sessions.begin() as session:
        proposed = proposals.propose(
            session,
            workspace,
            draft,
            classified,
            _as_private_as_all(told),
            needs_answer=told.needs_answer,
            joins=joins,
            now=services.clock(),
            ids=services.ids,
        )
        if proposed.outcome in (Outcome.CREATED, Outcome.JOINED):
            proposed = _join_others(services, session, proposed, draft, told)
            show(services, session, proposed.proposal)
    return proposed


def compare(services: Services, workspace: WorkspaceId, told: Told) -> None:
    """Keep whether anything known answers what was settled, and propose nothing: what people want to stay out."""
    evidence = evidence_for(services, workspace, told.draft.question)
    _settle(services, workspace, told, _classify(services, workspace, told, evidence), evidence)


def nearness(services: Services) -> proposals.Nearness:
    """From which likeness on texts count as near, as the operator has set it."""
    return proposals.Nearness(copy=services.settings.near_wording)


def _join_others(
    services: Services, session: Session, proposed: Proposed, draft: ProposalDraft, told: Told
) -> Proposed:
    """Let further sources speak for a proposal that was just made or joined, and add the wordings they bring."""
    found = proposed.proposal
    if not told.others or found.kind is ProposalKind.NEW_PHRASING:
        return proposed
    same = proposals.Classified(found.kind, found.target, "settled with the same answer")
    known = (found.draft.question, *found.draft.phrasings)
    new = tuple(wording for wording in (draft.question, *draft.phrasings) if wording not in known)
    # The card of one that waited may stand where not all of these words may be read.
    if new and (found.private or _as_private_as_all(told).privacy is Privacy.OPEN):
        widened = replace(found.draft, phrasings=(*found.draft.phrasings, *new))
        found = proposals.retype(session, found.workspace, found.id, same, widened, now=services.clock())
    for source in told.others:
        proposals.propose(
            session,
            found.workspace,
            found.draft,
            same,
            source,
            joins=found.id,
            now=services.clock(),
            ids=services.ids,
        )
    return replace(proposed, proposal=proposals.one(session, found.workspace, found.id))


def _as_private_as_all(told: Told) -> Source:
    """The source, with the privacy of the words it brings along: a card stands only where all of them may be read."""
    private = {one.privacy for one in told.others} - {Privacy.OPEN, told.source.privacy}
    return replace(told.source, privacy=Privacy.DIRECT) if private else told.source


def from_correction(
    services: Services, workspace: WorkspaceId, decision: DecisionId, person: PersonId, correction: str
) -> Proposed | None:
    """What somebody says the answer should have been."""
    with services.sessions() as session:
        found = recorder.one(session, workspace, decision, vault=services.vault)
        source = source_of(session, workspace, found, person, Origin.CORRECTION)
    return propose(
        services,
        workspace,
        Told(ProposalDraft(found.decision.question, correction), source, corrected=version_said(found)),
    )


def from_choice(services: Services, workspace: WorkspaceId, decision: DecisionId) -> Proposed | None:
    """Whoever chose one of the nearest questions asked for the same in other words."""
    with services.sessions() as session:
        found = recorder.one(session, workspace, decision, vault=services.vault)
        chosen, asker = version_said(found), found.decision.asker
        if chosen is None or asker is None:
            return None
        if feedback.live_vote(session, workspace, decision, asker) is Rating.DOWN:
            return None  # it was not what they meant
        entry = services.knowledge.get(session, workspace, chosen.entry, chosen.version)
        source = source_of(session, workspace, found, asker, Origin.CLICK)
    return propose(services, workspace, Told(ProposalDraft(found.decision.question, entry.answer), source))


def added(services: Services, workspace: WorkspaceId, draft: ProposalDraft, source: Source) -> Proposed | None:
    """What somebody wrote by hand."""
    return propose(services, workspace, Told(draft, source))


def approve(
    services: Services,
    workspace: WorkspaceId,
    proposal: ProposalId,
    actor: Actor,
    shown: str,
    *,
    edited: ProposalDraft | None = None,
    choice: review.ConflictChoice | None = None,
) -> None:
    """An admin's yes: checked now, applied now, searchable as soon as the workflow has run."""
    with services.sessions.begin() as session:
        four_eyes = preferences.effective(session, workspace, services.settings, "four_eyes")
        review.approve(
            session,
            workspace,
            proposal,
            actor,
            shown=shown,
            edited=edited,
            choice=choice,
            four_eyes=four_eyes,
            knowledge=services.knowledge,
            now=services.clock(),
            ids=services.ids,
        )
        apply(services, session, proposals.one(session, workspace, proposal))


def reject(
    services: Services,
    workspace: WorkspaceId,
    proposal: ProposalId,
    actor: Actor,
    shown: str,
    reason: str,
    *,
    unneeded: bool = False,
) -> None:
    """An admin's no, with the reason, remembered.

    Args:
        unneeded: whether it is right, only not needed.
    """
    with services.sessions.begin() as session:
        review.reject(
            session,
            workspace,
            proposal,
            actor,
            shown=shown,
            reason=reason,
            unneeded=unneeded,
            now=services.clock(),
            ids=services.ids,
        )
        show(services, session, proposals.one(session, workspace, proposal))


def undo(services: Services, workspace: WorkspaceId, proposal: ProposalId, actor: Actor) -> None:
    """An admin takes an approval back; search finds what it found before."""
    with services.sessions.begin() as session:
        review.undo(
            session,
            workspace,
            proposal,
            actor,
            knowledge=services.knowledge,
            now=services.clock(),
            ids=services.ids,
        )
        apply(services, session, proposals.one(session, workspace, proposal))


def replaced(services: Services, workspace: WorkspaceId, proposal: ProposalId) -> EntryId | None:
    """The entry whose answer an approved proposal replaced, if it did."""
    with services.sessions() as session:
        found = proposals.one(session, workspace, proposal)
    given = found.kind in (ProposalKind.REPLACES, ProposalKind.CONFLICTS) and found.previous_version
    return found.applied.entry if found.applied is not None and given else None


def show(services: Services, session: Session, proposal: Proposal) -> None:
    """Ask for the cards to be drawn as things stand; a wording has no card, it waits in App Home."""
    if proposal.kind is ProposalKind.NEW_PHRASING or (proposal.needs_answer and proposal.pending):
        return
    workflow_id = f"{proposal.workspace}:proposal:{proposal.id}:{proposal.revision}:{proposal.count}:show"
    services.work.enqueue(session, names.SHOW_PROPOSAL, workflow_id, proposal.workspace, proposal.id, lane=proposal.id)


def show_refused(services: Services, workspace: WorkspaceId, moment: str) -> None:
    """Ask for the cards that the review channel refused, of what still waits, to be tried again.

    Args:
        moment: names this try.
    """
    with services.sessions.begin() as session:
        for one in proposals.waiting_others(session, workspace):
            card = effects.find(session, workspace, f"proposal:{one.id}:review")
            if card is not None and card.ts is None:
                workflow_id = f"{workspace}:proposal:{one.id}:{moment}:show"
                services.work.enqueue(session, names.SHOW_PROPOSAL, workflow_id, workspace, one.id, lane=one.id)


def apply(services: Services, session: Session, proposal: Proposal) -> None:
    """Ask for the index to follow and then for the cards to show it."""
    workflow_id = f"{proposal.workspace}:proposal:{proposal.id}:{proposal.revision}:apply"
    services.work.enqueue(session, names.APPLY, workflow_id, proposal.workspace, proposal.id, lane=proposal.id)


def _classify(services: Services, workspace: WorkspaceId, told: Told, evidence: Evidence) -> proposals.Classified:
    """What somebody said beside what is known."""
    with services.sessions() as session:
        saying = services.knowledge.saying(session, workspace, told.draft.answer) if told.draft.answer else ()
    return proposals.classify(
        told.draft,
        evidence,
        origin=told.source.origin,
        corrected=told.corrected,
        similarity=services.knowledge.similar,
        nearness=nearness(services),
        saying=saying,
    )


def _settle(
    services: Services, workspace: WorkspaceId, told: Told, classified: proposals.Classified, evidence: Evidence
) -> None:
    """What a resolution showed of the decisions before it: an entry that says the same, or that nothing known does."""
    if not evidence.model:
        return  # the index was away, so that nothing was found says nothing
    same = classified.kind in (None, ProposalKind.NEW_PHRASING)
    entry = classified.target.entry if same and classified.target is not None else None
    sources = [one for one in (told.source, *told.others) if one.origin is Origin.RESOLUTION]
    with services.sessions.begin() as session:
        for one in sources:
            if one.decision is not None:
                labels.settled(session, workspace, one.decision, entry, now=services.clock())


def _alike(waiting: Proposal, classified: proposals.Classified, told: Told) -> bool:
    """Whether a waiting proposal would do the same to the same entry."""
    entries = [None if target is None else target.entry for target in (waiting.target, classified.target)]
    same = waiting.kind is classified.kind and entries[0] == entries[1]
    return same and waiting.needs_answer is told.needs_answer


def _presentable(services: Services, workspace: WorkspaceId, told: Told) -> Told:
    """Words from where not everyone can read are redacted before reviewers see them."""
    if told.source.privacy is Privacy.OPEN:
        return told
    with services.sessions.begin() as session:
        redact = redactor(services, session, workspace).redact
    draft = replace(
        told.draft,
        question=redact(told.draft.question),
        answer=redact(told.draft.answer),
        phrasings=tuple(redact(one) for one in told.draft.phrasings),
    )
    return replace(told, draft=draft)


def evidence_for(services: Services, workspace: WorkspaceId, question: str) -> Evidence:
    """What is known of a question, whoever may read it; nothing while the index is away."""
    with services.sessions() as session:
        audiences = services.knowledge.audiences(session, workspace)
    try:
        return services.knowledge.search(workspace, question, readers=audiences)
    except (EmptyQuestion, IndexUnavailable):
        return Evidence(question, (), 0.0, model="", ranking="", calibration="")


def version_said(decision: RecordedDecision) -> Target | None:
    """The version of an entry that an answer said; None where it said none."""
    used = decision.used
    return Target(used[0].entry, used[0].version) if used else None


def source_of(
    session: Session, workspace: WorkspaceId, found: RecordedDecision, person: PersonId, origin: Origin
) -> Source:
    """What a decision lends to a proposal: where and how privately it was said."""
    privacy = Privacy.DIRECT
    if found.decision.conversation is not None:
        privacy = conversations.one(session, workspace, found.decision.conversation).privacy
    return Source(
        origin=origin,
        person=person,
        place=found.decision.place,
        privacy=privacy,
        conversation=found.decision.conversation,
        decision=found.id,
    )
