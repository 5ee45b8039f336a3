"""Choices in Slack: a card on which somebody has chosen shrinks to one line that says who and what."""

from bot.desk import actors, replies
from bot.desk.chosen import Verdict
from bot.services import Services
from bot.slack.views import answers
from bot.workflows.steps import step
from kb.ids import WorkspaceId
from learning import recorder
from learning.ids import DecisionId, PersonId


def show_choice(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """Say on 'did you mean' which question was chosen.

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
        made = recorder.for_question(session, workspace, channel, ts)
        if made is None or not made.used:
            return
        entry = services.knowledge.get(session, workspace, made.used[0].entry, made.used[0].version)
        by = actors.shown(session, workspace, made.decision.asker)
    services.delivery.update_at(workspace, channel, ts, answers.nearest_chosen(entry.question, by))


def _draw_draft(
    services: Services, workspace: WorkspaceId, decision: DecisionId, person: PersonId, verdict: Verdict
) -> None:
    with services.sessions() as session:
        found = recorder.one(session, workspace, decision).decision
        by = actors.shown(session, workspace, person)
    message = answers.draft_decided(found.question, by, sent=verdict is Verdict.SENT)
    services.delivery.update(workspace, replies.key(found.place.channel, found.ts, "draft"), message)
