"""'Try again' gives another answer and is kept as a signal; 'Why this answer?' shows staff what the record says."""

import json

import pytest

from bot.sandbox.client import InvalidInput, OpenView, Shown
from tests.e2e.acts import KNOWN_ANSWER, ask, decisions, quiet, replies, rows, stays_quiet
from tests.e2e.conftest import Bot, labels
from tests.e2e.desk import abstained, told

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def bot(one_bot: Bot) -> Bot:
    return one_bot


# --- try again ---


def test_try_again_gives_a_second_answer_that_does_not_say_the_first_again(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("again")
    question, answer = ask(uma, channel, holds=KNOWN_ANSWER)
    uma.click(answer, "Try again")
    second = another(bot, question, answer)
    assert KNOWN_ANSWER not in second.text, "that one was not enough"
    [first], [then] = decisions(bot, question), decisions(bot, answer)
    assert then["parent"] == question.ts and then["conversation"] == first["conversation"]
    assert then["question"] == first["question"], "it answers the same question"
    [signal] = signals(bot, first["id"])
    assert (signal["kind"], signal["found_by"], signal["shown_by"]) == ("regeneration", "button", answer.ts)
    assert signal["person"] == first["asker"]
    shown = json.loads(bot.command("records", "show", first["id"], "--json").stdout)
    assert [one["kind"] for one in shown["signals"]] == ["regeneration"]
    assert [one["id"] for one in shown["under"]] == [then["id"]]


def test_an_answer_is_tried_again_once_however_often_it_is_pressed(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("again-once")
    question, answer = ask(uma, channel, holds=KNOWN_ANSWER)
    uma.click(answer, "Try again")
    another(bot, question, answer)
    for person in (uma, sam):
        person.click(answer, "Try again")
        told(person, channel, "tried this one again already")
    assert stays_quiet(bot, uma, question, after=2)
    [first] = decisions(bot, question)
    assert len(signals(bot, first["id"])) == 1


def test_once_a_colleague_has_it_nothing_is_tried_again(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("again-claimed")
    question, answer = ask(uma, channel, holds=KNOWN_ANSWER)
    uma.click(answer, "Get a human")
    uma.wait_for_message(question, lambda one: "I've asked a colleague" in one.text)
    card = sam.wait_for_message("C0SUPPORT", lambda one: one.by_app and channel in str(one.raw))
    sam.click(card, "Claim")
    uma.wait_for_message(question, lambda one: one.by_app and "<@U0SAM>" in one.text)
    before = len(replies(uma, question))
    uma.click(answer, "Try again")
    told(uma, channel, "A colleague is looking into this")
    assert stays_quiet(bot, uma, question, after=before)
    [first] = decisions(bot, question)
    assert signals(bot, first["id"]) == []


# --- why ---


def test_staff_see_evidence_confidence_rule_and_versions_of_an_answer(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("why-this")
    question, answer = ask(uma, channel, holds=KNOWN_ANSWER)
    [decision] = decisions(bot, question)
    form = why(bot, answer)
    assert "How do I reset my VPN password?" in form.text and "said" in form.text, "the evidence"
    assert f"Confidence {decision['confidence']:.0%}" in form.text and "confident" in form.text
    for version in (
        decision["embedding"],
        decision["ranking"],
        decision["code"],
        f"knowledge base {decision['kb_version']}",
    ):
        assert version in form.text
    assert decision["id"] in form.text
    assert "Helpful" in labels(answer), "and the answer stands as it was"


def test_what_staff_say_there_counts_once_and_is_redacted(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("why-judged")
    question, answer = ask(uma, channel, holds=KNOWN_ANSWER)
    [decision] = decisions(bot, question)
    form = why(bot, answer)
    with pytest.raises(InvalidInput, match="choose what it was"):
        sam.submit(form, {"comment": "Only a comment."})
    sam.submit(form, {"reason": "incorrect", "comment": "petra.quendel@kraut.example knows better."})
    sam.wait_for_message(sam.direct, lambda one: one.by_app and "Thank you" in one.text)
    for reason in ("incorrect", "incorrect"):
        sam.submit(why(bot, answer), {"reason": reason, "comment": "petra.quendel@kraut.example knows better."})
    quiet(bot)
    assert votes(bot, decision["id"]) == ["down"]
    [kept] = rows(bot, "select * from explanations where decision = ?", decision["id"])
    assert kept["reason"] == "incorrect" and "knows better" in kept["comment"] and "petra" not in kept["comment"]
    sam.submit(why(bot, answer), {"reason": "helpful"})
    quiet(bot)
    assert votes(bot, decision["id"]) == ["up"], "their last word counts"
    assert "1 👍 0 👎" in why(bot, answer).text


def test_who_only_looks_says_nothing(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("why-looked")
    question, answer = ask(uma, channel, holds=KNOWN_ANSWER)
    [decision] = decisions(bot, question)
    sam.submit(why(bot, answer), {})
    quiet(bot)
    assert votes(bot, decision["id"]) == []


def test_an_abstention_and_what_was_tried_again_can_be_looked_at_and_judged_too(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("why-any")
    question, unsure = abstained(bot, uma, channel, "obelisk")
    known, answer = ask(uma, channel, holds=KNOWN_ANSWER)
    uma.click(answer, "Try again")
    second = another(bot, known, answer)
    for asked, said, words in ((question, unsure, "Nothing"), (answer, second, "nothing else is known")):
        [decision] = decisions(bot, asked)
        form = why(bot, said)
        assert decision["id"] in form.text and words in form.text
        sam.submit(form, {"reason": "unhelpful", "comment": "It should have known."})
        quiet(bot)
        assert votes(bot, decision["id"]) == ["down"]


def test_only_staff_see_why_and_only_answers_have_a_why(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("why-refused")
    question, answer = ask(uma, channel, holds=KNOWN_ANSWER)
    uma.shortcut("why_this_answer", answer)
    told(uma, channel, "Only support staff and admins can see why")
    assert not uma.views()
    sam.shortcut("why_this_answer", question)
    told(sam, channel, "This works on answers of mine")
    assert not sam.views()


def another(bot: Bot, question: Shown, answer: Shown) -> Shown:
    """The bot's next message in a thread."""
    return bot.person("uma").wait_for_message(question, lambda one: one.by_app and one.ts > answer.ts)


def why(bot: Bot, answer: Shown) -> OpenView:
    """Use the shortcut as Sam; the form that opens, and no earlier one that is about to close."""
    sam = bot.person("sam")
    before = {one.id for one in sam.views()}
    sam.shortcut("why_this_answer", answer)
    return sam.wait_for(
        lambda: next((one for one in sam.views() if one.callback_id == "why_form" and one.id not in before), None)
    )


def signals(bot: Bot, decision: str) -> list[dict[str, object]]:
    return rows(bot, "select * from signals where decision = ? order by at", decision)


def votes(bot: Bot, decision: str) -> list[object]:
    found = rows(bot, "select rating from votes where decision = ? and rating is not null", decision)
    return [one["rating"] for one in found]
