"""'Stop using this': out of search at once, and always with a way back that staff can find."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox import world
from bot.sandbox.client import Shown
from tests.e2e.acts import quiet, rows
from tests.e2e.conftest import Bot, labels, running_bot
from tests.e2e.desk import REVIEW, answer_of, audit_holds, becomes, told

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("stops")) as running:
        yield running


def test_what_was_stopped_is_not_said_again_until_it_is_put_back(bot: Bot) -> None:
    asked, known = "Can I have a locker?", "every floor"
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("stop-and-back")
    answer = answer_of(bot, uma, channel, asked, known)
    sam.click(answer, "answer_menu", "Stop using this")
    notice = in_review(bot, asked)
    assert "<@U0SAM>" in notice.text
    quiet(bot)
    assert known not in answer_of(bot, uma, channel, asked).text
    bot.person("ada").click(notice, "Undo")
    put_back = becomes(bot.person("ada"), notice, lambda one: "back in use" in one.text)
    assert "Undo" not in labels(put_back)
    quiet(bot)
    answer_of(bot, uma, channel, asked, known)


@pytest.mark.parametrize(
    ("killed", "asked", "known"),
    [(False, "How do I book a desk?", "Perch"), (True, "How do I add a new supplier?", "Suppliers")],
)
def test_the_way_back_stands_where_it_was_pressed_if_the_review_channel_cannot_be_used(
    bot: Bot, killed: bool, asked: str, known: str
) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel(f"stop-refused-{killed}".lower())
    answer = answer_of(bot, uma, channel, asked, known)
    quiet(bot)
    before = len(rows(bot, "select id from reviews where action = 'stop'"))
    bot.workspace.members(REVIEW, remove=[world.BOT_USER])
    try:
        sam.click(answer, "answer_menu", "Stop using this")
        if killed:
            sam.wait_for(lambda: len(rows(bot, "select id from reviews where action = 'stop'")) > before or None)
            bot.kill()
            bot.start()
        notice = sam.wait_for_message(answer, lambda one: one.by_app and "Undo" in labels(one))
        assert "I no longer give it" in notice.text
        sam.click(notice, "Undo")
        becomes(sam, notice, lambda one: "back in use" in one.text)
    finally:
        bot.workspace.members(REVIEW, add=[world.BOT_USER])
    quiet(bot)
    answer_of(bot, uma, channel, asked, known)


def test_who_comes_second_is_told_so_and_there_is_one_notice(bot: Bot) -> None:
    asked = "How do I find my cost centre?"
    uma, sam, ada = bot.person("uma"), bot.person("sam"), bot.person("ada")
    channel = bot.channel("stop-twice")
    answer = answer_of(bot, uma, channel, asked, "four digits")
    sam.click(answer, "answer_menu", "Stop using this")
    notice = in_review(bot, asked)
    ada.click(answer, "answer_menu", "Stop using this")
    assert "<@U0SAM>" in told(ada, channel, "out of use already").text
    quiet(bot)
    assert [one.ts for one in ada.messages(REVIEW) if asked in one.text] == [notice.ts]
    ada.click(ada.again(notice), "Undo")
    becomes(ada, notice, lambda one: "back in use" in one.text)
    quiet(bot)
    answer_of(bot, uma, channel, asked, "four digits")


def test_only_staff_stop_answers_and_put_them_back(bot: Bot) -> None:
    asked, known = "Where do I find my payslip?", "Payslips"
    uma, channel = bot.person("uma"), bot.channel("stop-staff")
    answer = answer_of(bot, uma, channel, asked, known)
    uma.click(answer, "answer_menu", "Stop using this")
    told(uma, channel, "Only support staff")
    quiet(bot)
    answer_of(bot, uma, channel, asked, known)


def test_the_audit_trail_holds_afterwards(bot: Bot) -> None:
    audit_holds(bot)


def in_review(bot: Bot, question: str) -> Shown:
    """The notice in the review channel that an answer was stopped."""
    return bot.person("ada").wait_for_message(REVIEW, lambda one: question in one.text and "Undo" in labels(one))
