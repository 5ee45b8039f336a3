"""What the end-to-end tests do again and again, as people and as the operator who looks into the database."""

import json
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

import httpx

from bot.database import opened
from bot.sandbox import world
from bot.sandbox.client import OpenView, Person, Shown
from bot.sandbox.http_delivery import signature
from bot.settings import alone
from learning import recorder
from learning.ids import DecisionId
from learning.recorder import AnswerDecision
from tests.e2e.conftest import Bot, by_app

#: A question that the fictional company's knowledge base answers, and words that only its answer holds.
KNOWN = "How do I reset my VPN password?"
KNOWN_ANSWER = "id.lumen.example"
#: A question that nothing is known of.
UNKNOWN = "Which trailer may be towed by the blue tractor?"


def ask(person: Person, channel: str, text: str = f"@answerloop {KNOWN}", *, holds: str = "") -> tuple[Shown, Shown]:
    """Ask and wait for the reply; the question and the reply.

    Args:
        holds: what the reply must say.
    """
    question = person.say(channel, text)
    return question, person.wait_for_message(question, lambda one: one.by_app and holds in one.text)


def replies(person: Person, message: Shown) -> list[Shown]:
    """The bot's messages in a thread."""
    return by_app(person.thread(message))


def stays_quiet(bot: Bot, person: Person, message: Shown, *, after: int = 0) -> bool:
    """Whether the bot, having heard everything, says nothing more in a thread.

    Args:
        after: how many messages of the bot were there before.
    """
    quiet(bot)
    return len(replies(person, message)) == after


def quiet(bot: Bot) -> None:
    """Wait until the bot has heard and done everything: what it has not said by then it will not say.

    An event is acknowledged after the work that it asks for has been committed, so that none is missed.
    """
    bot.workspace.wait_quiet()
    deadline = time.monotonic() + 15
    while unfinished(bot):
        assert time.monotonic() < deadline, f"still at work: {unfinished(bot)}"
        time.sleep(0.05)


def unfinished(bot: Bot) -> list[str]:
    """The workflows that are not done."""
    found = rows(bot, "select name from workflow_status where status in ('PENDING', 'ENQUEUED', 'DELAYED')")
    return [str(one["name"]) for one in found]


def home_of(person: Person) -> OpenView:
    """App Home as it is drawn when this person opens it now."""
    before = person.home()
    person.open_home()

    def drawn() -> OpenView | None:
        now = person.home()
        return now if now is not None and (before is None or now.raw["hash"] != before.raw["hash"]) else None

    return person.wait_for(drawn, otherwise="App Home was not drawn")


def set_channel(bot: Bot, channel: str, mode: str, *, allow_shared: bool = False, by: str = "ada") -> None:
    """Set a channel as an admin does, in the form of App Home."""
    admin = bot.person(by)
    admin.click(home_of(admin), "Channel settings")
    form = admin.wait_for_view("channel_settings_form")
    admin.submit(form, {"channel": channel, "mode": mode, "allow_shared": ["on"] if allow_shared else []})


def at_once(*acts: Any) -> None:
    """Let several people act at the same moment."""
    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(act) for act in acts]:
            done.result()


def forged(bot: Bot, user: str, payload: dict[str, Any], *, secret: str = world.SIGNING_SECRET) -> httpx.Response:
    """Send the bot an interaction that no client would, signed as Slack signs it; for a bot over HTTP."""
    whole = {
        "team": {"id": world.TEAM.id, "domain": world.TEAM.domain},
        "user": {"id": user, "team_id": world.TEAM.id},
        "api_app_id": world.APP_ID,
        "token": world.VERIFICATION_TOKEN,
        **payload,
    }
    body = urlencode({"payload": json.dumps(whole)}).encode()
    now = str(int(time.time()))
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": now,
        "X-Slack-Signature": signature(secret, now, body),
    }
    url = f"http://127.0.0.1:{bot.environment['ANSWERLOOP_HTTP_PORT']}/slack/events"
    return httpx.post(url, content=body, headers=headers, trust_env=False, timeout=10)


def press(action_id: str, value: str, message: Shown) -> dict[str, Any]:
    """A press of a button with any value on a message, as a payload to forge."""
    container = {"type": "message", "message_ts": message.ts, "channel_id": message.channel, "is_ephemeral": False}
    return {
        "type": "block_actions",
        "trigger_id": "1.2.forged",
        "container": container,
        "channel": {"id": message.channel, "name": "somewhere"},
        "message": {"ts": message.ts, "thread_ts": message.thread, "text": ""},
        "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value, "action_ts": "1.2"}],
    }


def rows(bot: Bot, statement: str, *values: Any) -> list[dict[str, Any]]:
    """What a statement finds in the bot's SQLite database."""
    with closing(sqlite3.connect(f"file:{bot.data_dir / 'answerloop.db'}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(statement, values)]


def recorded(bot: Bot, decision: str) -> AnswerDecision:
    """A record, opened with the bot's keys."""
    settings = alone(data_dir=bot.data_dir)
    with opened(settings) as database, database.sessions() as session:
        [workspace] = recorder.workspaces(session)
        return recorder.one(session, workspace, DecisionId(decision), vault=database.vault).decision


def decisions(bot: Bot, message: Shown) -> list[dict[str, Any]]:
    """The decisions recorded for one message, waiting until there is one: plain columns, question and answer."""
    deadline = time.monotonic() + 10
    while True:
        found = rows(bot, "select * from decisions where channel = ? and ts = ?", message.channel, message.ts)
        if found or time.monotonic() > deadline:
            texts = [recorded(bot, one["id"]) for one in found]
            return [
                {**one, "question": text.question, "answer": text.answer}
                for one, text in zip(found, texts, strict=True)
            ]
        time.sleep(0.05)
