"""Corrections become proposals once the form is taken, whatever happens meanwhile; no workflow holds their words."""

import base64
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.client import Shown
from tests.e2e.acts import quiet, rows
from tests.e2e.conftest import Bot, running_bot
from tests.e2e.desk import answer_of, audit_holds, correct, press, review_card

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("corrections")) as running:
        yield running


def test_a_correction_is_proposed_although_the_bot_dies_once_the_form_is_taken(bot: Bot) -> None:
    answer = answer_of(bot, bot.person("uma"), bot.channel("killed"), "How do I book a desk?", "Perch")
    correct(bot, answer, "Desks are booked in Roost since May.")
    bot.kill()
    bot.start()
    review_card(bot, "Roost since May")
    quiet(bot)
    assert len([one for one in bot.person("ada").messages("C0REVIEW") if "Roost since May" in one.text]) == 1


def test_its_words_lie_open_in_no_workflow_and_are_gone_afterwards(bot: Bot) -> None:
    answer = answer_of(bot, bot.person("uma"), bot.channel("words"), "Can I have a locker?", "every floor")
    correct(bot, answer, "Lockers stand in the xylophone room.")
    review_card(bot, "xylophone")
    quiet(bot)
    assert rows(bot, "select 1 from workflow_status where name = 'learn_from_correction'")
    assert "told:" in (held := held_by_workflows(bot)), "this looks where workflows keep what they are given"
    assert "xylophone" not in held
    kept = rows(bot, "select sealed from messages where ts like 'told:%'")
    assert kept and all(one["sealed"] is None for one in kept)


def test_staff_are_told_why_their_correction_proposes_nothing(bot: Bot) -> None:
    ada, sam = bot.person("ada"), bot.person("sam")
    right = "Payslips are sent by carrier pigeon."
    answer = answer_of(bot, bot.person("uma"), bot.channel("why-not"), "Where do I find my payslip?", "Payslips")
    correct_as_staff(bot, answer, right)
    card = review_card(bot, "carrier pigeon")
    form = press(ada, card, "Reject", "proposal_reject_form")
    ada.submit(form, {"reason": "The pigeons are on strike."})
    quiet(bot)
    correct_as_staff(bot, answer, right)
    told = sam.wait_for_message(sam.direct, lambda one: one.by_app and "rejected before" in one.text)
    assert "on strike" in told.text


def test_the_audit_trail_holds_afterwards(bot: Bot) -> None:
    audit_holds(bot)


def correct_as_staff(bot: Bot, answer: Shown, right: str) -> None:
    """'Correct this' in the menu under an answer, by Sam."""
    sam = bot.person("sam")
    sam.click(answer, "answer_menu", "Correct this")
    form = sam.wait_for_view("correct_form")
    sam.submit(form, {"answer": right})
    sam.close_view(sam.wait_for_view("affected_threads_form"))


def held_by_workflows(bot: Bot) -> str:
    """What workflows and their steps were given and gave, decoded."""
    texts: list[str] = []
    for table in ("workflow_input", "workflow_output", "operation_outputs"):
        for row in rows(bot, f"select * from {table}"):
            for value in map(str, row.values()):
                texts.append(value)
                with contextlib.suppress(ValueError):
                    texts.append(base64.b64decode(value, validate=True).decode(errors="replace"))
    return "\n".join(texts)
