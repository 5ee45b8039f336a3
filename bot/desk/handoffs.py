"""Handoffs: what people do with a conversation that was given to people.

Each function is one transaction: the move, checked by `learning.handoffs`, and the workflows that show it. A card is
a picture of the present state; what the asker is told is told once per change.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from sqlalchemy.orm import Session

from bot.agent import NOTHING_ASKED, Rule
from bot.desk import listening, names, recording
from bot.services import Services
from bot.slack.text import plain, to_markdown
from kb.ids import WorkspaceId
from learning import conversations, handoffs, recorder
from learning.conversations import Conversation, Place
from learning.errors import DecidedByOther, NotAllowed, Unknown, WrongState
from learning.handoffs import Consent, Handoff, HandoffReason, HandoffState
from learning.ids import DecisionId, HandoffId, PersonId
from learning.people import Actor
from learning.recorder import RecordedDecision


def card_key(handoff: str) -> str:
    """The key of the effect that is a handoff's card."""
    return f"handoff:{handoff}:card"


class Told(StrEnum):
    """What the asker is told of a change."""

    ASKED = "asked"
    CLAIMED = "claimed"
    REASSIGNED = "reassigned"
    RELEASED = "released"
    CANCELLED = "cancelled"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    SOLVED = "solved"
    CONSENT = "consent"
    CONSENT_GIVEN = "consent_given"


def live(session: Session, workspace: WorkspaceId, conversation: Conversation) -> Handoff | None:
    """The handoff in which people owe this conversation an answer, if there is one."""
    return handoffs.live_one(session, workspace, conversation.id)


def check_free(session: Session, workspace: WorkspaceId, conversation: Conversation) -> None:
    """Once a colleague has the conversation, the bot is quiet there.

    Raises:
        WrongState: a colleague has it.
    """
    held = live(session, workspace, conversation)
    if held is not None and held.state is HandoffState.CLAIMED:
        raise WrongState("A colleague is looking into this, so I stay quiet here until it is settled.")


def hand_over(
    services: Services, session: Session, workspace: WorkspaceId, decision: RecordedDecision, reason: HandoffReason
) -> Handoff | None:
    """Give the conversation of a decision to people; None where no staff room is set up."""
    conversation, asker = decision.decision.conversation, decision.decision.asker
    if not services.settings.support_channel or conversation is None or asker is None:
        return None
    subject = decision
    if not conversations.one(session, workspace, conversation).private:
        # Elsewhere what came before is shown to nobody without the asker's consent.
        subject = question_before(services, session, workspace, decision) or decision
    what = subject.decision
    opened = handoffs.open_handoff(
        session,
        workspace,
        conversation,
        asker=asker,
        question=(what.place.channel, what.ts),
        reason=reason,
        now=services.clock(),
        ids=services.ids,
    )
    if opened.created:
        _show(services, session, opened.handoff, Told.ASKED)
    return opened.handoff


def question_before(
    services: Services, session: Session, workspace: WorkspaceId, decision: RecordedDecision
) -> RecordedDecision | None:
    """The decision on what is asked: this one, or, where it is a mere wish for a person, the last question before.

    Returns: None where nothing was asked before.
    """
    if decision.decision.rule not in NOTHING_ASKED:
        return decision
    conversation = decision.decision.conversation
    if conversation is None:
        return None
    known = recorder.in_conversation(session, workspace, conversation, vault=services.vault)
    before = [one for one in known if one.decision.ts < decision.decision.ts and one.decision.rule not in NOTHING_ASKED]
    return before[-1] if before else None


def claim(services: Services, workspace: WorkspaceId, handoff: HandoffId, actor: Actor) -> Handoff:
    """Staff take it over; the asker is told who."""
    with services.sessions.begin() as session:
        before = handoffs.one(session, workspace, handoff)
        after = handoffs.claim(session, workspace, handoff, actor, now=services.clock())
        if after.revision != before.revision:
            _show(services, session, after, Told.CLAIMED)
    return after


def release(services: Services, workspace: WorkspaceId, handoff: HandoffId, actor: Actor) -> None:
    """Staff give it back to the queue."""
    with services.sessions.begin() as session:
        after = handoffs.release(session, workspace, handoff, actor, now=services.clock())
        _show(services, session, after, Told.RELEASED)


