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
        live = [one for one in handoffs.live_ones(session, workspace) if one.id != handoff and _free(one, person)]
        if not in_room:
            live = [one for one in live if not _private(session, one)]
        asked = {one.id: (one, _understood(services, session, one)) for one in live[-COMPARED:]}
        waiting = {one: understood for one, (_, understood) in asked.items() if understood}
        mine = _understood(services, session, handoffs.one(session, workspace, handoff)) if waiting else ""
    if not mine:
        return ()
    near = services.knowledge.similarities(mine, list(waiting.values()))
    alike = handoffs.alike(dict(zip(waiting, map(float, near), strict=True)))
    with services.sessions() as session:
        found = [_waiting(services, session, asked[one][0]) for one in alike]
    return tuple(one for one in found if one is not None)


def _free(found: Handoff, person: PersonId) -> bool:
    return found.state is HandoffState.OPEN or found.claimed_by == person


def _private(session: Session, found: Handoff) -> bool:
    return conversations.one(session, found.workspace, found.conversation).private


def _understood(services: Services, session: Session, found: Handoff) -> str:
    """A handoff's question as it is compared; empty where there is none, or where only a person was asked for."""
    decision = recorder.for_question(session, found.workspace, *found.question, vault=services.vault)
    return "" if decision is None or decision.decision.rule in NOTHING_ASKED else decision.decision.question


def _waiting(services: Services, session: Session, found: Handoff) -> Waiting | None:
    """A handoff's question as it is shown; None where it was deleted meanwhile."""
    asked = conversations.message(session, found.workspace, *found.question, vault=services.vault)
    if asked is None or not asked.text:
        return None
    return Waiting(
        handoff=found.id,
        question=plain(asked.text, services.identity.bot_user()),
        asker=actors.name(session, found.workspace, found.asker),
        since=found.opened_at,
        private=_private(session, found),
    )
