"""A data folder with questions that the real bot decided and recorded, to be decided again at the command line."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from bot.agent import Reply, Speaker, Turn
from bot.database import opened
from bot.desk import replies
from bot.desk.asked import Asked
from bot.desk.recording import Stopwatch
from bot.scripted_model import Line, ScriptedModel
from bot.settings import alone
from kb.entries import Audience, Draft, Provenance
from kb.ids import new_ulid
from learning import conversations, recorder
from learning.ids import DecisionId
from learning.redaction import redactor_for
from tests.bot.desk_world import WORKSPACE, DeskWorld, desk_world

KNOWN = "How do I reset my VPN password?"
#: Near to documents, and answered by no approved answer, so that a model is asked.
INCIDENT = "What happens in the first hour of an incident?"
MONTH_END = "Who closes the books at the month-end?"
SECRET_QUESTION, SECRET_ANSWER = "Where is the key of the wine cellar?", "Under the blue pot."
THEN = (Line(match="hour", reply="The incident lead keeps a log [1]."), Line(match="books", reply="NO_ANSWER"))
PRICES = {"model_price_input": 2.0, "model_price_output": 8.0, "model_reports_usage": True}


@dataclass(frozen=True)
class Past:
    """What was recorded: the data folder, the decisions by name, and the knowledge base's version."""

    folder: Path
    decisions: dict[str, DecisionId]
    version: int

    def ids(self, *names: str) -> str:
        """Decisions as they are typed."""
        return ",".join(self.decisions[name] for name in names)


def make_past(knowledge_folder: Path, folder: Path) -> Past:
    """Ask the real bot a few things; one approved answer is for one channel only."""
    with (
        ScriptedModel(THEN) as url,
        desk_world(knowledge_folder, folder, model_base_url=url, model_name="then", **PRICES) as desk,
    ):
        services = desk.services
        with services.sessions.begin() as session:
            draft = Draft(
                SECRET_QUESTION,
                SECRET_ANSWER,
                Provenance("ingest", source="more.jsonl"),
                audience=Audience(frozenset({"channel:C0CELLAR"})),
            )
            services.knowledge.publish(session, WORKSPACE, draft, by="ada")
        services.knowledge.apply_pending(WORKSPACE)
        cellar = frozenset({"channel:C0CELLAR"})
        made = {
            "known": ask(desk, "1.1", KNOWN),
            "written": ask(desk, "2.1", INCIDENT),
            "unknown": ask(desk, "3.1", MONTH_END),
            "follow-up": ask(desk, "4.1", "and if the authenticator is gone as well?", before=[KNOWN]),
            "greeting": ask(desk, "5.1", "hello"),
            "person": ask(desk, "6.1", "I want to talk to a human"),
            "details": ask(desk, "7.1", f"{KNOWN} My mail is petra@kraut.example."),
            "inside": ask(desk, "8.1", SECRET_QUESTION, channel="C0CELLAR", readers=cellar),
            "outside": ask(desk, "9.1", SECRET_QUESTION),
        }
        made["again"] = ask_again(desk, "10.1", made["known"])
        with services.sessions() as session:
            version = services.knowledge.version(session, WORKSPACE)
    return Past(folder, made, version)


def ask(
    desk: DeskWorld,
    ts: str,
    question: str,
    *,
    before: Sequence[str] = (),
    channel: str = "C0HELP",
    readers: frozenset[str] = frozenset(),
) -> DecisionId:
    """Decide a question and record that, as the main way does; nothing is posted."""
    turns = tuple(Turn(Speaker.USER, one) for one in before)
    asked = replace(desk.asked(channel, ts, question), turns=turns)
    watch = Stopwatch()
    reply: Reply = replies.choose(desk.services, WORKSPACE, asked, readers, watch=watch)
    return replies.keep(desk.services, WORKSPACE, asked, reply, watch=watch)


def ask_again(desk: DeskWorld, ts: str, before: DecisionId) -> DecisionId:
    """Somebody wants another answer to a question that was answered."""
    services = desk.services
    with services.sessions() as session:
        found = recorder.one(session, WORKSPACE, before, vault=services.vault)
        assert found.decision.conversation is not None and found.decision.asker is not None
        conversation = conversations.one(session, WORKSPACE, found.decision.conversation)
    asked = Asked(
        conversation,
        ts,
        found.decision.asker,
        "U0UMA",
        found.decision.question,
        (Turn(Speaker.BOT, found.decision.answer),),
        parent=found.decision.ts,
        tried=frozenset(item.entry for item in found.used),
    )
    watch = Stopwatch()
    reply = replies.choose(services, WORKSPACE, asked, frozenset(), watch=watch)
    return replies.keep(services, WORKSPACE, asked, reply, watch=watch)


def copy_of(past: Past, folder: Path) -> Past:
    """The same past in a folder of its own, to be changed."""
    shutil.copytree(past.folder, folder, symlinks=True)
    return replace(past, folder=folder)


def multiplied(past: Past, times: int) -> Past:
    """Records like four of the recorded ones, so many of each, in the same data folder."""
    made: dict[str, DecisionId] = {}
    with opened(alone(data_dir=past.folder)) as database, database.sessions.begin() as session:
        for name in ("known", "written", "unknown", "follow-up"):
            like = recorder.one(session, WORKSPACE, past.decisions[name], vault=database.vault)
            redactor = redactor_for(session, WORKSPACE, database.vault, now=like.at)
            for number in range(times):
                question = f"{like.decision.question} (number {number})"
                kept = recorder.record(
                    session,
                    WORKSPACE,
                    replace(like.decision, ts=f"{name}-{number}", question=question),
                    redactor=redactor,
                    vault=database.vault,
                    now=like.at + timedelta(seconds=number),
                    ids=new_ulid,
                )
                made[f"{name}-{number}"] = kept.id
    return replace(past, decisions=made)
