"""Waiting questions that look like the one being answered, for the form in which staff resolve it.

They are looked for after the form is open: comparing takes longer than a form may wait. What is shown of a question is
what its card shows; one from where not everyone can read is shown only to who is in the staff room, where its card is.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.agent import NOTHING_ASKED
from bot.desk import actors, names
from bot.services import Services
from bot.slack.text import plain
from kb.ids import WorkspaceId
from learning import conversations, handoffs, people, recorder
from learning.handoffs import Handoff, HandoffState
from learning.ids import HandoffId, PersonId
from learning.people import Actor

#: So many of the newest waiting questions are compared; a second's work on a busy machine.
COMPARED = 100


@dataclass(frozen=True)
class Waiting:
    """A question that waits for a person."""

    handoff: HandoffId
    #: As its card shows it.
    question: str
    #: As it is compared: understood with its thread, redacted.
    understood: str
    #: Display name.
    asker: str
    since: datetime
    private: bool


def ask(services: Services, workspace: WorkspaceId, handoff: HandoffId, actor: Actor, view: str) -> None:
    """Ask for what looks alike to be shown in a form that is open.

    Args:
        view: Slack's id of the form.
    """
    with services.sessions.begin() as session:
        if len(handoffs.live_ones(session, workspace)) > 1:
            workflow_id = f"{workspace}:handoff:{handoff}:{view}:alike"
            services.work.enqueue(
                session, names.SHOW_ALIKE, workflow_id, workspace, handoff, actor.person, view, lane=view
            )


def find(services: Services, workspace: WorkspaceId, handoff: HandoffId, person: PersonId) -> tuple[Waiting, ...]:
    """The waiting questions that look like that of a handoff, nearest first.

    Args:
        person: who would answer them: what a colleague has is not theirs to settle.
    """
    with services.sessions() as session:
        user = people.external_of(session, workspace, person)
    room = f"channel:{services.settings.support_channel}"
    in_room = room in services.identity.held_by(user, frozenset({room}))
    with services.sessions() as session:
        mine = _waiting(services, session, handoffs.one(session, workspace, handoff))
        live = [one for one in handoffs.live_ones(session, workspace) if one.id != handoff and _free(one, person)]
        others = [_waiting(services, session, one) for one in live[-COMPARED:]]
    shown = [one for one in others if one is not None and (in_room or not one.private)]
    if mine is None or not shown:
        return ()
    near = services.knowledge.similarities(mine.understood, [one.understood for one in shown])
    by_id = {one.handoff: one for one in shown}
    return tuple(by_id[one] for one in handoffs.alike(dict(zip(by_id, map(float, near), strict=True))))


def _free(found: Handoff, person: PersonId) -> bool:
    return found.state is HandoffState.OPEN or found.claimed_by == person


def _waiting(services: Services, session: Session, found: Handoff) -> Waiting | None:
    """A handoff's question; None where there is none any more, or where a person was asked for and nothing else."""
    asked = conversations.message(session, found.workspace, *found.question, vault=services.vault)
    decision = recorder.for_question(session, found.workspace, *found.question, vault=services.vault)
    if asked is None or not asked.text or decision is None or decision.decision.rule in NOTHING_ASKED:
        return None
    return Waiting(
        handoff=found.id,
        question=plain(asked.text, services.identity.bot_user()),
        understood=decision.decision.question,
        asker=actors.name(session, found.workspace, found.asker),
        since=found.opened_at,
        private=conversations.one(session, found.workspace, found.conversation).private,
    )
