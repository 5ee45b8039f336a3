"""Where staff cannot see the asker's thread, the bot carries words both ways, named, and nothing without consent."""

import pytest

from bot.sandbox.client import Person, Shown
from tests.e2e.acts import ask, quiet, replies
from tests.e2e.conftest import Bot, by_app, labels
from tests.e2e.desk import (
    REVIEW,
    SUPPORT,
    Handed,
    abstained,
    becomes,
    hand_over,
    handed,
    resolve,
    review_card,
    told,
    unknown,
)

pytestmark = pytest.mark.e2e

#: Everyone in the staff room.
STAFF = ("U0SAM", "U0ADA")


@pytest.fixture(scope="module")
def bot(one_bot: Bot) -> Bot:
    return one_bot


# --- both ways ---


def test_words_go_both_ways_and_the_agent_is_named(bot: Bot) -> None:
    uma, sam = bot.person("uma"), bot.person("sam")
    given = hand_over(bot, uma.direct, "ocelot")
    assert "You can't see this conversation" in given.card.text
    assert "Open the thread" not in given.card.text
    sam.say(SUPPORT, "Only on *Fridays*, see https://lumen.example/tow", thread=given.card)
    carried = heard(uma, given, "Only on *Fridays*")
    assert carried.text.startswith("*sam from support*")
    assert "https://lumen.example/tow" in carried.text
    becomes(sam, given.card, lambda one: "<@U0SAM> is helping" in one.text)
    uma.say(uma.direct, "Even at night?", thread=given.question)
    assert carried_to_staff(sam, given, "Even at night?").text.startswith("*<@U0UMA>*")
    resolve(bot, given, learn=False)
    heard(uma, given, "Did that solve it?")
    assert "Only on *Fridays*" in heard(uma, given, "marked this as resolved").text


def test_only_staffs_words_leave_the_staff_room(bot: Bot) -> None:
    bob = bot.workspace.add_person("visitor")
    bot.workspace.members(SUPPORT, add=[bob.id])
    uma = bot.person("uma")
    given = hand_over(bot, uma.direct, "puffin")
    bob.say(SUPPORT, "I would say no.", thread=given.card)
    quiet(bot)
    bot.workspace.members(SUPPORT, remove=[bob.id])
    assert labels(bot.person("sam").again(given.card)) == "Claim"
    assert not [one for one in replies(uma, given.question) if "I would say no" in one.text]


def test_a_mark_on_what_was_carried_offers_resolve_in_the_staff_room(bot: Bot) -> None:
    uma, sam = bot.person("uma"), bot.person("sam")
    given = hand_over(bot, uma.direct, "toucan")
    sam.say(SUPPORT, "With two ropes.", thread=given.card)
    carried = heard(uma, given, "With two ropes.")
    uma.react(carried, "white_check_mark")
    sam.wait_for_message(given.card, lambda one: "Is this settled?" in one.text)
    assert not [one for one in replies(uma, given.question) if "Is this settled?" in one.text]


def test_what_staff_write_after_it_is_closed_is_not_carried_and_they_are_told(bot: Bot) -> None:
    uma, sam = bot.person("uma"), bot.person("sam")
    given = hand_over(bot, uma.direct, "badger")
    uma.click(given.told, "I no longer need help")
    becomes(sam, given.card, lambda one: "no longer needs help" in one.text)
    sam.say(SUPPORT, "Too late, it seems.", thread=given.card)
    told(sam, SUPPORT, "I did not pass this on")
    assert not [one for one in replies(uma, given.question) if "Too late" in one.text]


