"""'Did you mean': the chosen question's answer is given once, the card says who chose, and the wording is learned;
'None of these' leads to a person."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.client import Person, Shown
from tests.e2e.acts import quiet, replies, rows
from tests.e2e.conftest import Bot, labels, running_bot
from tests.e2e.desk import becomes, card_of, home, press, told

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("choices")) as running:
        yield running


def test_a_chosen_question_is_answered_and_its_wording_waits_for_an_admin(bot: Bot) -> None:
    asked, meant = "can my dog get a locker", "May I bring my dog to work?"
    uma = bot.person("uma")
    card = did_you_mean(uma, bot.channel("choice"), asked, meant)
    uma.click(card, meant)
    answer = uma.wait_for_message(card, lambda one: one.by_app and "Helpful" in labels(one))
    assert "dog" in answer.text
    shrunk = becomes(uma, card, lambda one: "meant:" in one.text)
    assert "<@U0UMA>" in shrunk.text and meant in shrunk.text
    assert "Get a human" not in labels(shrunk)
    home(bot.person("ada"), lambda view: f"“{asked}” →" in view.text)

    form = press(uma, answer, "Not helpful", "feedback_form")
    uma.close_view(form)
    home(bot.person("ada"), lambda view: f"“{asked}” →" not in view.text and "Needs an answer" in view.text)


def test_none_of_these_is_kept_and_a_person_is_offered(bot: Bot) -> None:
    uma, bea, channel = bot.person("uma"), bot.workspace.add_person("bea"), bot.channel("choice-none")
    bot.workspace.members(channel, add=[bea.id])
    card = did_you_mean(uma, channel, "can my dog get a locker", "May I bring my dog to work?")
    for label in ("None of these", "May I bring my dog to work?"):
        bea.click(card, label)
        told(bea, channel, "Only the person who asked")
    bot.workspace.faults("rate_limit", method="chat.update", retry_after=1)
    uma.click(card, "None of these")
    uma.click(card, "May I bring my dog to work?")
    told(uma, channel, "You have chosen already")
    shrunk = becomes(uma, card, lambda one: "meant none of these" in one.text)
    assert labels(shrunk) == "Get a human"
    uma.click(shrunk, "Get a human")
    assert "can my dog get a locker" in card_of(bot, "can my dog get a locker").text
    [kept] = rows(bot, "select c.* from choices c join decision_posts p using (decision) where p.ts = ?", card.ts)
    assert kept["entry"] is None and kept["answered"] is None


def test_once_a_colleague_has_it_a_click_is_not_answered(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("choice-claimed")
    card = did_you_mean(uma, channel, "may the dog have a locker", "May I bring my dog to work?")
    uma.click(card, "Get a human")
    handed_over = card_of(bot, "may the dog have a locker")
    sam.click(handed_over, "Claim")
    becomes(sam, handed_over, lambda one: "is helping" in one.text)
    uma.click(card, "May I bring my dog to work?")
    told(uma, channel, "A colleague is looking into this")
    assert not rows(bot, "select 1 from decisions where ts = ?", card.ts)


def test_an_answer_that_was_chosen_can_be_stopped_like_every_other(bot: Bot) -> None:
    meant = "How do I send a parcel from the office?"
    uma, sam = bot.person("uma"), bot.person("sam")
    card = did_you_mean(uma, bot.channel("choice-stop"), "parcel to customers", meant)
    uma.click(card, meant)
    answer = uma.wait_for_message(card, lambda one: one.by_app and "Helpful" in labels(one))
    quiet(bot)
    sam.click(answer, "answer_menu", "Stop using this")
    form = sam.wait_for_view("affected_threads_form")
    assert "parcel" in form.text, "who was given it can be told"


def test_a_choice_made_while_slack_cannot_redraw_the_card_is_finished_later(bot: Bot) -> None:
    asked, meant = "holiday rest carry", "Can I carry unused holiday over to the next year?"
    uma = bot.person("uma")
    card = did_you_mean(uma, bot.channel("choice-later"), asked, meant)
    quiet(bot)
    before = len(replies(uma, card))
    bot.workspace.faults("rate_limit", method="chat.update", retry_after=1)
    uma.click(card, meant)
    bot.person("uma").wait_for(lambda: rows(bot, "select 1 from decisions where ts = ?", card.ts))
    bot.kill()
    bot.start()
    becomes(uma, card, lambda one: "meant:" in one.text)
    home(bot.person("ada"), lambda view: asked in view.text)
    quiet(bot)
    assert len(replies(uma, card)) == before + 1, "and answered once"


def did_you_mean(person: Person, channel: str, asked: str, meant: str) -> Shown:
    """Ask in words that fit several answers; the card with `meant` to choose."""
    question = person.say(channel, f"@answerloop {asked}")
    return person.wait_for_message(question, lambda one: one.by_app and meant in labels(one))
