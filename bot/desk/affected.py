"""The threads that were given an answer which no longer holds: found, and told once.

Whether an answer holds is asked of the entry as it is now: out of use, or with another answer than the one that was
given, it does not.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from bot.desk import names
from bot.services import Services
from kb.entries import EntryStatus
from kb.ids import EntryId, WorkspaceId
from learning import conversations, recorder
from learning.conversations import MessageKind, Place
from learning.errors import Unknown
from learning.ids import DecisionId
from learning.recorder import RecordedDecision

#: How far back people are told that an answer they got no longer holds.
SINCE = timedelta(days=30)
#: How many of the newest answers are looked at: a form opens within three seconds, and it shows no more threads.
LOOKED_AT = 300
#: Before the thread and the ts of a text that waits to be sent; no Slack ts looks like it.
WAITING = "correction:"


@dataclass(frozen=True)
class Affected:
    """A thread that was given an answer which no longer holds."""

    #: The last decision that said it there.
    decision: RecordedDecision
    #: Where the answer stands; not always where the question was asked.
    place: Place
    #: Whether not everyone can read that place.
    private: bool


def threads(
    services: Services, workspace: WorkspaceId, entry: EntryId, holds: str | None = None
) -> tuple[Affected, ...]:
    """The threads of the last 30 days that were given another answer than the one that holds, newest first.

    Args:
        holds: the answer that holds; by default the entry's, as it is now.
    """
    with services.sessions() as session:
        if holds is None:
            holds = standing(services, session, workspace, entry)
        found: dict[Place, Affected] = {}
        answers: dict[int, str] = {}
        since = services.clock() - SINCE
        for one in recorder.decisions_using(
            session, workspace, entry, vault=services.vault, since=since, limit=LOOKED_AT
        ):
            given = {used.version for used in one.used if used.entry == entry}
            for version in given - answers.keys():
                answers[version] = services.knowledge.get(session, workspace, entry, version).answer
            posts = recorder.posts_of(session, workspace, one.id)
            if not posts or {answers[version] for version in given} == {holds} or one.decision.conversation is None:
                continue
            conversation = conversations.one(session, workspace, one.decision.conversation)
            # A thread that was given it twice is told once; it moves up to its last time.
            found.pop(posts[-1].place, None)
            found[posts[-1].place] = Affected(one, posts[-1].place, conversation.private)
    return tuple(reversed(found.values()))


def standing(services: Services, session: Session, workspace: WorkspaceId, entry: EntryId) -> str:
    """The answer that an entry gives now; empty where it is out of use."""
    now = services.knowledge.get(session, workspace, entry)
    return now.answer if now.status is EntryStatus.LIVE else ""


def tell(services: Services, workspace: WorkspaceId, decision: DecisionId, reply: str) -> None:
    """Send one corrected reply to where a decision was said; the same reply there is sent once.

    The text waits with the messages, encrypted, until it is sent.
    """
    told = hashlib.sha256(reply.encode()).hexdigest()[:16]
    waiting = f"{WAITING}{decision}:{told}"
    with services.sessions.begin() as session:
        found = recorder.one(session, workspace, decision, vault=services.vault)
        posts = recorder.posts_of(session, workspace, decision)
        if found.decision.conversation is None or not posts:
            raise Unknown("This answer is no longer known, so nobody can be told.")
        place = posts[-1].place
        conversations.record_message(
            session,
            workspace,
            found.decision.conversation,
            place=Place(place.channel, WAITING + place.thread),
            ts=waiting,
            author=None,
            kind=MessageKind.BOT,
            text=reply,
            vault=services.vault,
            now=services.clock(),
            ids=services.ids,
        )
        workflow_id = f"{workspace}:{place.channel}:{waiting}"
        services.work.enqueue(
            session,
            names.SEND_CORRECTION,
            workflow_id,
            workspace,
            place.channel,
            waiting,
            lane=found.decision.conversation,
        )
