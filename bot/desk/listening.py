"""Listening: what somebody writes after an answer says something of it: they ask on, ask again, correct it, are done.

It happens after everybody has been answered. What fails here is reported, and nothing else comes of it.
"""

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from bot.agent import NOTHING_ASKED
from bot.desk.replies import GOES_ON
from bot.logs import cause
from bot.services import Services
from bot.slack.text import plain
from kb.database import reading
from kb.ids import WorkspaceId
from learning import recorder, signals
from learning.ids import PersonId
from learning.recorder import RecordedDecision
from learning.signals import Before, Likeness, SignalKind

log = logging.getLogger(__name__)

#: How much of an answer a message is compared with, in characters: its beginning says what it is about.
_ANSWER = 400


def listen(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """Keep what the message at `channel` and `ts` says of the answer before it."""
    try:
        _listen(services, workspace, channel, ts)
    except Exception as error:  # the rim: nobody waits for this
        log.error("reference %s: what a message says is not kept: %s", services.ids(), cause(error))


def ticked(
    services: Services, workspace: WorkspaceId, channel: str, ts: str, person: PersonId, *, at: datetime | None
) -> None:
    """Somebody put ✅ on an answer or on the question: it is done.

    Args:
        at: when they did, by Slack's clock; None where Slack does not say.
    """
    with services.sessions.begin() as session:
        found = recorder.for_post(session, workspace, channel, ts, vault=services.vault)
        found = found or recorder.for_question(session, workspace, channel, ts, vault=services.vault)
        if found is not None and found.decision.rule not in NOTHING_ASKED:
            note_done(services, session, found, person, found_by="reaction", shown_by=f"{ts}:{person}", at=at)


def note_done(
    services: Services,
    session: Session,
    found: RecordedDecision,
    person: PersonId,
    *,
    found_by: str,
    shown_by: str,
    at: datetime | None = None,
) -> None:
    """Keep that somebody showed that it is done.

    Args:
        found_by, shown_by: as in `learning.signals.Signal`.
        at: when they did; None for now.
    """
    signals.note(
        session,
        found.workspace,
        found.id,
        SignalKind.COMPLETION,
        found_by=found_by,
        shown_by=shown_by,
        person=person,
        at=at or services.clock(),
        ids=services.ids,
    )


def _listen(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    with reading(services.sessions) as session:
        found = signals.overhear(
            session, workspace, channel, ts, vault=services.vault, not_asked=NOTHING_ASKED, goes_on=GOES_ON
        )
    if found is None:
        return
    bot = services.identity.bot_user()
    text = plain(found.text, bot)
    before = Before(plain(found.question, bot), found.answer, found.entry)
    likeness = _likeness(services, text, before) if found.asks else Likeness()
    heard = signals.hear(text, before, likeness, found.own, asks=found.asks)
    with services.sessions.begin() as session:
        signals.keep(session, workspace, found, heard, ids=services.ids)


def _likeness(services: Services, text: str, before: Before) -> Likeness:
    about = signals.subject(text)
    if not about:
        return Likeness()
    others = [before.question, *([before.answer[:_ANSWER]] if before.answered else [])]
    cosines = services.knowledge.similarities(about, others)
    return Likeness(*map(float, cosines))
