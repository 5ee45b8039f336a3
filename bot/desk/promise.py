"""The promise: from what confidence on the bot speaks alone in a workspace, and when that is thought about anew."""

from sqlalchemy.orm import Session

from bot import preferences
from bot.desk import names
from bot.services import Services
from bot.settings import Settings
from kb.ids import WorkspaceId
from learning import budgets
from learning.budget import Thresholds


def thresholds(session: Session, workspace: WorkspaceId, settings: Settings) -> Thresholds:
    """The operator's thresholds where they are set, else those that keep the promise."""
    kept = budgets.current(session, workspace).thresholds
    return Thresholds(
        kept.answer if settings.answer_threshold is None else settings.answer_threshold,
        kept.offer if settings.offer_threshold is None else settings.offer_threshold,
    )


def max_wrong(session: Session, workspace: WorkspaceId, settings: Settings) -> float:
    """Which share (0 to 1) of all questions may be answered wrongly in this workspace."""
    return float(preferences.effective(session, workspace, settings, "max_wrong"))


def reconsider(services: Services, session: Session, workspace: WorkspaceId) -> None:
    """Ask for the budget to be thought about anew, at most once a minute: after a question, a vote, a verdict."""
    minute = services.clock().strftime("%Y-%m-%dT%H:%M")
    services.work.enqueue(
        session, names.CALIBRATE, f"{workspace}:calibrate:{minute}", workspace, minute, lane=names.LEARNING
    )
