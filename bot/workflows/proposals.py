"""Proposals in Slack: made from what people did, shown on cards, and live once the index has followed.

A card is a picture of the present state. It stands in the thread and in the review channel; where the words come from
a place that not everyone can read, in the review channel alone.
"""

import logging

from sqlalchemy.orm import Session

from bot.desk import actors, added, admins, home, moved, resolutions, votes
from bot.desk import proposals as desk
from bot.services import Services
from bot.slack.views import notices
from bot.slack.views import proposals as views
from bot.slack.views.kit import Message
from bot.workflows.steps import StepAway, StepFailed, step
from kb.entries import EVERYONE, Audience
from kb.errors import EmptyQuestion
from kb.ids import WorkspaceId
from learning import asides, conversations, people, proposals, recorder
from learning.ids import DecisionId, HandoffId, PersonId, ProposalId
from learning.people import Actor
from learning.proposals import Origin, Proposal, ProposalKind, ProposalState, Proposed
from learning.recorder import DecisionKind

log = logging.getLogger(__name__)

#: A card is drawn again at most so often in one go; the next change draws it anyway.
REDRAWS = 5
#: What becomes of words that say what is known already.
_KNOWN = "known"

_ORIGINS = {
    Origin.RESOLUTION: "a resolution",
    Origin.CORRECTION: "a correction",
    Origin.VOTES: "helpful votes",
    Origin.CLICK: "a chosen question",
    Origin.ADD_COMMAND: "an entry written by hand",
    Origin.THUMBS_DOWN: "a thumbs-down",
}
_VERDICTS = {
    ProposalState.REJECTED: views.Verdict.REJECTED,
    ProposalState.UNDONE: views.Verdict.UNDONE,
    ProposalState.DROPPED: views.Verdict.SUPERSEDED,
}


def show(services: Services, workspace: WorkspaceId, proposal: str) -> None:
    """Draw the cards as things stand now; what was approved meanwhile is drawn once search has followed.

    Raises:
        StepAway: the review channel refuses it, so that it is tried again later.
    """
    if step("draw", _draw_unless_applied, services, workspace, ProposalId(proposal)) is False:
        raise StepAway("draw: refused")


def apply(services: Services, workspace: WorkspaceId, proposal: str) -> None:
    """Let the index follow what was decided, show it with the proof, and look again at what waits about the entry."""
    step("index", services.knowledge.apply_pending, workspace)
    step("draw", _draw, services, workspace, ProposalId(proposal))
    step("look again", _look_again, services, workspace, ProposalId(proposal))


def learn_from_resolution(services: Services, workspace: WorkspaceId, handoff: str) -> None:
    """Propose what staff settled a handoff with."""
    step("propose", _from_resolution, services, workspace, handoff)


def learn_from_vote(services: Services, workspace: WorkspaceId, decision: str, person: str) -> None:
    """Propose what the votes on an answer speak for."""
    step("propose", _from_vote, services, workspace, decision, person)


def learn_from_correction(
    services: Services, workspace: WorkspaceId, decision: str, person: str, channel: str, waiting: str
) -> None:
    """Propose what somebody says an answer should have been; staff are told where it proposes nothing.

    Args:
        channel, waiting: where their words lie until then.
    """
    outcome = step("propose", _from_correction, services, workspace, decision, person, channel, waiting)
    if outcome:
        step("tell", _tell_staff, services, workspace, person, waiting, outcome)
    step("forget", _forget, services, workspace, channel, waiting)


def learn_from_entry(services: Services, workspace: WorkspaceId, person: str, name: str, waiting: str) -> None:
    """Propose what somebody wrote by hand, and tell them what became of it.

    Args:
        name: under which their words were put aside.
        waiting: the question that needed this answer, by its proposal's id; empty for none.
    """
    try:
        outcome = step("propose", _from_entry, services, workspace, person, name, waiting)
    except StepAway:
        raise  # it is tried again later
    except StepFailed as error:
        reference = step("reference", services.ids)
        log.error("reference %s: %s was not proposed: %s", reference, name, error)
        step("apologise", _post_to, services, workspace, person, name, notices.failed(reference))
        raise
    step("tell", _tell_writer, services, workspace, person, name, outcome)
    step("forget", _forget_aside, services, workspace, name)
    if waiting:
        step("draw", _draw_home, services, workspace, person)


def learn_from_choice(services: Services, workspace: WorkspaceId, decision: str) -> None:
    """Propose the words of somebody who chose one of the nearest questions."""
    step("propose", _from_choice, services, workspace, decision)


def _from_resolution(services: Services, workspace: WorkspaceId, handoff: str) -> None:
    resolutions.learn(services, workspace, HandoffId(handoff))


def _from_correction(
    services: Services, workspace: WorkspaceId, decision: str, person: str, channel: str, waiting: str
) -> str:
    """What became of a correction; see `_outcome`."""
    with services.sessions() as session:
        told = conversations.message(session, workspace, channel, waiting, vault=services.vault)
    if told is None or not told.text:
        return ""
    return _outcome(desk.from_correction(services, workspace, DecisionId(decision), PersonId(person), told.text))


