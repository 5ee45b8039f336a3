"""Alarms: what the daily look at everything that was answered found, and who is told."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.agent import NOTHING_ASKED
from bot.desk import actors, admins
from bot.services import Services
from bot.slack.views import alarms as views
from bot.slack.views.kit import Message
from kb.ids import WorkspaceId
from learning import cohorts
from learning.cohorts import Alarm, AlarmKind, Shifted
from learning.statistics import OneSided

#: What was there to be found for longer is no alarm any more: the bot looks back at its own past for the first time.
TOLD_WITHIN = timedelta(days=14)

_RATES = {AlarmKind.DOWN_VOTES: views.Rate.DOWN_VOTES, AlarmKind.ABSTENTIONS: views.Rate.ABSTENTIONS}


def tell(services: Services, workspace: WorkspaceId, due: datetime) -> int:
    """Post every alarm in the review channel, each once ever.

    Args:
        due: the moment at which one looks.

    Returns: how many there are.
    """
    if not services.settings.review_channel:
        return 0
    with services.sessions() as session:
        seen = cohorts.observed(session, workspace, now=due, not_asked=NOTHING_ASKED)
        votes = cohorts.standing_votes(session, workspace)
        found = [one for one in cohorts.alarms(seen, votes, now=due) if one.at > due - TOLD_WITHIN]
        messages = {one.key: _message(session, workspace, one) for one in found}
    for key, message in messages.items():
        admins.tell(services, workspace, f"alarm:{key}", message)
    return len(messages)


def _message(session: Session, workspace: WorkspaceId, alarm: Alarm) -> Message:
    evidence = alarm.evidence
    if isinstance(evidence, Shifted):
        return views.shift(
            views.ShiftCard(
                rate=_RATES[alarm.kind],
                before=evidence.before,
                before_cases=evidence.before_cases,
                after=evidence.after,
                after_cases=evidence.after_cases,
                since=evidence.since,
            )
        )
    if isinstance(evidence, OneSided):
        by = actors.shown(session, workspace, evidence.voter)
        return views.one_sided(views.VoterCard(by, evidence.up, evidence.votes, evidence.others_up, evidence.p_value))
    return views.thin_feedback(evidence.answers, evidence.voted.estimate, cohorts.LATELY.days)
