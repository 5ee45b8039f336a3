"""The bot answers who addresses it, in the thread, with the thread taken into account; and stays quiet otherwise."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox import world
from tests.e2e.acts import KNOWN, KNOWN_ANSWER, UNKNOWN, ask, decisions, replies, rows, set_channel, stays_quiet
from tests.e2e.conftest import Bot, labels, running_bot

pytestmark = pytest.mark.e2e

#: A question, a follow-up that says little by itself, and words that only the follow-up's answer holds.
BEFORE, FOLLOW_UP, FOLLOW_UP_ANSWER = (
    "By when must expenses be handed in?",
    "and how do I submit them?",
    "How do I submit an expense?",
)


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """One bot over Socket Mode; delivery over both transports is tested where it matters."""
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("answering")) as running:
        yield running


# --- quiet ---


def test_a_message_that_addresses_nobody_is_left_alone(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("quiet-top")
    message = uma.say(channel, KNOWN)
    assert stays_quiet(bot, uma, message)
    assert not rows(bot, "select 1 from messages where channel = ?", channel), "it was kept although it is not ours"


def test_a_thread_of_others_is_left_alone(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("quiet-thread")
    root = uma.say(channel, "Lunch at noon?")
    sam.say(channel, KNOWN, thread=root)
    uma.say(channel, UNKNOWN, thread=root)
    assert stays_quiet(bot, uma, root)
    assert not rows(bot, "select 1 from messages where channel = ?", channel)


def test_another_persons_words_in_the_bots_thread_are_left_alone(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("quiet-other")
    question, _ = ask(uma, channel)
    sam.say(channel, "How many holiday days do I get?", thread=question)
    assert stays_quiet(bot, uma, question, after=1)


def test_another_person_who_mentions_the_bot_joins_its_conversation(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("join")
    question, _ = ask(uma, channel)
    sam.say(channel, "@answerloop How many holiday days do I get?", thread=question)
    uma.wait_for_message(question, lambda one: one.by_app and "holiday" in one.text)
    sam.say(channel, "and how do I request them?", thread=question)
    uma.wait_for_message(question, lambda one: one.by_app and "How do I request a holiday?" in one.text)


def test_a_mention_in_a_thread_of_others_is_answered_there(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("mid-thread")
    root = sam.say(channel, "Lunch at noon?")
    uma.say(channel, f"@answerloop {KNOWN}", thread=root)
    uma.wait_for_message(root, lambda one: one.by_app and KNOWN_ANSWER in one.text)
    sam.say(channel, "How many holiday days do I get?", thread=root)
    assert stays_quiet(bot, uma, root, after=1)


def test_those_who_helped_do_not_address_the_bot_after_it_is_resolved(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("helped")
    bob = bot.workspace.add_person("bob", channels=[channel])
    question, card = ask(uma, channel, f"@answerloop {UNKNOWN}")
    uma.click(card, "Get a human")
    room = sam.wait_for_message("C0SUPPORT", lambda one: one.by_app and channel in str(one.raw))
    sam.say(channel, "Only the green one.", thread=question)
    uma.wait_for_message(question, lambda one: one.user == sam.id)
    bob.say(channel, "Good to know!", thread=question)
    claimed = sam.wait_for(lambda: one if "Resolve" in labels(one := sam.again(room)) else None)
    sam.click(claimed, "Resolve")
    sam.submit(sam.wait_for_view("resolve_form"))
    uma.wait_for_message(question, lambda one: one.by_app and "Did that solve it?" in one.text)
    uma.wait_for_message(question, lambda one: one.by_app and "Approve" in labels(one))
    before = len(replies(uma, question))
    sam.say(channel, "How many holiday days do I get?", thread=question)
    bob.say(channel, "How many holiday days do I get?", thread=question)
    assert stays_quiet(bot, uma, question, after=before)
    uma.say(channel, KNOWN, thread=question)
    uma.wait_for_message(question, lambda one: one.by_app and KNOWN_ANSWER in one.text)


def test_an_app_is_never_answered(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("own-words")
    question, answer = ask(uma, channel)
    assert answer.by_app
    assert stays_quiet(bot, uma, question, after=1)


# --- the conversation so far ---


def test_a_follow_up_without_a_mention_is_understood_with_its_thread(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("follow-up")
    question, _ = ask(uma, channel, f"@answerloop {BEFORE}", holds=BEFORE)
    follow_up = uma.say(channel, FOLLOW_UP, thread=question)
    uma.wait_for_message(question, lambda one: one.by_app and FOLLOW_UP_ANSWER in one.text)
    [decision] = decisions(bot, follow_up)
    assert BEFORE in decision["question"]


def test_the_same_words_without_their_thread_are_not_answered_as_if_they_had_one(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("follow-up-alone")
    _, reply = ask(uma, channel, f"@answerloop {FOLLOW_UP}")
    assert "Helpful" not in str(reply.blocks), f"answered without knowing what 'them' is: {reply.text}"


def test_a_direct_message_is_answered_in_its_thread(bot: Bot) -> None:
    uma = bot.person("uma")
    question, answer = ask(uma, uma.direct, BEFORE, holds=BEFORE)
    assert answer.thread == question.ts
    uma.say(uma.direct, FOLLOW_UP, thread=question)
    uma.wait_for_message(question, lambda one: one.by_app and FOLLOW_UP_ANSWER in one.text)


def test_a_direct_message_goes_on_with_the_one_just_before_it(bot: Bot) -> None:
    ann = bot.person("ann")
    ask(ann, ann.direct, BEFORE, holds=BEFORE)
    follow_up, answer = ask(ann, ann.direct, FOLLOW_UP, holds=FOLLOW_UP_ANSWER)
    assert answer.thread == follow_up.ts
    [decision] = decisions(bot, follow_up)
    assert BEFORE in decision["question"]


def test_the_messages_tab_suggests_questions_to_begin_with(bot: Bot) -> None:
    ann = bot.person("ann")
    ann.open_home("messages")
    ann.wait_for(lambda: _prompts(bot, ann.direct), otherwise="no prompts were suggested")
    prompts = _prompts(bot, ann.direct)
    assert 1 <= len(prompts) <= 4
    question = prompts[0]["message"]
    ask(ann, ann.direct, question, holds=question)


# --- edits, deletions, order ---


def test_a_deleted_question_that_was_not_answered_yet_gets_no_answer(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("deleted")
    # While the bot waits for Slack to say who asks, the question goes.
    bot.workspace.faults("rate_limit", method="users.info", retry_after=2)
    question = uma.say(channel, f"@answerloop {KNOWN}")
    uma.wait_for(lambda: rows(bot, "select 1 from messages where channel = ?", channel))
    uma.delete(question)
    uma.wait_for(lambda: _settled(bot, channel), otherwise="the answer's workflow did not end")
    assert not [one for one in uma.messages(channel) if one.by_app]
    assert not replies(uma, question)


def test_a_deletion_that_arrives_before_its_message_counts(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("deleted-early")
    set_channel(bot, channel, "everything")
    bot.workspace.faults("reorder", event="message")
    question = uma.say(channel, KNOWN)
    uma.delete(question)
    assert stays_quiet(bot, uma, question)
    assert not rows(bot, "select 1 from messages where channel = ? and sealed is not null", channel)


def test_an_edit_changes_what_is_kept_and_is_not_a_new_question(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("edited")
    question, _ = ask(uma, channel, f"@answerloop {UNKNOWN}")
    uma.edit(question, f"@answerloop {BEFORE}")
    assert stays_quiet(bot, uma, question, after=1)
    uma.say(channel, FOLLOW_UP, thread=question)
    # Understood with the question as it stands now.
    uma.wait_for_message(question, lambda one: one.by_app and FOLLOW_UP_ANSWER in one.text)


def test_an_edit_that_adds_the_mention_is_a_question_once(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("mentioned-later")
    question = uma.say(channel, BEFORE)
    assert stays_quiet(bot, uma, question)
    uma.edit(question, f"@answerloop {BEFORE}")
    uma.wait_for_message(question, lambda one: one.by_app and BEFORE in one.text)
    uma.edit(question, BEFORE)
    uma.edit(question, f"@answerloop {BEFORE}")
    assert stays_quiet(bot, uma, question, after=1)


def test_an_edit_makes_a_question_of_what_was_let_be_where_every_message_is_read(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("mentioned-later-everything")
    set_channel(bot, channel, "everything")
    message = uma.say(channel, "Hello everybody!")
    assert stays_quiet(bot, uma, message)
    uma.edit(message, f"@answerloop {BEFORE}")
    uma.wait_for_message(message, lambda one: one.by_app and BEFORE in one.text)
    assert stays_quiet(bot, uma, message, after=1)


@pytest.mark.parametrize("mode", ["mentions", "everything"])
def test_a_reply_that_overtakes_its_threads_first_message_is_answered_too(bot: Bot, mode: str) -> None:
    uma, channel = bot.person("uma"), bot.channel(f"overtaken-{mode}")
    set_channel(bot, channel, mode)
    # A mention arrives as two events; with one of them, what comes after it can arrive before it.
    _subscribe(bot, world.BOT_EVENTS - {"app_mention"})
    bot.workspace.faults("reorder", event="message")
    question = uma.say(channel, BEFORE if mode == "everything" else f"@answerloop {BEFORE}")
    _subscribe(bot, world.BOT_EVENTS)
    uma.say(channel, FOLLOW_UP, thread=question)
    uma.wait_for_message(question, lambda one: one.by_app and BEFORE in one.text)
    uma.wait_for_message(question, lambda one: one.by_app and FOLLOW_UP_ANSWER in one.text)
    assert stays_quiet(bot, uma, question, after=2)
    assert not rows(bot, "select 1 from early_arrivals where channel = ?", channel)


def test_a_connection_that_slack_makes_anew_loses_nothing(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("refreshed")
    for number in range(3):
        bot.workspace.faults("refresh")
        question, _ = ask(uma, channel, holds=KNOWN_ANSWER)
        assert stays_quiet(bot, uma, question, after=1), number


def _subscribe(bot: Bot, events: frozenset[str]) -> None:
    bot.workspace.post("/control/install", {"scopes": sorted(world.BOT_SCOPES), "events": sorted(events)})


def _prompts(bot: Bot, channel: str) -> list[dict[str, str]]:
    calls = bot.workspace.calls("assistant.threads.setSuggestedPrompts")
    return next((one["args"]["prompts"] for one in calls if one["args"].get("channel_id") == channel), [])


def _settled(bot: Bot, channel: str) -> bool:
    found = rows(bot, "select status from workflow_status where workflow_uuid like ?", f"%:{channel}:%:answer")
    return bool(found) and all(one["status"] not in ("ENQUEUED", "PENDING") for one in found)
