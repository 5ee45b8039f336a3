"""What people write after an answer is kept as signals of it, once everybody has been answered."""

import pytest

from bot.sandbox.client import Shown
from tests.e2e.acts import KNOWN, KNOWN_ANSWER, ask, decisions, quiet, rows
from tests.e2e.conftest import Bot
from tests.e2e.desk import becomes, hand_over, resolve, unknown

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def bot(one_bot: Bot) -> Bot:
    return one_bot


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("rephrasing", "I forgot the password of my VPN, how can I set a new one?"),
        ("follow_up", "and what if my authenticator is gone as well?"),
        ("completion", "perfect, that worked. thank you!"),
        ("correction", "No, that is outdated: it takes ten minutes now, not two."),
        ("regeneration", "hm, could you give me another answer please"),
    ],
)
def test_what_somebody_writes_after_an_answer_says_something_of_it(bot: Bot, kind: str, says: str) -> None:
    uma, channel = bot.person("uma"), bot.channel(f"says-{kind.replace('_', '-')}")
    question, _ = ask(uma, channel, holds=KNOWN_ANSWER)
    then = uma.say(channel, says, thread=question)
    uma.wait_for_message(question, lambda one: one.by_app and one.ts > then.ts)
    [decision] = decisions(bot, question)
    heard = signals(bot, question)
    assert [(one["kind"], one["shown_by"], one["person"]) for one in heard] == [(kind, then.ts, decision["asker"])]
    assert heard[0]["found_by"] in ("words-1", "meaning-1")
    [length] = rows(bot, "select * from signals where decision = ? and kind = 'length'", decision["id"])
    assert (length["value"], length["shown_by"]) == (3.0, then.ts), "the question, the answer, and this"


@pytest.mark.parametrize(
    "says", ["thanks!", "thanks, but it still says wrong password", "Can the light strip be cut to length?"]
)
def test_thanks_complaints_and_new_questions_say_nothing_of_the_answer(bot: Bot, says: str) -> None:
    uma, channel = bot.person("uma"), bot.channel(f"nothing-{len(says)}")
    question, _ = ask(uma, channel, holds=KNOWN_ANSWER)
    uma.say(channel, says, thread=question)
    quiet(bot)
    assert signals(bot, question) == []


def test_who_got_no_answer_and_asks_in_other_words_rephrases(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("other-words")
    question, _ = ask(uma, channel, f"@answerloop {unknown('raft')}")
    uma.say(channel, "What is the weight of the raft that our founder made?", thread=question)
    quiet(bot)
    assert [one["kind"] for one in signals(bot, question)] == ["rephrasing"]


def test_in_a_direct_message_the_next_one_is_heard_of_the_answer_before(bot: Bot) -> None:
    gus = bot.person("ann")
    question, _ = ask(gus, gus.direct, KNOWN, holds=KNOWN_ANSWER)
    then, _ = ask(gus, gus.direct, "and what if my authenticator is gone as well?")
    quiet(bot)
    assert [(one["kind"], one["shown_by"]) for one in signals(bot, question)] == [("follow_up", then.ts)]


def test_a_tick_on_the_answer_says_that_it_is_done(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("ticked")
    question, answer = ask(uma, channel, holds=KNOWN_ANSWER)
    for _ in range(2):
        uma.react(answer, "white_check_mark")
        quiet(bot)
        uma.unreact(answer, "white_check_mark")
    uma.react(answer, "tada")
    quiet(bot)
    assert [(one["kind"], one["found_by"]) for one in signals(bot, question)] == [("completion", "reaction")]


def test_the_askers_word_that_a_colleague_solved_it_counts_for_the_question(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("solved-signal")
    handed = hand_over(bot, channel, "gramophone")
    uma.say(channel, "Which desk is it, do you know?", thread=handed.question)
    bot.person("sam").say(channel, "It guards the desk by the window.", thread=handed.question)
    resolve(bot, handed, learn=False)
    solved = uma.wait_for_message(handed.question, lambda one: "solve" in one.text and "Yes" in str(one.raw))
    uma.click(solved, "handoff_solved_yes")
    becomes(uma, solved, lambda one: "handoff_solved_yes" not in one.action_ids)
    quiet(bot)
    heard = [(one["kind"], one["found_by"]) for one in signals(bot, handed.question)]
    assert heard == [("completion", "button")], "what she asked the colleague is no signal of the bot's answer"


def signals(bot: Bot, question: Shown) -> list[dict[str, object]]:
    """What was heard of the answer to a question, but for how long the conversation is."""
    quiet(bot)
    [decision] = decisions(bot, question)
    return rows(bot, "select * from signals where decision = ? and kind != 'length' order by at", decision["id"])
