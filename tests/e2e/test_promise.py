"""The promised wrong rate, end to end: where votes show that it is not kept, admins hear of it."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.demo import FIXTURES
from tests.e2e.acts import ask, home_of, quiet, rows
from tests.e2e.conftest import Bot, by_app, running_bot
from tests.e2e.desk import REVIEW

pytestmark = pytest.mark.e2e

#: Votes from which on what is known of the answers is fitted to, and some for those that are no answer.
VOTED = 24
#: The promise is thought about at most once a minute.
MINUTE = 60


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("promise"), spot_check_share="0") as running:
        yield running


def test_admins_are_told_that_the_promise_is_not_kept(bot: Bot) -> None:
    uma, ada, channel = bot.person("uma"), bot.person("ada"), bot.channel("promise")
    lines = [json.loads(line) for line in (FIXTURES / "knowledge.jsonl").read_text().splitlines()]
    known = [line["question"] for line in lines if not line.get("audience")]
    for question in known[:VOTED]:
        _, answer = ask(uma, channel, f"@answerloop {question}")
        uma.react(answer, "thumbsdown")
    quiet(bot)
    assert rows(bot, "select count(*) n from votes")[0]["n"] >= 20

    spare = iter(known[VOTED:])
    deadline = time.monotonic() + 2.5 * MINUTE
    while not (told := _alarms(bot)):
        assert time.monotonic() < deadline, "nobody was told"
        ask(uma, channel, f"@answerloop {next(spare)}")
        time.sleep(MINUTE / 10)
    assert len(told) == 1 and "were answered wrongly" in told[0] and "3.0% are promised" in told[0]
    assert "were answered wrongly" in home_of(ada).text, "it stands in App Home as long as it holds"


def _alarms(bot: Bot) -> list[str]:
    return [one.text for one in by_app(bot.person("ada").messages(REVIEW)) if "are promised" in one.text]
