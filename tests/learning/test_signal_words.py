"""What words say by themselves, and what they do not say although they look like it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.signals import Before, Likeness, Own, SignalKind, hear, subject
from learning.signals.words import says_done, says_right, wants_another

ANSWER = "Lunch is served from 11:30 to 14:00 in the Harbour office and costs six euros."
BEFORE = Before("When is lunch?", ANSWER, "E1")


@pytest.mark.parametrize(
    "text",
    (
        *("thanks, that worked", "perfect, thank you", "works now 🎉", "✅", "done :white_check_mark:"),
        *("it's fixed", "sorted, cheers", "exactly what I needed", "all good now", "got it, just sent both"),
        *("That did the trick.", "found it!", "problem solved", "I'm in again", "that helps"),
    ),
)
def test_it_is_done_where_somebody_says_so(text: str) -> None:
    assert says_done(text)


@pytest.mark.parametrize(
    "text",
    (
        *("thanks", "thank you so much", "ok thx", "thanks in advance", "thanks but it still fails"),
        *("that didn't work", "not solved", "I hope that works", "does it work on a phone?", "if that works, fine"),
        *("wow, great, so helpful 🙄 it works. not.", "thanks for nothing", "oh great, now it is locked"),
        *("it worked last year", "I'll see if it works", "I work from home", "perfect timing, the page is down"),
    ),
)
def test_thanks_hope_doubt_and_irony_are_no_success(text: str) -> None:
    assert not says_done(text)


@pytest.mark.parametrize(
    "text",
    (
        *("no, that is wrong, it ends at 13:30", "Actually it costs seven euros.", "It is 12:00, not 11:30"),
        *("That's outdated: since May it closes at one", "should be 13:45", "it was raised to 6.50 this year"),
        *("five, not six", "you have to pay in advance instead, cash was removed"),
    ),
)
def test_a_correction_says_what_is_right(text: str) -> None:
    assert says_right(text, ANSWER)


@pytest.mark.parametrize(
    "text",
    (
        *("that is wrong", "I don't think that's right", "this is wrong on so many levels", "isn't it 13:30?"),
        *("there are 7 of us now", "I never eat before 12:00", "thanks but that is the old room"),
    ),
)
def test_doubt_and_facts_of_ones_own_are_no_correction(text: str) -> None:
    assert not says_right(text, ANSWER)


@pytest.mark.parametrize(
    "text",
    (
        *("try again", "please try again", "can you give me another answer?", "one more time, please"),
        *("not useful. any other suggestion?", "explain that differently", "give it another go", "regenerate"),
    ),
)
def test_another_answer_is_wanted_where_somebody_asks_the_bot(text: str) -> None:
    assert wants_another(text)


@pytest.mark.parametrize(
    "text",
    (
        *("I'll try again tomorrow", "how often can I try again?", "should they try again?", "it happened again"),
        *("can I book another one?", "and how do I cancel it again?", "In other words, is lunch free?"),
    ),
)
def test_who_tries_again_themselves_wants_no_other_answer(text: str) -> None:
    assert not wants_another(text)


@pytest.mark.parametrize("text", ["Thanks, that worked!", "No, it ends at 13:30 now.", "try again please"])
def test_what_words_say_needs_no_meaning(text: str) -> None:
    [found] = hear(text, BEFORE, Likeness())
    assert found.kind in (SignalKind.COMPLETION, SignalKind.CORRECTION, SignalKind.REGENERATION)
    assert found.found_by and found.value is None


def test_done_and_asking_on_in_one_message_are_both_heard() -> None:
    text = "Perfect, that worked. And what about vegetarians?"
    assert subject(text) == "And what about vegetarians?"
    kinds = [one.kind for one in hear(text, BEFORE, Likeness(0.2, 0.3))]
    assert kinds == [SignalKind.COMPLETION, SignalKind.FOLLOW_UP]


def test_meaning_tells_asking_again_from_asking_on_and_from_something_new() -> None:
    text = "At which time do we eat?"
    for likeness, own, expected in (
        (Likeness(0.4, 0.4), Own("E1", 0.9), [SignalKind.REPHRASING]),
        (Likeness(0.7, 0.4), None, [SignalKind.REPHRASING]),
        (Likeness(0.4, 0.4), Own("E2", 0.9), [SignalKind.FOLLOW_UP]),
        (Likeness(0.3, 0.2), Own("E2", 0.1), [SignalKind.FOLLOW_UP]),
        (Likeness(0.1, 0.1), Own("E2", 0.9), []),
        (Likeness(0.05, 0.05), None, []),
    ):
        assert [one.kind for one in hear(text, BEFORE, likeness, own)] == expected, (likeness, own)


def test_who_got_no_answer_and_asks_something_like_it_asks_again() -> None:
    unanswered = Before("lunch?", "")
    [found] = hear("At which time do we eat?", unanswered, Likeness(0.35), Own("E1", 0.9))
    assert (found.kind, found.value) == (SignalKind.REPHRASING, 0.35)
    assert hear("Who waters the plants?", unanswered, Likeness(0.02), Own("E2", 0.9)) == ()


def test_what_asks_nothing_goes_on_from_nothing() -> None:
    assert hear("And what about vegetarians?", BEFORE, Likeness(0.9, 0.9), asks=False) == ()
    assert hear("When is lunch?", BEFORE, Likeness())[0].kind is SignalKind.REPHRASING
    assert hear("Different question: when is lunch on Sunday?", BEFORE, Likeness(0.8, 0.8)) == ()


@pytest.mark.parametrize("piece", ["a.-", "no, not it ", "1.", "ok ", "can you try ", "?! ", "ab", "works "])
def test_however_long_a_message_is_it_is_heard_quickly(piece: str) -> None:
    text = piece * 20_000
    began = time.monotonic()
    hear(text, Before(text, text), Likeness(0.5, 0.5), Own("E1", 0.9))
    assert time.monotonic() - began < 2


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_is_written_is_heard_without_an_error(text: str, answer: str) -> None:
    for one in hear(text, Before("When is lunch?", answer), Likeness(0.3, 0.3)):
        assert one.kind is not SignalKind.LENGTH
