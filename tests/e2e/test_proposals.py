"""What people do becomes proposals: typed against what is known, shown where they may be read, counted."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.client import Shown
from bot.scripted_model import Line, ScriptedModel
from tests.e2e.acts import ask, quiet, rows, set_channel
from tests.e2e.conftest import Bot, labels, running_bot
from tests.e2e.desk import (
    REVIEW,
    SUPPORT,
    answer_of,
    audit_holds,
    becomes,
    correct,
    hand_over,
    home,
    press,
    resolve,
    review_card,
    ticked,
    told,
)

pytestmark = pytest.mark.e2e

#: What the scripted model writes, and the question that brings it there.
WRITTEN = "The incident lead opens a channel and keeps a log [1]."
INCIDENT = "What happens in the first hour of an incident?"


@pytest.fixture(scope="module")
def bot(one_bot: Bot) -> Bot:
    return one_bot


@pytest.fixture(scope="module")
def writing_bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """A bot with a model that writes from evidence."""
    with (
        ScriptedModel([Line(reply=WRITTEN)]) as url,
        running_bot(knowledge_folder, tmp_path_factory.mktemp("writing"), model_base_url=url) as running,
    ):
        yield running


# --- from a resolution ---


def test_a_resolution_is_proposed_as_a_new_entry_in_the_thread_and_in_the_review_channel(bot: Bot) -> None:
    sam, ada, channel = bot.person("sam"), bot.person("ada"), bot.channel("resolution")
    given = hand_over(bot, channel, "unicycle")
    sam.say(channel, "A unicycle gets a pink sticker.", thread=given.question)
    resolve(bot, given)
    in_review = review_card(bot, "pink sticker")
    in_thread = bot.person("uma").wait_for_message(given.question, lambda one: "Approve" in labels(one))
    for card in (in_review, in_thread):
        assert "New answer for the knowledge base?" in card.text
        assert "unicycle licences" in card.text
        assert "From a resolution by <@U0SAM>" in card.text
        assert "Will be shown to everyone" in card.text
        assert labels(card) == "Approve | Edit | Reject"
    ada.click(in_review, "Approve")
    for person, card in ((ada, in_review), (bot.person("uma"), in_thread)):
        shown = becomes(person, card, lambda one: "Approved by <@U0ADA>" in one.text and labels(one) == "Undo")
        assert "pink sticker" not in shown.text, "a decided card is one line"


def test_staff_may_resolve_without_proposing(bot: Bot) -> None:
    channel = bot.channel("not-proposed")
    given = hand_over(bot, channel, "tricycle")
    bot.person("sam").say(channel, "A tricycle gets nothing.", thread=given.question)
    resolve(bot, given, learn=False)
    quiet(bot)
    assert not rows(bot, "select 1 from proposals where answer like '%tricycle%'")
    shown = "select labels.entry from labels join decisions on decisions.id = labels.decision where decisions.ts = ?"
    assert rows(bot, shown, given.question.ts) == [{"entry": None}], "it is known that nothing known answered"


def test_a_wish_for_a_person_is_no_question_to_learn(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("wish")
    question = uma.say(channel, "@answerloop I want to talk to a human")
    uma.wait_for_message(question, lambda one: "asked a colleague" in one.text)
    card = bot.person("sam").wait_for_message("C0SUPPORT", lambda one: "talk to a human" in one.text)
    bot.person("sam").say(channel, "Here I am, a human with a hat.", thread=question)
    becomes(bot.person("sam"), card, lambda one: "Resolve" in labels(one))
    form = press(bot.person("sam"), card, "Resolve", "resolve_form")
    bot.person("sam").submit(form, {"answer": "Here I am, a human with a hat."})
    uma.wait_for_message(question, lambda one: "Did that solve it?" in one.text)
    quiet(bot)
    assert not rows(bot, "select 1 from proposals where answer like '%hat%'")


# --- from a correction ---


def test_a_correction_replaces_the_version_that_was_shown_and_says_what_changes(bot: Bot) -> None:
    channel = bot.channel("replaces")
    question, answer = ask(bot.person("uma"), channel, "@answerloop When is the canteen open?", holds="11:30")
    correct(bot, answer, re.sub("14:00", "15:00", said(answer)))
    card = review_card(bot, "canteen")
    assert "A correction of a known answer?" in card.text
    assert "Changes to version 1" in card.text
    assert "~14:00~" in card.text and "*15:00*" in card.text
    assert "From a correction by <@U0UMA>" in card.text
    in_thread = bot.person("uma").wait_for_message(question, lambda one: "Approve" in labels(one))
    assert in_thread.text == card.text
    assert "11:30" in answer_of(bot, bot.person("sam"), channel, "When is the canteen open?", "14:00").text


def test_a_near_question_with_another_answer_is_a_conflict_to_choose_in(bot: Bot) -> None:
    card = proposed_by_hand(bot, "How do I book a meeting room in the office?", "Ask the concierge on floor 7.")
    assert "This may contradict a known answer" in card.text
    assert "Known answer to" in card.text and "The other answer" in card.text
    assert labels(card) == "Replace the known answer | Keep both | Edit | Reject"
    ada = bot.person("ada")
    ada.click(card, "Keep both")
    becomes(ada, card, lambda one: "Approved by" in one.text)
    answers = "select 1 from entry_versions where content like ? and content like '%book a meeting room%'"
    assert rows(bot, answers, "%concierge%") and rows(bot, answers, "%Add the room in the calendar%")
    assert not rows(bot, "select 1 from entry_versions where version > 1 and content like '%book a meeting room%'")


def test_editing_a_conflict_asks_what_becomes_of_the_known_answer(bot: Bot) -> None:
    ada = bot.person("ada")
    card = proposed_by_hand(bot, "How do I order catering for a meeting?", "Ring the kitchen bell twice.")
    form = press(ada, card, "Edit", "proposal_edit_form")
    ada.submit(form, {"answer": "Ring the kitchen bell three times.", "choice": "replace"})
    becomes(ada, card, lambda one: "Edited and approved by" in one.text)
    answer = answer_of(bot, bot.person("uma"), bot.channel("catering"), "How do I order catering for a meeting?")
    assert "bell three times" in answer.text


def test_several_who_say_the_same_feed_one_proposal_with_a_count(bot: Bot) -> None:
    asked, right = "Are there showers in the office?", "Yes, on the roof of the Harbour office."
    for name in ("uma", "sam"):
        question = bot.person(name).say(bot.channel(f"count-{name}"), f"@answerloop {asked}")
        answer = bot.person(name).wait_for_message(question, lambda one: "basement" in one.text)
        correct(bot, answer, right, by=name)
    card = bot.person("ada").wait_for_message(REVIEW, lambda one: "Asked in 2 conversations" in one.text)
    assert "roof" in card.text
    assert "<@U0UMA>, <@U0SAM>" in card.text
    quiet(bot)
    assert len([one for one in bot.person("ada").messages(REVIEW) if "roof" in one.text]) == 1


def test_what_was_rejected_is_remembered_with_its_reason_and_not_proposed_again(bot: Bot) -> None:
    ada, sam, asked, wrong = bot.person("ada"), bot.person("sam"), "Is there a quiet room for prayer?", "No, nowhere."
    answer = answer_of(bot, bot.person("uma"), bot.channel("reject"), asked, "H-2.14")
    correct(bot, answer, wrong)
    card = review_card(bot, "nowhere")
    form = press(ada, card, "Reject", "proposal_reject_form")
    ada.submit(form, {"reason": "There are two.", "unneeded": ["on"]})
    [row] = rows(bot, "select unneeded from proposals where answer = ?", wrong)
    assert row["unneeded"]
    becomes(ada, card, lambda one: "Rejected by <@U0ADA>" in one.text and "There are two." in one.text)
    assert not labels(ada.again(card))
    again = answer_of(bot, sam, bot.channel("reject-again"), asked, "H-2.14")
    correct(bot, again, wrong, by="sam")
    quiet(bot)
    assert len(rows(bot, "select 1 from proposals where answer = ?", wrong)) == 1
    # Staff who propose it by the menu are told, with the reason.
    sam.click(sam.again(again), "Correct this")
    form = sam.wait_for_view("correct_form")
    sam.submit(form, {"answer": wrong})
    sam.wait_for_message(sam.direct, lambda one: "rejected before" in one.text and "There are two." in one.text)


# --- from private places ---


def test_a_correction_in_a_direct_message_is_redacted_and_stands_in_the_review_channel_alone(bot: Bot) -> None:
    uma = bot.person("uma")
    question = uma.say(uma.direct, "How do I send a parcel from the office?")
    answer = uma.wait_for_message(question, lambda one: "Shipping" in one.text)
    correct(bot, answer, "Write to parcels@lumen.example and wait for the blue van.")
    card = review_card(bot, "blue van")
    assert "parcels@lumen.example" not in card.text
    assert "[EMAIL_" in card.text
    assert "The thread is private" in card.text
    assert "thread>" not in str(card.raw), "no link that reviewers could not open"
    quiet(bot)
    assert not [one for one in uma.thread(question) if "Approve" in labels(one)]


# --- from votes, with a model ---


def test_a_written_answer_that_staff_sent_and_somebody_liked_is_proposed_too(writing_bot: Bot) -> None:
    uma, sam, ada = (writing_bot.person(name) for name in ("uma", "sam", "ada"))
    channel = writing_bot.channel("written-draft")
    set_channel(writing_bot, channel, "drafts")
    question = uma.say(channel, INCIDENT)
    draft = sam.wait_for_message(SUPPORT, lambda one: "keeps a log" in one.text and "Send" in labels(one))
    sam.click(draft, "Send")
    answer = uma.wait_for_message(question, lambda one: "Helpful" in labels(one))
    sam.click(answer, "Helpful")
    card = review_card(writing_bot, "keeps a log")
    assert "[1]" not in card.text and "From helpful votes by <@U0SAM>" in card.text
    press(uma, answer, "Not helpful", "feedback_form")
    becomes(ada, card, lambda one: "No longer needed" in one.text and not labels(one))


def test_a_written_answer_that_was_liked_is_proposed_without_its_source_numbers(writing_bot: Bot) -> None:
    uma, sam, ada = (writing_bot.person(name) for name in ("uma", "sam", "ada"))
    channel = writing_bot.channel("written")
    question = uma.say(channel, f"@answerloop {INCIDENT}")
    answer = uma.wait_for_message(question, lambda one: "Helpful" in labels(one))
    sam.click(answer, "Helpful")
    card = review_card(writing_bot, "keeps a log")
    assert "[1]" not in card.text
    assert "From helpful votes by <@U0SAM>" in card.text
    uma.wait_for_message(question, lambda one: "Approve" in labels(one))
    # One voice against it, and nobody has to decide any more.
    press(uma, answer, "Not helpful", "feedback_form")
    becomes(ada, card, lambda one: "No longer needed" in one.text and not labels(one))
    # It may come back: the vote is taken back, the others stand.
    uma.click(answer, "Helpful")
    back = review_card(writing_bot, "keeps a log", button="Approve")
    ada.click(back, "Approve")
    becomes(ada, back, lambda one: "Approved by" in one.text)
    learned = answer_of(writing_bot, sam, channel, INCIDENT, "keeps a log")
    assert "approved answer" in learned.text
    audit_holds(writing_bot)


# --- who may propose by hand ---


def test_only_staff_can_correct_by_the_menu(bot: Bot) -> None:
    uma = bot.person("uma")
    channel = bot.channel("menu")
    answer = answer_of(bot, uma, channel, "Can I have a company credit card?", "four times a year")
    uma.click(answer, "Correct this")
    told(uma, channel, "Only support staff and admins can correct")
    assert not uma.views()


def test_a_wrong_wording_can_be_rejected_in_app_home(bot: Bot) -> None:
    ada, asked = bot.person("ada"), "fresh notebook, how do I get onto the VPN?"
    answer = answer_of(bot, bot.person("uma"), bot.channel("wrong-wording"), asked, "Harbour VPN")
    bot.person("uma").click(answer, "Helpful")
    view = home(ada, lambda one: asked in one.text)
    ada.click(view, "home_phrasing_toggle", [ticked(view, asked)])
    ada.click(view, "Reject ticked")
    home(ada, lambda one: asked not in one.text)
    [row] = rows(bot, "select state, reason from proposals where question = ?", asked)
    assert row["state"] == "rejected" and row["reason"]


def test_the_audit_trail_holds_afterwards(bot: Bot) -> None:
    assert audit_holds(bot) >= 4


# --- helpers ---


def said(answer: Shown) -> str:
    """The words of an answer, without sources and buttons."""
    return str(answer.blocks[0]["text"]["text"])


def proposed_by_hand(bot: Bot, question: str, answer: str) -> Shown:
    """What Sam proposes with the button of App Home; its card in the review channel."""
    sam = bot.person("sam")
    view = home(sam, lambda one: "Add an answer" in one.text)
    sam.click(view, "home_add_entry")
    form = sam.wait_for_view("add_entry_form")
    sam.submit(form, {"question": question, "answer": answer})
    return review_card(bot, answer)
