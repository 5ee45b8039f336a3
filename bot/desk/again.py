"""Try again: somebody wants another answer to the same question. The wish is kept as a signal, and one is looked for.

The answer's own ts is the identity of the wish, so that an answer is tried again once; the new answer has a button of
its own.
"""

from dataclasses import replace

from sqlalchemy.orm import Session

from bot.agent import Speaker, Turn
from bot.desk import handoffs, names, replies
from bot.desk.asked import Asked
from bot.services import Services
from bot.slack.payloads import ButtonClick
from kb.ids import EntryId, WorkspaceId
from learning import people, recorder, signals
from learning.errors import Stale, Unknown
from learning.ids import DecisionId, PersonId
from learning.recorder import RecordedDecision
from learning.signals import SignalKind


def request(services: Services, click: ButtonClick, decision: DecisionId) -> None:
    """Keep the wish, and ask for another answer.

    Raises:
        Unknown: the question is no longer kept.
        Stale: this answer was tried again before.
        WrongState: a colleague has the conversation.
    """
    workspace = click.asker.origin.workspace
    with services.sessions.begin() as session:
        found = recorder.one(session, workspace, decision, vault=services.vault)
        person = people.person_for(session, workspace, click.asker.user, now=services.clock(), ids=services.ids)
        asked = load(services, session, workspace, found, person, click.message_ts)
        if asked is None:
            raise Unknown("This question is no longer kept, so I cannot try again. Please ask anew.")
        handoffs.check_free(session, workspace, asked.conversation)
        wished = signals.note(
            session,
            workspace,
            decision,
            SignalKind.REGENERATION,
            found_by="button",
            shown_by=click.message_ts,
            person=person,
            at=services.clock(),
            ids=services.ids,
        )
        if not wished:
            raise Stale("I have tried this one again already. Please look at my newest answer.")
        workflow_id = f"{workspace}:{click.channel}:{click.message_ts}:again"
        ids = (decision, person, click.message_ts)
        services.work.enqueue(session, names.TRY_AGAIN, workflow_id, workspace, *ids, lane=asked.conversation.id)


def load(
    services: Services,
    session: Session,
    workspace: WorkspaceId,
    found: RecordedDecision,
    person: PersonId,
    ts: str,
) -> Asked | None:
    """The question of a decision, to be answered again; None where it is not kept any more.

    Args:
        person: who wants it.
        ts: of the answer that is not enough; the new decision's own.
    """
    place, first = found.decision.place, found.decision.parent or found.decision.ts
    asked = replies.load(services, session, workspace, place.channel, first)
    if asked is None:
        return None
    before = [
        one
        for one in recorder.in_conversation(session, workspace, asked.conversation.id, vault=services.vault)
        if first in (one.decision.ts, one.decision.parent)
    ]
    said = tuple(Turn(Speaker.BOT, one.decision.answer) for one in before if one.decision.answer)
    return replace(
        asked,
        ts=ts,
        person=person,
        user=people.external_of(session, workspace, person),
        turns=(*asked.turns, *said),
        addressed=True,
        parent=first,
        tried=_said(before),
    )


def _said(decisions: list[RecordedDecision]) -> frozenset[EntryId]:
    """The entries whose answers were not enough."""
    return frozenset(item.entry for one in decisions for item in one.used)
