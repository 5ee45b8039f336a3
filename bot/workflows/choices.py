"""Choices in Slack: a card on which somebody has chosen shrinks to one line that says who and what."""

from sqlalchemy.orm import Session

from bot.desk import actors, replies
from bot.desk.chosen import Verdict
from bot.services import Services
from bot.slack.views import answers
from bot.slack.views.kit import Message
from bot.workflows.steps import step
from kb.ids import WorkspaceId
from learning import choices, handoffs, recorder
from learning.ids import DecisionId, PersonId
from learning.recorder import RecordedDecision


def show_choice(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """Say on 'did you mean' what was chosen.

    Args:
        channel, ts: where the card stands.
    """
    step("draw", _draw_choice, services, workspace, channel, ts)


def show_draft(services: Services, workspace: WorkspaceId, decision: str, person: str, verdict: str) -> None:
    """Say on a draft's card what became of it.

    Args:
        person: who decided.
    """
    step("draw", _draw_draft, services, workspace, DecisionId(decision), PersonId(person), Verdict(verdict))


def _draw_choice(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    with services.sessions() as session:
        offered = recorder.for_post(session, workspace, channel, ts, vault=services.vault)
        asker = offered.decision.asker if offered is not None else None
        choice = choices.find(session, workspace, offered.id, asker) if offered is not None and asker else None
        if offered is None or choice is None:
            return
        by = actors.shown(session, workspace, asker)
        if choice.entry is None:
            message = _none_chosen(services, session, offered, by)
        else:
            entry = services.knowledge.get(session, workspace, choice.entry)
            message = answers.nearest_chosen(entry.question, by)
    services.delivery.update_at(workspace, channel, ts, message)


def _none_chosen(services: Services, session: Session, offered: RecordedDecision, by: str) -> Message:
    conversation = offered.decision.conversation
    called = conversation is not None and handoffs.live_one(session, offered.workspace, conversation) is not None
    available = bool(services.settings.support_channel)
    return answers.none_chosen(offered.id, by, person_available=available, called=called)


def _draw_draft(
    services: Services, workspace: WorkspaceId, decision: DecisionId, person: PersonId, verdict: Verdict
) -> None:
    with services.sessions() as session:
        found = recorder.one(session, workspace, decision, vault=services.vault).decision
        by = actors.shown(session, workspace, person)
    message = answers.draft_decided(found.question, by, sent=verdict is Verdict.SENT)
    services.delivery.update(workspace, replies.key(found.place.channel, found.ts, "draft"), message)