# --- what was written before ---


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_earlier_messages_are_passed_on_with_consent_only(bot: Bot, answer: str) -> None:
    uma, sam = bot.person("uma"), bot.person("sam")
    earlier = f"heliograph {answer}"
    question, _ = abstained(bot, uma, uma.direct, earlier)
    # The second question in a row without an answer calls people.
    uma.say(uma.direct, unknown(f"falcon {answer}"), thread=question)
    card = handed(bot, question, f"falcon {answer}").card
    asked = uma.wait_for_message(question, lambda one: "May I also show them" in one.text)
    quiet(bot)
    assert earlier not in everything(sam, SUPPORT, card)
    if answer == "yes":
        uma.click(asked, "Yes, show them")
        assert earlier in sam.wait_for_message(card, lambda one: "so far" in one.text).text
        becomes(uma, asked, lambda one: "I've shown the team" in one.text and not labels(one))
    else:
        uma.click(asked, "No, only my question")
        becomes(uma, asked, lambda one: "passed on only your question" in one.text and not labels(one))
        quiet(bot)
        assert earlier not in everything(sam, SUPPORT, card)


def test_nothing_is_asked_where_nothing_was_written_before(bot: Bot) -> None:
    uma = bot.person("uma")
    given = hand_over(bot, uma.direct, "osprey")
    quiet(bot)
    assert not [one for one in replies(uma, given.question) if "May I also show them" in one.text]


def test_nobody_but_the_asker_consents_and_not_after_it_is_closed(bot: Bot) -> None:
    uma, ann, sam = bot.person("uma"), bot.person("ann"), bot.person("sam")
    channel = bot.channel("consent", ("U0UMA", "U0ANN"), is_private=True)
    question, _ = abstained(bot, uma, channel, "hermit crab")
    uma.say(channel, f"@answerloop {unknown('sloth')}", thread=question)
    given = handed(bot, question, "sloth")
    asked = uma.wait_for_message(question, lambda one: "May I also show them" in one.text)
    ann.click(asked, "Yes, show them")
    told(ann, channel, "Only the person who asked can decide this")
    uma.click(given.told, "I no longer need help")
    becomes(sam, given.card, lambda one: "no longer needs help" in one.text)
    uma.click(asked, "Yes, show them")
    told(uma, channel, "closed")
    quiet(bot)
    assert "hermit crab" not in everything(sam, SUPPORT, given.card)


# --- private channels ---


def test_a_private_channel_that_staff_are_not_in_is_carried_for_the_asker_alone(bot: Bot) -> None:
    uma, ann, sam = bot.person("uma"), bot.person("ann"), bot.person("sam")
    channel = bot.channel("closed", ("U0UMA", "U0ANN", "U0ADA"), is_private=True)
    given = hand_over(bot, channel, "wombat")
    assert "You can't see this conversation" in given.card.text
    ann.say(channel, "The budget is secret.", thread=given.question)
    bot.person("ada").say(channel, "I am staff and see this.", thread=given.question)
    uma.say(channel, "It is urgent.", thread=given.question)
    carried_to_staff(sam, given, "It is urgent.")
    quiet(bot)
    seen = everything(sam, SUPPORT, given.card)
    assert "budget is secret" not in seen
    assert "I am staff and see this" not in seen
    sam.say(SUPPORT, "Take the ramp.", thread=given.card)
    heard(uma, given, "Take the ramp.")


def test_a_private_channel_that_all_staff_are_in_is_not_carried(bot: Bot) -> None:
    uma, sam = bot.person("uma"), bot.person("sam")
    channel = bot.channel("all-staff", ("U0UMA", *STAFF), is_private=True)
    given = hand_over(bot, channel, "ferret")
    assert "Open the thread" in given.card.text
    assert "You can't see this conversation" not in given.card.text
    sam.say(SUPPORT, "Just between us.", thread=given.card)
    uma.say(channel, "It is urgent.", thread=given.question)
    quiet(bot)
    assert "It is urgent" not in everything(sam, SUPPORT, given.card)
    assert not [one for one in uma.thread(given.question) if "between us" in one.text]


