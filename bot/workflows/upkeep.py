"""Upkeep: the index follows, corrections go out, the daily message, and old texts go."""

import logging
from datetime import datetime

from bot.desk import admins, alarms, handoffs, home, proposals
from bot.desk.affected import WAITING
from bot.services import Services
from bot.slack.views import notices
from bot.workflows import records
from bot.workflows.steps import step
from kb.ids import WorkspaceId
from learning import conversations
from learning.conversations import Place

log = logging.getLogger(__name__)

#: So many changes are told about on the way; fewer are done before anyone could read it.
LONG = 500


def index(services: Services, workspace: WorkspaceId) -> None:
    """Let the index follow the database."""
    step("index", _index, services, workspace)
    # No step: it is this process that shall not have to read when the first question comes.
    services.knowledge.warm(workspace)


def _index(services: Services, workspace: WorkspaceId) -> int:
    """How many changes were carried; a long way is told about as it goes, after a change of model above all."""
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if total >= LONG and done * 10 // total > told:
            told = done * 10 // total
            log.warning("index of %s: %d of %d changes", workspace, done, total)

    return services.knowledge.apply_pending(workspace, tell)


def send_correction(services: Services, workspace: WorkspaceId, channel: str, waiting: str) -> None:
    """Send one corrected reply to a thread that got an answer which no longer holds."""
    step("send", _send_correction, services, workspace, channel, waiting)


def daily(services: Services, workspace: WorkspaceId, scheduled: str) -> None:
    """Once a day: remove texts past their retention, try again to show what nobody could be shown, say what waits
    in App Home, seal what was missed, raise alarms.

    Args:
        scheduled: the moment it was due, ISO 8601; a late run works with that moment, not with its own.
    """
    due = datetime.fromisoformat(scheduled)
    step("purge", _purge, services, workspace, due)
    step("cards", handoffs.show_unseen, services, workspace, scheduled)
    step("refused", proposals.show_refused, services, workspace, scheduled)
    step("tell", _tell_waiting, services, workspace, due)
    records.seal(services, workspace, everything=True)
    step("alarms", alarms.tell, services, workspace, due)


def _send_correction(services: Services, workspace: WorkspaceId, channel: str, waiting: str) -> None:
    with services.sessions() as session:
        turn = conversations.message(session, workspace, channel, waiting, vault=services.vault)
    if turn is None or not turn.text:
        return
    place = Place(channel, turn.place.thread.removeprefix(WAITING))
    parts = notices.corrected_reply(turn.text)
    posted = services.delivery.post_all(workspace, f"{channel}:{waiting}", channel, parts, thread=place.thread)
    with services.sessions.begin() as session:
        conversation = conversations.conversation_of(session, workspace, channel, waiting)
        if posted and conversation is not None:
            conversations.record_message(
                session,
                workspace,
                conversation,
                place=place,
                ts=posted[-1].ts,
                author=None,
                kind=turn.kind,
                text=turn.text,
                vault=services.vault,
                now=services.clock(),
                ids=services.ids,
            )
        conversations.delete_message(session, workspace, channel, waiting, now=services.clock())


def _purge(services: Services, workspace: WorkspaceId, due: datetime) -> int:
    before = due - services.settings.message_retention
    with services.sessions.begin() as session:
        return conversations.purge(session, workspace, older_than=before)


def _tell_waiting(services: Services, workspace: WorkspaceId, due: datetime) -> None:
    counts = home.waiting(services, workspace)
    with services.sessions() as session:
        looks = home.due_for_review(services, session, workspace, due.date())
    if not services.settings.review_channel or not (counts.phrasings or counts.needs_answer or looks):
        return
    message = notices.daily(counts.phrasings, counts.needs_answer, looks)
    admins.tell(services, workspace, f"daily:{due.date().isoformat()}", message)
