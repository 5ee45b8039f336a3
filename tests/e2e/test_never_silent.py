"""Who addresses the bot gets an answer or a reason, whatever breaks; the log says what broke and nobody's words."""

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.sandbox import world
from bot.sandbox.client import Shown
from tests.contract.kb_world import chroma_server
from tests.e2e.acts import KNOWN, KNOWN_ANSWER, ask, decisions, quiet, replies, rows, stays_quiet
from tests.e2e.conftest import Bot, free_port, labels, running_bot

pytestmark = pytest.mark.e2e

#: A word that stands in no document and no line of code.
MARK = "quibberwock"
REFERENCE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b")


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """A bot that logs as much as it can."""
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("never-silent"), log_level="DEBUG") as running:
        yield running


def test_an_unexpected_error_is_an_apology_with_a_reference_that_stands_in_the_log(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("unexpected")
    with _damaged_entry(bot, KNOWN):
        question, apology = ask(uma, channel, f"@answerloop {KNOWN} Greetings, {MARK}")
        assert "went wrong on my side" in apology.text
        [reference] = REFERENCE.findall(apology.text)
        assert stays_quiet(bot, uma, question, after=1)
    [line] = [line for line in bot.log.read_text().splitlines() if f"reference {reference}" in line]
    assert question.ts in line
    # And it goes on afterwards.
    ask(uma, channel, holds=KNOWN_ANSWER)


def test_the_log_holds_nobodys_words_and_no_token(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("logged")
    ask(uma, channel, f"@answerloop {KNOWN} Greetings, {MARK}")
    ask(uma, uma.direct, f"What is a {MARK}?")
    uma.command(channel, "/kb", f"ask What is a {MARK}?")
    question = uma.say(channel, f"@answerloop Who knows the {MARK}?")
    uma.edit(question, f"@answerloop Who knows the other {MARK}?")
    quiet(bot)
    log = bot.log.read_text()
    assert "DEBUG" in log, "it was to log as much as it can"
    for secret in (MARK, "VPN password", world.BOT_TOKEN, world.APP_TOKEN, world.SIGNING_SECRET):
        assert secret not in log, log[log.index(secret) - 300 :][:600]


def test_an_index_that_vanishes_is_said_or_survived_and_can_be_rebuilt(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("vanished")
    shutil.rmtree(bot.data_dir / "index")
    _, reply = ask(uma, channel)
    assert KNOWN_ANSWER in reply.text or "cannot look things up right now" in reply.text
    done = bot.command("kb", "rebuild")
    assert done.returncode == 0, done.stderr
    ask(uma, channel, holds=KNOWN_ANSWER)
    second = bot.command("serve")
    assert second.returncode == 1 and str(bot.process.pid if bot.process else 0) in second.stderr, "it lost its lock"


def test_a_form_that_fails_tells_who_sent_it(bot: Bot) -> None:
    ada, uma, channel = bot.person("ada"), bot.person("uma"), bot.channel("form-fails")
    _, answer = ask(uma, channel, holds=KNOWN_ANSWER)
    with _damaged_entry(bot, KNOWN):
        ada.click(answer, "Correct this")
        told = ada.wait_for(lambda: [one for one in ada.whispers(channel) if "went wrong" in one.text])
    [reference] = REFERENCE.findall(told[-1].text)
    assert f"reference {reference}" in bot.log.read_text()


def test_an_index_server_that_is_away_is_said_and_waited_for(
    knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    port = free_port()
    chroma = tmp_path_factory.mktemp("chroma")
    folder = tmp_path_factory.mktemp("away")
    url = f"http://127.0.0.1:{port}"
    with running_bot(knowledge_folder, folder, started=False, chroma_url=url) as bot:
        with chroma_server(chroma, port):
            done = bot.command("kb", "rebuild", "--json")
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout)["embedded"] == 0
            bot.start()
            uma, channel = bot.person("uma"), bot.channel("server")
            ask(uma, channel, holds=KNOWN_ANSWER)
        question, reply = ask(uma, channel)
        assert "cannot look things up right now" in reply.text
        assert "Get a human" in labels(reply)
        [decision] = decisions(bot, question)
        assert decision["rule"] == "index_unavailable"
        with chroma_server(chroma, port):
            ask(uma, channel, holds=KNOWN_ANSWER)
        assert len(replies(uma, question)) == 1


@contextmanager
def _damaged_entry(bot: Bot, question: str) -> Iterator[None]:
    """What no code expects: the stored versions of an entry cannot be read."""
    found = rows(bot, "select entry_id, version, content from entry_versions where content like ?", f'%"{question}"%')
    assert found, "no such entry"
    with closing(sqlite3.connect(bot.data_dir / "answerloop.db", timeout=10)) as database:
        for row in found:
            database.execute("update entry_versions set content = '{}' where entry_id = ?", (row["entry_id"],))
        database.commit()
        try:
            yield
        finally:
            for row in found:
                kept = (row["content"], row["entry_id"], row["version"])
                database.execute("update entry_versions set content = ? where entry_id = ? and version = ?", kept)
            database.commit()


@pytest.mark.parametrize(("table", "rest"), [("decision_evidence", "bare"), ("decisions", "lost")])
def test_an_answer_goes_out_although_it_cannot_be_recorded(bot: Bot, table: str, rest: str) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel(f"recorder-{rest}")
    before = len(bot.log.read_text())
    with _refusing(bot, table):
        question, answer = ask(uma, channel, holds=KNOWN_ANSWER)
        ask(uma, channel, "@answerloop I want to talk to a human", holds="Of course")
        sam.wait_for_message("C0SUPPORT", lambda one: one.by_app and "Claim" in labels(one) and channel in str(one.raw))
        quiet(bot)
    kinds = [(one["kind"], one["rule"]) for one in rows(bot, "select * from decisions where channel = ?", channel)]
    if rest == "bare":
        assert kinds == [("verbatim", "confident"), ("abstained", "asked_for_person")]
        uma.click(answer, "Helpful")
        voted = "select 1 from votes join decisions on decisions.id = votes.decision where ts = ?"
        uma.wait_for(lambda: rows(bot, voted, question.ts))
    else:
        assert kinds == []
        uma.click(answer, "Get a human")
        uma.wait_for(lambda: len(_claimable(bot)) >= 2, otherwise="nobody was called")
    told = bot.log.read_text()[before:]
    assert "a decision is recorded without its texts and evidence" in told
    assert ("a decision is not recorded" in told) is (rest == "lost")


def _claimable(bot: Bot) -> list[Shown]:
    return [one for one in bot.person("sam").messages("C0SUPPORT") if one.by_app and "Claim" in labels(one)]


@contextmanager
def _refusing(bot: Bot, table: str) -> Iterator[None]:
    """A database that takes no new row of a table."""
    with closing(sqlite3.connect(bot.data_dir / "answerloop.db", timeout=10)) as database:
        database.execute(f"create trigger refusing before insert on {table} begin select raise(abort, 'full'); end")
        database.commit()
        try:
            yield
        finally:
            database.execute("drop trigger refusing")
            database.commit()
