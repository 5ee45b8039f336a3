"""Spot checks: staff judge answers with one click, in a room that may see them, and correct what was wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.client import Shown
from tests.e2e.acts import KNOWN, KNOWN_ANSWER, ask, quiet, rows
from tests.e2e.conftest import Bot, by_app, labels, running_bot
from tests.e2e.desk import REVIEW, SUPPORT, at_once, becomes, press, review_card

pytestmark = pytest.mark.e2e

BUTTONS = "Right | Wrong | Can't tell"
#: For #finance only.
RESTRICTED = "When does the month-end close take place?"


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """A bot that has every answer judged."""
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("spot_checks"), spot_check_share="1") as running:
        yield running


def test_staff_judge_an_answer_once_and_the_card_shrinks_to_one_line(bot: Bot) -> None:
    sam, ada = bot.person("sam"), bot.person("ada")
    ask(bot.person("uma"), bot.channel("spot-open"), holds=KNOWN_ANSWER)
    card = check_of(bot, SUPPORT, KNOWN)
    assert KNOWN_ANSWER in card.text and "% sure" in card.text and "Open the thread" in card.text
    at_once(lambda: sam.click(card, "Right"), lambda: ada.click(card, "Can't tell"))
    judged = becomes(sam, card, lambda one: not labels(one))
    winner, loser = (sam, ada) if "found my answer right" in judged.text else (ada, sam)
    assert f"<@{winner.id}>" in judged.text and KNOWN in judged.text and KNOWN_ANSWER not in judged.text
    late = loser.wait_for(lambda: [one for one in loser.whispers(SUPPORT) if "judged already" in one.text])
    assert f"<@{winner.id}>" in late[0].text
    [kept] = rows(bot, "select * from spot_checks")
    assert (kept["verdict"], kept["chance"]) == ("right" if winner is sam else "cannot_tell", 1.0)


def test_a_wrong_answer_can_be_corrected_from_the_card(bot: Bot) -> None:
    sam, asked = bot.person("sam"), "How do I print in the office?"
    ask(bot.person("uma"), bot.channel("spot-wrong"), f"@answerloop {asked}", holds="Follow-Me")
    card = check_of(bot, SUPPORT, asked)
    sam.click(card, "Wrong")
    judged = becomes(sam, card, lambda one: labels(one) == "Correct this")
    form = press(sam, judged, "Correct this", "correct_form")
    sam.submit(form, {"answer": "Use the new printers on each floor; the old queue is gone."})
    review_card(bot, "the old queue is gone")


def test_what_was_asked_in_private_is_judged_in_the_review_channel(bot: Bot) -> None:
    uma, ada = bot.person("uma"), bot.person("ada")
    asked = "How do I order a new laptop?"
    channel = bot.channel("spot-private", ("U0UMA", "U0ANN"), is_private=True)
    ask(uma, channel, f"@answerloop {asked}", holds="laptop")
    card = check_of(bot, REVIEW, asked)
    assert "personal details are taken out" in card.text and "Open the thread" not in card.text
    ada.click(card, "Right")
    becomes(ada, card, lambda one: not labels(one))


def test_an_answer_for_fewer_people_than_the_room_is_not_shown_there(bot: Bot) -> None:
    ask(bot.person("uma"), "C0FINANCE", f"@answerloop {RESTRICTED}", holds="month-end close")
    quiet(bot)
    for staff, room in (("sam", SUPPORT), ("ada", REVIEW)):
        assert not [one for one in by_app(bot.person(staff).messages(room)) if "month-end" in one.text]


def check_of(bot: Bot, room: str, asked: str) -> Shown:
    """The card that asks whether an answer was right, and every other room without it."""
    card = bot.person("ada").wait_for_message(room, lambda one: asked in one.text and labels(one) == BUTTONS)
    others = {SUPPORT, REVIEW} - {room}
    assert not [one for other in others for one in bot.person("ada").messages(other) if asked in one.text]
    return card
