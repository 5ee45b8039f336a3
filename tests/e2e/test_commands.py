"""The slash command: a question that nobody else sees, an answer by hand, and help."""

import json

import pytest

from bot.demo import FIXTURES
from tests.e2e.acts import KNOWN, KNOWN_ANSWER, quiet, rows
from tests.e2e.conftest import Bot, labels
from tests.e2e.desk import REVIEW, audit_holds, becomes, review_card, told, unknown

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def bot(one_bot: Bot) -> Bot:
    return one_bot


def test_help_lists_what_a_person_may_do(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("help")
    for text in ("help", ""):
        uma.command(channel, "/kb", text)
    listed = told(uma, channel, "/kb ask").text
    assert "/kb add" not in listed
    assert len(uma.whispers(channel)) == 2
    sam.command(channel, "/kb", "HELP")
    assert "/kb add" in told(sam, channel, "/kb ask").text


def test_an_unknown_word_is_answered_with_the_way_to_help(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("unknown-word")
    uma.command(channel, "/kb", "frobnicate <!channel>")
    assert "/kb help" in told(uma, channel, "I don't know “frobnicate”").text


def test_a_question_is_answered_in_the_direct_message_where_only_the_asker_sees_it(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("ask")
    uma.command(channel, "/kb", f"ask {KNOWN}")
    told(uma, channel, "I'm answering you in a direct message")
    asked = uma.wait_for_message(uma.direct, lambda one: f"You asked: {KNOWN}" in one.text)
    answer = uma.wait_for_message(asked, lambda one: KNOWN_ANSWER in one.text)
    assert "Helpful" in labels(answer)
    assert not uma.messages(channel)
    # The thread goes on like any other.
    uma.say(uma.direct, "How many holiday days do I get?", thread=asked)
    uma.wait_for_message(asked, lambda one: "30 days" in one.text)


def test_a_question_nobody_knows_is_handed_over_from_there(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("ask-unknown")
    uma.command(channel, "/kb", f"ask {unknown('egret')}")
    asked = uma.wait_for_message(uma.direct, lambda one: "egret" in one.text)
    uma.click(uma.wait_for_message(asked, lambda one: "Get a human" in labels(one)), "Get a human")
    card = sam.wait_for_message("C0SUPPORT", lambda one: one.by_app and "egret" in one.text)
    sam.say("C0SUPPORT", "It may, on a leash.", thread=card)
    uma.wait_for_message(asked, lambda one: "on a leash" in one.text)


def test_a_question_without_words_is_asked_for(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("ask-nothing")
    before = len(uma.messages(uma.direct))
    uma.command(channel, "/kb", "ask")
    told(uma, channel, "Write your question behind it")
    quiet(bot)
    assert len(uma.messages(uma.direct)) == before


def test_staff_add_an_answer_which_waits_for_an_admin(bot: Bot) -> None:
    uma, sam, ada, channel = bot.person("uma"), bot.person("sam"), bot.person("ada"), bot.channel("add")
    sam.command(channel, "/kb", "add Who polishes the brass bell?")
    form = sam.wait_for_view("add_entry_form")
    assert "Who polishes the brass bell?" in str(form.values)
    sam.submit(form, {"answer": "Otto, on the first of the month."})
    card = review_card(bot, "Otto, on the first")
    assert "From an entry written by hand by <@U0SAM>" in card.text
    question = uma.say(channel, "@answerloop Who polishes the brass bell?")
    uma.wait_for_message(question, lambda one: "Get a human" in labels(one) and "Helpful" not in labels(one))
    ada.click(card, "Approve")
    becomes(ada, card, lambda one: "Approved by <@U0ADA>" in one.text)
    again = uma.say(channel, "@answerloop Who polishes the brass bell?")
    uma.wait_for_message(again, lambda one: "Otto" in one.text)


def test_nobody_else_adds_one(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("add-refused")
    before = len(bot.person("ada").messages(REVIEW))
    uma.command(channel, "/kb", "add Who rules?")
    told(uma, channel, "Only support staff and admins can add answers")
    assert not uma.views()
    assert len(bot.person("ada").messages(REVIEW)) == before


def test_what_is_known_already_is_not_proposed_again(bot: Bot) -> None:
    sam, channel = bot.person("sam"), bot.channel("add-known")
    known = json.loads((FIXTURES / "knowledge.jsonl").read_text(encoding="utf-8").splitlines()[0])
    sam.command(channel, "/kb", f"add {known['question']}")
    before = rows(bot, "select count(*) as n from proposals")
    sam.submit(sam.wait_for_view("add_entry_form"), {"answer": known["answer"]})
    sam.wait_for_message(sam.direct, lambda one: one.by_app and "says this already" in one.text)
    assert rows(bot, "select count(*) as n from proposals") == before


def test_what_was_written_for_it_lies_open_nowhere_and_is_gone_afterwards(bot: Bot) -> None:
    """The asides of this module: questions of `/kb ask` and entries of `/kb add`."""
    quiet(bot)
    kept = rows(bot, "select ts, sealed from messages where channel = 'aside'")
    assert {one["ts"].partition(":")[0] for one in kept} == {"asked", "added"}
    assert all(one["sealed"] is None for one in kept)
    given = str(rows(bot, "select * from workflow_status where name in ('ask', 'learn_from_entry')"))
    assert "asked:" in given and "VPN" not in given and "egret" not in given and "Otto" not in given


def test_the_audit_trail_holds_afterwards(bot: Bot) -> None:
    audit_holds(bot)