def reassign(services: Services, workspace: WorkspaceId, handoff: HandoffId, actor: Actor, to: PersonId) -> None:
    """Staff give it to a colleague; where nobody has it yet, the one who gives it takes it first."""
    with services.sessions.begin() as session:
        if handoffs.one(session, workspace, handoff).state is HandoffState.OPEN:
            handoffs.claim(session, workspace, handoff, actor, now=services.clock())
        after = handoffs.reassign(session, workspace, handoff, actor, to, now=services.clock())
        _show(services, session, after, Told.REASSIGNED)


def cancel(services: Services, workspace: WorkspaceId, handoff: HandoffId, actor: Actor) -> None:
    """The asker (or staff) says that no help is needed any more."""
    with services.sessions.begin() as session:
        after = handoffs.cancel(session, workspace, handoff, actor, now=services.clock())
        _show(services, session, after, Told.CANCELLED)


def resolve(
    services: Services,
    workspace: WorkspaceId,
    handoff: HandoffId,
    actor: Actor,
    *,
    answer: str,
    learn: bool,
    alike: Sequence[HandoffId] = (),
) -> int:
    """Staff settle it; the asker sees the answer and is asked whether it helped, and it may become a proposal.

    Args:
        alike: other handoffs that the same answer settles; all are settled together or, after a crash, none is.

    Returns: how many of those were closed or taken over meanwhile, so that they are left alone.
    """
    with services.sessions.begin() as session:
        before = handoffs.one(session, workspace, handoff)
        if before.state is HandoffState.OPEN:
            handoffs.claim(session, workspace, handoff, actor, now=services.clock())
        after = handoffs.resolve(
            session,
            workspace,
            handoff,
            actor,
            answer=answer,
            learn=learn,
            vault=services.vault,
            now=services.clock(),
            ids=services.ids,
        )
        if after.revision == before.revision or after.resolution is None:
            return 0
        _show(services, session, after, Told.RESOLVED)
        others = [one for one in dict.fromkeys(alike) if one != handoff]
        settled = [_settle_along(services, session, one, actor, after, answer) for one in others]
        workflow_id = f"{workspace}:handoff:{handoff}:{after.resolution.id}:learn"
        services.work.enqueue(
            session, names.LEARN_FROM_RESOLUTION, workflow_id, workspace, handoff, lane=names.LEARNING
        )
    return settled.count(False)


def _settle_along(
    services: Services, session: Session, handoff: HandoffId, actor: Actor, main: Handoff, answer: str
) -> bool:
    """Settle one more handoff with the answer to `main`; False where it is no longer this person's to settle."""
    if main.resolution is None:
        return False
    try:
        with session.begin_nested():
            after = handoffs.resolve_along(
                session,
                main.workspace,
                handoff,
                actor,
                main.resolution,
                answer=answer,
                vault=services.vault,
                now=services.clock(),
                ids=services.ids,
            )
    except (DecidedByOther, Unknown):
        return False
    _show(services, session, after, Told.RESOLVED)
    return True


def reopen(services: Services, workspace: WorkspaceId, handoff: HandoffId, actor: Actor) -> None:
    """The asker or staff want it looked at again."""
    with services.sessions.begin() as session:
        after = handoffs.reopen(session, workspace, handoff, actor, now=services.clock())
        _show(services, session, after, Told.REOPENED)


def solved(services: Services, workspace: WorkspaceId, handoff: HandoffId, actor: Actor, *, yes: bool) -> None:
    """The asker says whether the resolution helped; where it did not, people look again."""
    with services.sessions.begin() as session:
        after = handoffs.mark_solved(session, workspace, handoff, actor, yes, now=services.clock())
        _tell(services, session, after, Told.SOLVED)
        if yes:
            _note_done(services, session, after, actor)
        else:
            after = handoffs.reopen(session, workspace, handoff, actor, now=services.clock())
            _show(services, session, after)


def _note_done(services: Services, session: Session, found: Handoff, actor: Actor) -> None:
    """The asker's own word that it is done counts for what was asked."""
    asked = recorder.for_question(session, found.workspace, *found.question, vault=services.vault)
    if asked is not None:
        listening.note_done(
            services,
            session,
            asked,
            actor.person,
            found_by="button",
            shown_by=f"{found.id}:{found.opened_at.timestamp():.0f}",
        )