def test_nothing_said_in_private_appears_anywhere_else(bot: Bot) -> None:
    uma, sam = bot.person("uma"), bot.person("sam")
    channel = bot.channel("hush", ("U0UMA", "U0ANN"), is_private=True)
    given = hand_over(bot, channel, "mongoose")
    sam.say(SUPPORT, "Write to tow@lumen.example and ask for the mongoose hook.", thread=given.card)
    heard(uma, given, "mongoose hook")
    resolve(bot, given)
    card = review_card(bot, "mongoose")
    assert "tow@lumen.example" not in card.text, "contact details from a private place are redacted"
    assert "[EMAIL_" in card.text
    assert "The thread is private" in card.text
    assert "the channel" in card.text, "it is for that channel unless a reviewer says otherwise"
    quiet(bot)
    assert not [one for one in uma.thread(given.question) if "Approve" in labels(one)], "the card stands in the thread"
    bot.person("ada").click(card, "Approve")
    becomes(bot.person("ada"), card, lambda one: "Approved by" in one.text)
    ask(uma, channel, f"@answerloop {unknown('mongoose')}", holds="mongoose hook")
    outside, _ = ask(uma, bot.channel("loud"), f"@answerloop {unknown('mongoose')}")
    quiet(bot)
    assert "mongoose hook" not in str([one.text for one in replies(uma, outside)])
    for one in bot.person("ada").channels():
        if one["id"] not in (SUPPORT, REVIEW):
            assert "mongoose" not in str([said.text for said in by_app(bot.person("ada").messages(one["id"]))])


# --- changes and deletions ---


def test_a_change_follows_to_where_the_words_were_carried(bot: Bot) -> None:
    uma, sam = bot.person("uma"), bot.person("sam")
    given = hand_over(bot, uma.direct, "cuckoo")
    reply = sam.say(SUPPORT, "Take the left gate.", thread=given.card)
    at_uma = heard(uma, given, "Take the left gate.")
    sam.edit(reply, "Take the right gate.")
    becomes(uma, at_uma, lambda one: "right gate" in one.text and "left" not in one.text)
    words = uma.say(uma.direct, "My code is 4711", thread=given.question)
    at_sam = carried_to_staff(sam, given, "4711")
    uma.edit(words, "My code is private")
    becomes(sam, at_sam, lambda one: "4711" not in one.text and "private" in one.text)
    uma.delete(words)
    becomes(sam, at_sam, lambda one: "private" not in one.text and "deleted" in one.text)
    uma.delete(given.question)
    becomes(sam, given.card, lambda one: "cuckoo" not in one.text and "(deleted)" in one.text)


def test_a_change_of_what_was_never_passed_on_reaches_nobody(bot: Bot) -> None:
    uma, sam = bot.person("uma"), bot.person("sam")
    question, _ = abstained(bot, uma, uma.direct, "sextant")
    uma.say(uma.direct, unknown("manatee"), thread=question)
    given = handed(bot, question, "manatee")
    uma.edit(question, unknown("sextant and secret"))
    quiet(bot)
    assert "sextant" not in everything(sam, SUPPORT, given.card)
    asked = uma.wait_for_message(question, lambda one: "May I also show them" in one.text)
    uma.delete(question)
    quiet(bot)
    uma.click(asked, "Yes, show them")
    becomes(uma, asked, lambda one: "I've shown the team" in one.text)
    quiet(bot)
    assert "sextant" not in everything(sam, SUPPORT, given.card), "what was deleted was passed on"


# --- helpers ---


def heard(person: Person, given: Handed, words: str) -> Shown:
    """Wait until the asker hears something in their thread."""
    return person.wait_for_message(given.question, lambda one: one.by_app and words in one.text)


def carried_to_staff(person: Person, given: Handed, words: str) -> Shown:
    """Wait until something of the asker's stands in the staff room."""
    return person.wait_for_message(given.card, lambda one: one.by_app and words in one.text)


def everything(person: Person, channel: str, card: Shown) -> str:
    """All that can be read in a channel and in the thread under a card."""
    return "\n".join(one.text for one in (*by_app(person.messages(channel)), *person.thread(card)))
