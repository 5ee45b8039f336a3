"""The bot's services in this process, on real parts: for what happens between a payload and the work it asks for.

The work is noted in the database and done by nobody.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbos import DBOS
from sqlalchemy import text

from bot import assembly
from bot.agent import Reply, ReplyKind, Rule, Source
from bot.desk import replies
from bot.desk.replies import Asked
from bot.sandbox import world
from bot.sandbox.server import serve
from bot.services import Services
from bot.settings import alone
from kb.entries import Entry, EntryStatus
from kb.ids import WorkspaceId
from learning import conversations, people
from learning.conversations import MessageKind, Place, Privacy
from learning.ids import DecisionId, PersonId

WORKSPACE = WorkspaceId(world.TEAM.id)


@dataclass
class DeskWorld:
    """Services, and a few things to do something with."""

    services: Services

    def person(self, user: str) -> PersonId:
        with self.services.sessions.begin() as session:
            return people.person_for(session, WORKSPACE, user, now=self.services.clock(), ids=self.services.ids)

    def entry(self, question: str) -> Entry:
        with self.services.sessions() as session:
            known = self.services.knowledge.entries(session, WORKSPACE, status=EntryStatus.LIVE)
        return next(one for one in known if one.question == question)

    def asked(self, channel: str, ts: str, question: str, user: str = "U0UMA") -> Asked:
        """A question as the inbox keeps it."""
        services, person = self.services, self.person(user)
        stamps: dict[str, Any] = {"now": services.clock(), "ids": services.ids}
        with services.sessions.begin() as session:
            place = Place(channel, ts)
            conversation = conversations.open_conversation(
                session, WORKSPACE, place, person, privacy=Privacy.OPEN, **stamps
            )
            conversations.record_message(
                session,
                WORKSPACE,
                conversation.id,
                place=place,
                ts=ts,
                author=person,
                kind=MessageKind.USER,
                text=question,
                vault=services.vault,
                **stamps,
            )
        return Asked(conversation, ts, person, user, question, ())

    def decided(self, asked: Asked) -> DecisionId:
        """An approved answer to a question, decided and not said yet."""
        entry = self.entry(asked.text)
        reply = Reply(
            kind=ReplyKind.VERBATIM,
            text=entry.answer,
            rule=Rule.CONFIDENT,
            understood=asked.text,
            confidence=0.9,
            sources=(Source(1, entry.id, entry.version, entry.question, None, None),),
        )
        return replies.keep(self.services, WORKSPACE, asked, reply)

    def said(self, asked: Asked, ts: str) -> None:
        """The answer stands in the thread."""
        channel = asked.conversation.place.channel
        with self.services.sessions() as session:
            ready = replies.prepared(self.services, session, WORKSPACE, channel, asked.ts)
        assert ready is not None
        replies.said(self.services, WORKSPACE, asked, ready, place=asked.conversation.place, parts=[ts])

    def work(self, workflow: str) -> list[str]:
        """The ids of the work of one kind that was asked for."""
        statement = text("select workflow_uuid from workflow_status where name = :name order by created_at")
        with self.services.engine.connect() as connection:
            return [str(row[0]) for row in connection.execute(statement, {"name": workflow})]


@contextmanager
def desk_world(knowledge_folder: Path, folder: Path, **given: Any) -> Iterator[DeskWorld]:
    """Services over the fictional company's knowledge and a local workspace of their own."""
    shutil.copytree(knowledge_folder, folder, symlinks=True)
    with serve(0) as url:
        usual = {"review_channel": "C0REVIEW"}
        settings = alone(
            data_dir=folder,
            slack_bot_token=world.BOT_TOKEN,
            slack_app_token=world.APP_TOKEN,
            slack_base_url=f"{url}/api/",
            support_channel="C0SUPPORT",
            staff="U0SAM",
            admins="U0ADA,U0ANN",
            **usual | given,
        )
        with assembly.store(settings) as opened:
            DBOS.migrate(f"sqlite:///{folder / 'answerloop.db'}")
            yield DeskWorld(assembly.services(settings, opened))