def consent(services: Services, workspace: WorkspaceId, handoff: HandoffId, actor: Actor, *, given: bool) -> None:
    """The asker decides whether staff may see what was written before.

    Raises:
        NotAllowed: only the asker can decide this.
        WrongState: nobody is asked any more, so nothing is passed on.
    """
    with services.sessions.begin() as session:
        found = handoffs.one(session, workspace, handoff)
        if actor.person != found.asker:
            raise NotAllowed("Only the person who asked can decide this.")
        if not found.live:
            raise WrongState("This conversation is closed, so I pass nothing on.", state=found.state)
        answer = Consent.GIVEN if given else Consent.REFUSED
        after = handoffs.set_consent(session, workspace, handoff, answer, now=services.clock())
        _tell(services, session, after, Told.CONSENT_GIVEN)
        if given:
            workflow_id = f"{workspace}:handoff:{handoff}:earlier"
            services.work.enqueue(
                session, names.PASS_ON_EARLIER, workflow_id, workspace, handoff, lane=found.conversation
            )


def show_unseen(services: Services, workspace: WorkspaceId, moment: str) -> None:
    """Ask for the cards of what waits and stands in no staff room yet to be tried again.

    Args:
        moment: names this try.
    """
    with services.sessions.begin() as session:
        for one in handoffs.live_ones(session, workspace):
            if one.room is None:
                workflow_id = f"{workspace}:handoff:{one.id}:{moment}:show"
                services.work.enqueue(
                    session, names.SHOW_HANDOFF, workflow_id, workspace, one.id, lane=one.conversation
                )


def looks_settled(services: Services, session: Session, found: Handoff) -> None:
    """Offer Resolve, once, where a ✅ or the asker's thanks says that it is settled."""
    if handoffs.mark_offered(session, found.workspace, found.id, now=services.clock()):
        workflow_id = f"{found.workspace}:handoff:{found.id}:{found.opened_at.timestamp():.0f}:offer"
        services.work.enqueue(
            session, names.OFFER_RESOLVE, workflow_id, found.workspace, found.id, lane=found.conversation
        )


def draft_resolution(services: Services, workspace: WorkspaceId, handoff: HandoffId) -> tuple[str, str]:
    """The question and an answer drafted from the staff's own words, for the form."""
    with services.sessions() as session:
        found = handoffs.one(session, workspace, handoff)
        asked = conversations.message(session, workspace, *found.question, vault=services.vault)
        place = conversations.one(session, workspace, found.conversation).place
        words = handoffs.staff_words(session, workspace, handoff, vault=services.vault)
    bot = services.identity.bot_user()
    # What staff told the asker: where they speak in the asker's own thread, the room is for talk among themselves.
    told = tuple(turn for turn in words if (turn.place != place) is found.relay)
    said = tuple(replace(turn, text=to_markdown(turn.text or "")) for turn in told or (() if found.relay else words))
    return (plain(asked.text, bot) if asked and asked.text else ""), handoffs.draft_answer(said)


def hand_over_decision(
    services: Services,
    workspace: WorkspaceId,
    decision: DecisionId,
    reason: HandoffReason,
    *,
    pressed: Place | None = None,
) -> bool:
    """'Get a human' under an answer; False where no staff room is set up.

    Args:
        pressed: where the answer stands; its conversation is found by that where the decision was not recorded.
    """
    with services.sessions.begin() as session:
        try:
            found = recorder.one(session, workspace, decision, vault=services.vault)
        except Unknown:
            here = None if pressed is None else conversations.find(session, workspace, pressed)
            if here is None:
                raise
            found = recording.unrecorded(services, decision, here, here.place.thread, Rule.NOT_SURE)
        return hand_over(services, session, workspace, found, reason) is not None


def _show(services: Services, session: Session, handoff: Handoff, told: Told | None = None) -> None:
    workflow_id = f"{handoff.workspace}:handoff:{handoff.id}:{handoff.revision}:show"
    services.work.enqueue(
        session, names.SHOW_HANDOFF, workflow_id, handoff.workspace, handoff.id, lane=handoff.conversation
    )
    if told is not None:
        _tell(services, session, handoff, told)


def _tell(services: Services, session: Session, handoff: Handoff, told: Told) -> None:
    workflow_id = f"{handoff.workspace}:handoff:{handoff.id}:{handoff.revision}:{told}"
    services.work.enqueue(
        session,
        names.TELL_ASKER,
        workflow_id,
        handoff.workspace,
        handoff.id,
        told,
        str(handoff.revision),
        lane=handoff.conversation,
    )
