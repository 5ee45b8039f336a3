"""Spot checks in Slack: the card that asks staff whether an answer was right, drawn as things stand."""

from bot.desk import actors
from bot.services import Services
from bot.slack.views import spot_checks as views
from bot.slack.views.kit import Message
from bot.workflows.steps import step
from kb.ids import WorkspaceId
from learning import conversations, recorder, spot_checks
from learning.ids import SpotCheckId
from learning.recorder import DecisionKind


def show(services: Services, workspace: WorkspaceId, check: str, channel: str) -> None:
    """Draw the card of a check.

    Args:
        channel: where it stands, or belongs.
    """
    step("draw", _draw, services, workspace, SpotCheckId(check), channel)


def _draw(services: Services, workspace: WorkspaceId, check: SpotCheckId, channel: str) -> None:
    key = f"spot_check:{check}:card"
    services.delivery.post_or_update(workspace, key, channel, _card(services, workspace, check))


def _card(services: Services, workspace: WorkspaceId, check: SpotCheckId) -> Message:
    with services.sessions() as session:
        found = spot_checks.one(session, workspace, check)
        said = recorder.one(session, workspace, found.decision, vault=services.vault)
        conversation = said.decision.conversation
        place = conversations.one(session, workspace, conversation) if conversation is not None else None
        by = actors.shown(session, workspace, found.by)
        share = spot_checks.wanted(services.settings.spot_check_share, spot_checks.judged(session, workspace))
    if found.verdict is not None:
        correctable = said.id if len(said.used) == 1 else ""
        verdict = views.Verdict(found.verdict.value)
        return views.judged(views.JudgedCard(verdict, said.decision.question, by, correctable))
    link = None
    if place is not None and not place.private:
        link = services.delivery.permalink(said.decision.place.channel, said.decision.ts)
    return views.check(
        views.CheckCard(
            check=check,
            question=said.decision.question,
            answer=said.decision.answer,
            confidence=said.decision.confidence,
            share=share,
            generated=said.kind is DecisionKind.GENERATED,
            private=place is None or place.private,
            url=link or "",
        )
    )
