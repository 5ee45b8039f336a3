"""A replay beside the running bot: the same answer comes out, and nobody in the workspace sees anything of it."""

import json

import pytest

from tests.e2e.acts import KNOWN_ANSWER, ask, decisions, quiet, rows
from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e

#: What a replay may not add to.
WRITTEN = ("decisions", "decision_evidence", "messages", "effects", "entries", "entry_versions", "signals", "proposals")


@pytest.fixture(scope="module")
def bot(one_bot: Bot) -> Bot:
    return one_bot


def _counts(bot: Bot) -> dict[str, int]:
    return {table: rows(bot, f"select count(*) n from {table}")[0]["n"] for table in WRITTEN}


def _posts(bot: Bot) -> int:
    return sum(str(call["method"]).startswith(("chat.", "views.", "reactions.")) for call in bot.workspace.calls())


def test_a_replay_beside_the_running_bot_posts_and_records_nothing(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("replayed")
    question, _ = ask(uma, channel, holds=KNOWN_ANSWER)
    [made] = decisions(bot, question)
    quiet(bot)
    before, posts = _counts(bot), _posts(bot)
    for knowledge in ("recorded", "now"):
        done = bot.command("replay", "--decisions", made["id"], "--kb-version", knowledge, "--yes", "--json")
        assert done.returncode == 0, done.stderr
        [case] = json.loads(done.stdout)["cases"]
        assert KNOWN_ANSWER in case["after"] and case["difference"]["same_words"]
    quiet(bot)
    assert _counts(bot) == before and _posts(bot) == posts
    assert json.loads(bot.command("records", "verify", "--json").stdout)["ok"]
