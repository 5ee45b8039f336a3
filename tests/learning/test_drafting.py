"""An answer drafted from the words of staff holds what they said and nothing else."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.conversations import MessageKind, Place, Turn
from learning.handoffs import draft_answer
from learning.ids import MessageId, PersonId


def _turn(text: str | None, number: int = 0) -> Turn:
    return Turn(
        id=MessageId(f"M{number}"),
        place=Place("C1", "1"),
        ts=f"100.{number:06d}",
        author=PersonId("sam"),
        kind=MessageKind.STAFF,
        text=text,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        edited=False,
        deleted=text is None,
    )


def _draft(*texts: str | None) -> str:
    return draft_answer([_turn(text, number) for number, text in enumerate(texts)])


@pytest.mark.parametrize(
    "chatter",
    [
        "Hi!",
        "Hello Uma,",
        "Let me check.",
        "I'll have a look",
        "One moment please",
        "I'm looking into it",
        "Thanks for your patience!",
        "You're welcome",
        "No problem",
        "Which browser do you use?",
        "Sorry for the wait.",
        "Hope that helps!",
        "Let me know if anything else comes up.",
        "<@U012ABCDEF>",
        "ok",
        "on it",
        "",
        None,
    ],
)
def test_chatter_is_left_out(chatter: str | None) -> None:
    answer = "Exports live under Reports > Export."
    assert _draft(chatter, answer) == answer
    assert _draft(answer, chatter) == answer


def test_what_is_said_between_chatter_is_kept_in_order() -> None:
    assert (
        _draft(
            "Hi Uma, let me check.",
            "Which plan are you on?",
            "Hey, on the Team plan you can add 5 seats. Thanks for asking!",
            "More seats need the Business plan.",
        )
        == "on the Team plan you can add 5 seats.\n\nMore seats need the Business plan."
    )


def test_lists_and_code_stay_as_they_were_written() -> None:
    steps = "1. Open Settings\n2. Choose Security\n\n```\nreset --all\n```"
    assert _draft("Sure!", f"<@U012ABCDEF> {steps}") == steps


@pytest.mark.parametrize(
    "answer",
    [
        "Yes, refunds take 5 days.",
        "No, that is not possible on the Free plan.",
        "I'll reset it from our side: it takes effect at once.",
        "Sure, you can: open Settings and choose Export, then pick CSV or Excel as you like, and press Download.",
        "Thanks to the new release it works offline.\nUpdate first.",
    ],
)
def test_an_answer_that_begins_like_chatter_is_an_answer(answer: str) -> None:
    assert answer.splitlines()[-1] in _draft(answer)
    assert _draft(answer) != ""


def test_where_there_is_nothing_but_chatter_the_last_message_stands() -> None:
    assert _draft("Hi!", "Let me check.") == "Let me check."
    assert _draft() == "" and _draft(None) == ""


def test_an_address_stays_whole() -> None:
    assert _draft("<@U1> Write to jane@example.com instead.") == "Write to jane@example.com instead."


def test_the_same_message_twice_is_said_once() -> None:
    assert _draft("Use Reports.", "Use Reports.") == "Use Reports."


@given(st.lists(st.text(st.characters(exclude_characters="<"), max_size=80), max_size=5))
def test_no_word_is_invented(texts: list[str]) -> None:
    written = set(" ".join(texts).split())
    assert set(_draft(*texts).split()) <= written
