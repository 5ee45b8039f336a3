"""Keeping the promise: ranking, confidence and thresholds follow what people show; admins hear where they cannot."""

from datetime import timedelta

from bot.desk import admins, promise
from bot.services import Services
from bot.slack.views import notices
from bot.workflows.steps import step
from kb.ids import WorkspaceId
from learning import budgets

#: What comes and goes at the edge of the promise is told again only after it was away for so long.
QUIET = timedelta(days=1)


def calibrate(services: Services, workspace: WorkspaceId, minute: str) -> None:
    """Fit and choose thresholds anew where something is due.

    Args:
        minute: when it was asked for; names the alarm, so that it is posted once.
    """
    if step("refresh", _refresh, services, workspace):
        step("alarm", _alarm, services, workspace, minute)


def _refresh(services: Services, workspace: WorkspaceId) -> bool:
    """Whether there is a reason for alarm that was none of late."""
    with services.sessions() as session:
        before = budgets.alarmed(session, workspace, since=services.clock() - QUIET)
        max_wrong = promise.max_wrong(session, workspace, services.settings)
    now = services.calibrator.refresh(workspace, max_wrong=max_wrong)
    # That a promise is broken is news, too, where before nobody could tell.
    return bool(now.alarm) and (not before or (now.broken and not any(one.broken for one in before)))


def _alarm(services: Services, workspace: WorkspaceId, minute: str) -> None:
    with services.sessions() as session:
        alarm = budgets.current(session, workspace).alarm
    if alarm:
        message = notices.budget_alarm(alarm)
        admins.tell(services, workspace, f"budget:{minute}:alarm", message)
