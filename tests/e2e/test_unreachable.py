"""The support channel refuses the bot: who needs a person hears the truth, admins what to do, and nothing is lost."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox import world
from bot.sandbox.client import Shown
from tests.e2e.acts import KNOWN, KNOWN_ANSWER, replies, rows, set_channel
from tests.e2e.conftest import Bot, by_app, labels, running_bot
from tests.e2e.desk import (
    REVIEW,
    SUPPORT,
    abstained,
    becomes,
    card_of,
    hand_over,
    home,
    resolve,
    review_card,
)
from tests.e2e.desk import handed as wait_until_handed

pytestmark = pytest.mark.e2e

#: Who is in the staff room.
STAFF = ("U0SAM", "U0ADA")


@pytest.fixture
def bot(knowledge_folder: Path, tmp_path: Path) -> Iterator[Bot]:
    """A bot whose daily work is due every second, so that a test need not wait for seven o'clock."""
    with running_bot(knowledge_folder, tmp_path / "bot", daily_at="* * * * * *") as running:
        yield running


@contextlib.contextmanager
def removed(bot: Bot, *channels: str) -> Iterator[None]:
    """The bot is not in these channels."""
    for channel in channels:
        bot.workspace.members(channel, remove=[world.BOT_USER])
    yield
    for channel in channels:
        bot.workspace.members(channel, add=[world.BOT_USER])


@contextlib.contextmanager
def archived(bot: Bot) -> Iterator[None]:
    """The support channel is archived."""
    facts = {"id": SUPPORT, "is_private": True}
    bot.workspace.add_channel("support", [*STAFF, world.BOT_USER], is_archived=True, **facts)
    yield
    bot.workspace.add_channel("support", [*STAFF, world.BOT_USER], **facts)


def wants_a_person(bot: Bot, channel: str, what: str) -> tuple[Shown, Shown]:
    """Ask what nobody knows and press 'Get a human'; the question and what the asker is told."""
    uma = bot.person("uma")
    question, offered = abstained(bot, uma, channel, what)
    uma.click(offered, "Get a human")
    return question, uma.wait_for_message(question, lambda one: "couldn't reach anybody" in one.text)


def test_the_asker_hears_the_truth_the_admins_what_to_do_and_it_goes_on_by_itself(bot: Bot) -> None:
    uma, sam, ada, channel = bot.person("uma"), bot.person("sam"), bot.person("ada"), bot.channel("away")
    with removed(bot, SUPPORT):
        question, told = wants_a_person(bot, channel, "walrus")
        assert labels(told) == "I no longer need help"
        assert "ask a colleague or an admin" in told.text
        notice = ada.wait_for_message(REVIEW, lambda one: "can't post in the support channel" in one.text)
        assert "invite me" in notice.text and "ANSWERLOOP_SUPPORT_CHANNEL" in notice.text
        home(sam, lambda view: "walrus" in view.text and "waiting" in view.text)
        runs = len(rows(bot, "select workflow_uuid from workflow_status where name = 'daily'"))
        uma.wait_for(
            lambda: len(rows(bot, "select workflow_uuid from workflow_status where name = 'daily'")) > runs + 2
        )
        said = " ".join(one.text for one in replies(uma, question))
        assert "asked a colleague" not in said and said.count("couldn't reach anybody") == 1
    log = [line for line in bot.log.read_text().splitlines() if "ANSWERLOOP_SUPPORT_CHANNEL" in line]
    assert log and all("walrus" not in line for line in log)
    given = wait_until_handed(bot, question, "walrus")
    sam.click(given.card, "Claim")
    uma.wait_for_message(question, lambda one: "is looking into this" in one.text)
    assert len([one for one in by_app(ada.messages(REVIEW)) if "can't post in the support" in one.text]) == 1
    assert len([one for one in replies(uma, question) if "asked a colleague" in one.text]) == 1