def _outcome(proposed: Proposed | None) -> str:
    """What became of somebody's words: empty where they wait for an admin, known, or the id of what was rejected."""
    if proposed is None:
        return _KNOWN
    return proposed.proposal.id if proposed.proposal.state is ProposalState.REJECTED else ""


def _tell_staff(services: Services, workspace: WorkspaceId, person: str, waiting: str, outcome: str) -> None:
    with services.sessions() as session:
        user = people.external_of(session, workspace, PersonId(person))
        message = _told(session, workspace, outcome)
    if Actor(PersonId(person), services.identity.roles(user)).is_staff:
        services.delivery.post(workspace, waiting, services.delivery.direct_channel(user), message)


def _from_entry(services: Services, workspace: WorkspaceId, person: str, name: str, waiting: str) -> str:
    return _outcome(added.propose(services, workspace, PersonId(person), name, waiting))


def _tell_writer(services: Services, workspace: WorkspaceId, person: str, name: str, outcome: str) -> None:
    with services.sessions() as session:
        message = _told(session, workspace, outcome)
    _post_to(services, workspace, person, name, message)


def _post_to(services: Services, workspace: WorkspaceId, person: str, key: str, message: Message) -> None:
    """Write to one person, once per `key`."""
    with services.sessions() as session:
        user = people.external_of(session, workspace, PersonId(person))
    services.delivery.post(workspace, key, services.delivery.direct_channel(user), message)


def _told(session: Session, workspace: WorkspaceId, outcome: str) -> Message:
    """What somebody is told of what became of their words."""
    if not outcome:
        return notices.proposed()
    if outcome == _KNOWN:
        return notices.known_already()
    return notices.rejected_before(proposals.one(session, workspace, ProposalId(outcome)).reason or "")


def _forget_aside(services: Services, workspace: WorkspaceId, name: str) -> None:
    with services.sessions.begin() as session:
        asides.drop(session, workspace, name, now=services.clock())


def _draw_home(services: Services, workspace: WorkspaceId, person: str) -> None:
    """The question has left the list of those that need an answer."""
    with services.sessions() as session:
        user = people.external_of(session, workspace, PersonId(person))
    home.draw(services, workspace, user)


def _forget(services: Services, workspace: WorkspaceId, channel: str, waiting: str) -> None:
    with services.sessions.begin() as session:
        conversations.delete_message(session, workspace, channel, waiting, now=services.clock())


def _from_choice(services: Services, workspace: WorkspaceId, decision: str) -> None:
    desk.from_choice(services, workspace, DecisionId(decision))


def _from_vote(services: Services, workspace: WorkspaceId, decision: str, person: str) -> None:
    votes.weigh(services, workspace, DecisionId(decision), PersonId(person))


def _look_again(services: Services, workspace: WorkspaceId, proposal: ProposalId) -> None:
    with services.sessions() as session:
        found = proposals.one(session, workspace, proposal)
    if found.applied is not None:
        moved.entry_moved(services, workspace, found.applied.entry)


def _draw_unless_applied(services: Services, workspace: WorkspaceId, proposal: ProposalId) -> bool:
    return _draw(services, workspace, proposal, applied=False)


def _draw(services: Services, workspace: WorkspaceId, proposal: ProposalId, *, applied: bool = True) -> bool:
    """Draw until what is drawn is how things stand; False where it waits and the review channel refuses it.

    Args:
        applied: whether search has followed what was decided; otherwise that is left to the workflow that sees to it.
    """
    stands = True
    for _ in range(REDRAWS):
        with services.sessions() as session:
            found = proposals.one(session, workspace, proposal)
        if not applied and found.state in (ProposalState.APPROVED, ProposalState.UNDONE):
            return True
        message = _waiting(services, found) if found.pending else _decided(services, found)
        stands = _place(services, found, message) or not found.pending
        with services.sessions() as session:
            if proposals.one(session, workspace, proposal).revision == found.revision:
                break
    return stands


def _place(services: Services, found: Proposal, message: Message) -> bool:
    """Draw the card in every place where it stands or belongs; a wording waits in App Home and gets none.

    Returns: False where the review channel refuses it for good, which the admins are told.
    """
    review, workspace = services.settings.review_channel, found.workspace
    if found.kind is ProposalKind.NEW_PHRASING:
        for where in ("review", "thread"):
            services.delivery.update(workspace, f"proposal:{found.id}:{where}", message)
        return True
    posted = True
    if review:
        card = services.delivery.post_or_update(workspace, f"proposal:{found.id}:review", review, message)
        posted = card is not None
    key = f"proposal:{found.id}:thread"
    if _may_stand_in_thread(services, found):
        place = found.sources[0].place
        services.delivery.post_or_update(workspace, key, place.channel, message, thread=place.thread)
    else:
        services.delivery.delete(workspace, key)
    if not posted and found.pending:
        log.error("proposals reach no reviewer: I cannot post in ANSWERLOOP_REVIEW_CHANNEL (%s)", review)
        notice = notices.review_unreachable(review)
        admins.tell(services, workspace, f"unreachable:{review}:{services.clock():%F}", notice)
    return posted


