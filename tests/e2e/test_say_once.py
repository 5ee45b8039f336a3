"""A Slack message gets one answer, whatever is redelivered, reordered or sent under a new event id."""

import pytest

from bot.workflows.work import WORKFLOW_VERSION
from tests.e2e.acts import ask, quiet, rows
from tests.e2e.conftest import Bot, by_app

pytestmark = pytest.mark.e2e

QUESTION = "@answerloop How do I reset my VPN password?"


def test_a_mention_is_answered_once_although_it_arrives_as_two_events(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("once-plain")
    question = uma.say(channel, QUESTION)
    answer = uma.wait_for_message(question)
    assert "id.lumen.example" in answer.text
    quiet(bot)
    assert len(by_app(uma.thread(question))) == 1


@pytest.mark.parametrize("fault", ["miss_ack", "duplicate", "duplicate_new_id", "reorder"])
def test_a_faulty_delivery_is_answered_once(bot: Bot, fault: str) -> None:
    uma, channel = bot.person("uma"), bot.channel(f"once-{fault}")
    bot.workspace.faults(fault, count=2)
    question = uma.say(channel, QUESTION)
    uma.wait_for_message(question, lambda one: one.by_app and "id.lumen.example" in one.text)
    quiet(bot)
    assert len(by_app(uma.thread(question))) == 1


def test_work_is_pinned_to_one_version_of_the_workflows(bot: Bot) -> None:
    """What an older release began is found by a newer one: DBOS's own version would change with every line of code."""
    ask(bot.person("uma"), bot.channel("pinned"), QUESTION)
    quiet(bot)
    found = rows(bot, "select distinct application_version as version from workflow_status")
    assert [one["version"] for one in found] == [WORKFLOW_VERSION]