def test_what_is_written_meanwhile_in_private_reaches_staff_and_their_words_the_asker(bot: Bot) -> None:
    uma, sam = bot.person("uma"), bot.person("sam")
    with archived(bot):
        question, _ = wants_a_person(bot, uma.direct, "ocelot")
        for words in ("It hisses.", "And it bites."):
            uma.say(uma.direct, words, thread=question)
    given = wait_until_handed(bot, question, "ocelot")
    sam.wait_for_message(given.card, lambda one: "It bites" in one.text or "it bites" in one.text)
    carried = [one.text for one in by_app(sam.thread(given.card)) if "It hisses" in one.text or "it bites" in one.text]
    assert [text.splitlines()[-1] for text in carried] == ["It hisses.", "And it bites."]
    sam.say(SUPPORT, "Give it a box.", thread=given.card)
    uma.wait_for_message(question, lambda one: "Give it a box." in one.text)
    resolve(bot, given, learn=False)
    uma.wait_for_message(question, lambda one: "Did that solve it?" in one.text)


def test_where_the_review_channel_cannot_be_used_either_each_admin_is_told(bot: Bot) -> None:
    ada, ann = bot.person("ada"), bot.person("ann")
    with removed(bot, SUPPORT, REVIEW):
        wants_a_person(bot, bot.channel("both-away"), "puffin")
        for admin in (ada, ann):
            admin.wait_for_message(admin.direct, lambda one: "can't post in the support channel" in one.text)
    card_of(bot, "puffin")


def test_a_proposal_that_the_review_channel_refuses_is_told_to_each_admin_and_shown_once_it_can_be(bot: Bot) -> None:
    uma, ada, ann = bot.person("uma"), bot.person("ada"), bot.person("ann")
    with removed(bot, REVIEW):
        given = hand_over(bot, uma.direct, "heron")
        bot.person("sam").click(given.card, "Claim")
        resolve(bot, given, "The heron stands on one leg.")
        for admin in (ada, ann):
            told = admin.wait_for_message(admin.direct, lambda one: "can't post in the review channel" in one.text)
            assert "ANSWERLOOP_REVIEW_CHANNEL" in told.text
        home(ada, lambda view: "Waiting for your decision" in view.text and "heron" in view.text)
        assert not [one for one in by_app(uma.thread(given.question)) if "Approve" in labels(one)]
    card = review_card(bot, "on one leg")
    ada.click(card, "Approve")
    becomes(ada, card, lambda one: "Approved by <@U0ADA>" in one.text)
    assert len([one for one in by_app(ada.messages(ada.direct)) if "can't post in the review" in one.text]) == 1


def test_who_needs_nobody_any_more_is_not_waited_for(bot: Bot) -> None:
    uma, sam = bot.person("uma"), bot.person("sam")
    with removed(bot, SUPPORT):
        question, told = wants_a_person(bot, bot.channel("given-up"), "lobster")
        uma.click(told, "I no longer need help")
        uma.wait_for_message(question, lambda one: "no longer need help" in one.text and not labels(one))
        home(sam, lambda view: "lobster" not in view.text)
    question, _ = abstained(bot, uma, bot.channel("others"), "narwhal")
    uma.click(uma.thread(question)[-1], "Get a human")
    wait_until_handed(bot, question, "narwhal")
    assert not [one for one in by_app(sam.messages(SUPPORT)) if "lobster" in one.text and "needs a person" in one.text]


def test_a_draft_that_staff_cannot_be_shown_is_no_silence(bot: Bot) -> None:
    uma, ada, channel = bot.person("uma"), bot.person("ada"), bot.channel("drafts-away")
    set_channel(bot, channel, "drafts")
    with removed(bot, SUPPORT):
        unspoken = uma.say(channel, KNOWN)
        ada.wait_for_message(REVIEW, lambda one: "can't post in the support channel" in one.text)
        question = uma.say(channel, f"@answerloop {KNOWN}")
        told = uma.wait_for_message(question, lambda one: one.by_app and "can't reach the team" in one.text)
        assert "Get a human" in labels(told) and KNOWN_ANSWER not in told.text
        assert not replies(uma, unspoken), "nobody spoke to the bot"