def _may_stand_in_thread(services: Services, found: Proposal) -> bool:
    """Whether everyone who reads the thread may read what the card shows: the draft and the entry it is about."""
    if found.private or not found.sources:
        return False
    audiences = [found.draft.audience]
    if found.target is not None:
        with services.sessions() as session:
            shown = services.knowledge.get(session, found.workspace, found.target.entry, found.target.version)
        audiences.append(shown.content.audience)
    readers = _readers(services, found, frozenset(ref for one in audiences for ref in one.refs))
    return all(one.admits(readers) for one in audiences)


def _readers(services: Services, found: Proposal, audiences: frozenset[str]) -> frozenset[str]:
    """Which of `audiences` hold for everyone who reads the thread that a proposal comes from."""
    if not audiences or not found.sources:
        return frozenset()
    source = found.sources[0]
    with services.sessions() as session:
        person = actors.shown(session, found.workspace, source.person)
    return services.identity.readers(source.place.channel, person, audiences)


def _waiting(services: Services, found: Proposal) -> Message:
    with services.sessions() as session:
        target = None
        if found.target is not None:
            entry = services.knowledge.get(session, found.workspace, found.target.entry, found.target.version)
            target = views.Target(entry.question, entry.answer, entry.version)
        people = tuple(dict.fromkeys(actors.shown(session, found.workspace, one.person) for one in found.sources))
    place = found.sources[0].place if found.sources else None
    link = services.delivery.permalink(place.channel, place.thread) if place and not found.private else None
    details = {one.text for part in found.contact_details(services.redaction.allowed).values() for one in part}
    return views.proposal(
        views.ProposalCard(
            proposal=found.id,
            shown=proposals.shown_prefix(found),
            kind=views.CardKind(found.kind.value),
            question=found.draft.question,
            answer=found.draft.answer,
            phrasings=found.draft.phrasings,
            origin=_ORIGINS[found.origin],
            url=link or "",
            people=people,
            count=found.conversations,
            audience=audience_words(found.draft.audience),
            contacts=tuple(sorted(details)),
            target=target,
            private=found.private,
        )
    )


def _decided(services: Services, found: Proposal) -> Message:
    with services.sessions() as session:
        by = actors.shown(session, found.workspace, found.decided_by)
    approved = found.state is ProposalState.APPROVED
    edited = views.Verdict.EDITED if found.edited_by is not None else views.Verdict.APPROVED
    return views.decided(
        views.DecidedCard(
            proposal=found.id,
            verdict=edited if approved else _VERDICTS[found.state],
            question=found.draft.question,
            by=by,
            reason=found.reason or "",
            proof=_proof(services, found) if approved else None,
            undoable=approved,
            entry=_given_before(found),
        )
    )


def _given_before(found: Proposal) -> str:
    """The entry of which people were given another answer before this was decided; empty for none."""
    undone = found.state is ProposalState.UNDONE
    replaced = found.state is ProposalState.APPROVED and found.previous_version
    whole = found.kind is not ProposalKind.NEW_PHRASING
    return found.applied.entry if found.applied is not None and whole and (undone or replaced) else ""


def _proof(services: Services, found: Proposal) -> views.Proof | None:
    """The original question asked again: what was decided then, and what search says now."""
    source = next((one for one in found.sources if one.decision is not None), None)
    if source is None or source.decision is None or found.applied is None:
        return None
    with services.sessions() as session:
        decision = recorder.one(session, found.workspace, source.decision, vault=services.vault)
        audiences = services.knowledge.audiences(session, found.workspace)
    # As those would find it who read the thread: the card must not name what they may not know of.
    readers = _readers(services, found, audiences) | found.draft.audience.refs
    try:
        now = services.knowledge.search(found.workspace, decision.decision.question, readers=readers)
    except EmptyQuestion:
        return None
    before = (
        f"not sure ({decision.decision.confidence:.0%})"
        if decision.kind is DecisionKind.ABSTAINED
        else f"{decision.kind} ({decision.decision.confidence:.0%})"
    )
    best = now.best
    after = "not found"
    if best is not None:
        which = "this answer" if best.entry.id == found.applied.entry else f"“{best.entry.question}”"
        after = f"{which} ({now.confidence:.0%})"
    return views.Proof(decision.decision.question, before, after)


def audience_words(audience: Audience) -> str:
    """Who would be shown an answer, in words."""
    if audience == EVERYONE:
        return "everyone"
    named = ", ".join(_ref_words(ref) for ref in sorted(audience.refs))
    return f"only {named}"


def _ref_words(ref: str) -> str:
    kind, _, name = ref.partition(":")
    return f"the channel {name}" if kind == "channel" else f"the group {name}"
