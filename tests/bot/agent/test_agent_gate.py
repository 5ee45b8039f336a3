"""What of a model's text is shown: checked sentences, never to be taken back, however the text arrives."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.agent.citations import Citations
from bot.agent.gate import Gate
from bot.agent.grounding import Ground
from bot.agent.reply import Rule

GROUND = Ground.of(
    "How long do refunds over $70 take?",
    [
        "Refunds take 5 days. Annual plans: thirty days, $1,200.50 at most. See https://help.lumen.example/refunds.",
        "Trials last 14 days and refunds 5. Read https://help.lumen.example/trials.",
    ],
)


def gate(shown: list[str] | None = None) -> Gate:
    return Gate(Citations(given=2), GROUND, None if shown is None else shown.append)


def run(*chunks: str, complete: bool = True) -> tuple[str, Gate]:
    one = gate()
    for chunk in chunks:
        one.feed(chunk)
    one.close(complete=complete)
    return one.text, one


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Refunds take 5 days [1].", "Refunds take 5 days [1]."),
        (
            "Trials last 14 days [2]. Annual ones take 30 days [1].",
            "Trials last 14 days [1]. Annual ones take 30 days [2].",
        ),
        ("Refunds take 5 days [1, 2].", "Refunds take 5 days [1][2]."),
        ("Refunds take 5 days [1][7].", "Refunds take 5 days [1]."),
        ("Refunds take 5 days【1†source】.", "Refunds take 5 days[1]."),
        ("Refunds take 5 days. [1]", "Refunds take 5 days. [1]"),
        ("Refunds take 5 days [7].", ""),
        ("Refunds take 5 days.", ""),
        ("", ""),
        ("Refunds take 6 days [1].", ""),
        ("Refunds over $70 take 5 days [1].", "Refunds over $70 take 5 days [1]."),
        ("Trials last 14 days [1].", ""),
        ("Trials last 14 days [1][2].", "Trials last 14 days [1][2]."),
        ("Trials last 14 days. Refunds take 5 days [1].", "Refunds take 5 days [1]."),
        ("Refunds take 5 days [1]. Trials last 14 days.", "Refunds take 5 days [1]."),
        ("Read https://help.lumen.example/trials [1].", "Read [1]."),
        ("Read https://help.lumen.example/trials [2].", "Read https://help.lumen.example/trials [1]."),
        ("Wait [2]. Read https://help.lumen.example/trials.", "Wait [1]. Read https://help.lumen.example/trials."),
        ("Ask me@evil.example or evil.com now [1].", "Ask or now [1]."),
        ("Open config.yaml in Node.js [1].", "Open config.yaml in Node.js [1]."),
        ("Refunds take 6 days [1]. Annual ones take 30 days [1].", "Annual ones take 30 days [1]."),
        ("At most $1200.5 [1].", "At most $1200.5 [1]."),
        ("Do this:\n\n1. Ask\n2. Wait 5 days [1]", "Do this:\n\n1. Ask\n2. Wait 5 days [1]"),
        ("It has 2 steps [1].", "It has 2 steps [1]."),
        ("Refunds take 5 days [1].\n\nOur boss is Bob.", "Refunds take 5 days [1]."),
        ("Our boss is Bob.\n\nRefunds take 5 days [1].", "Refunds take 5 days [1]."),
        ("Refunds take 5 days [1].\n\nOur boss is Bob.\n\nAsk [2].", "Refunds take 5 days [1].\n\nAsk [2]."),
        ("Refunds take 5 days [1]. Then wait.", "Refunds take 5 days [1]. Then wait."),
        ("Read `items[5]` [1].", "Read `items[5]` [1]."),
        ("Run [1]:\n\n```\nx = a[5]. Then\n\nb\n```\n", "Run [1]:\n\n```\nx = a[5]. Then\n\nb\n```"),
        ("See https://help.lumen.example/refunds [1].", "See https://help.lumen.example/refunds [1]."),
        ("See [here](https://evil.example/?q=secret) [1].", "See here [1]."),
        ("![x](https://evil.example/a.png) Wait [1].", "x Wait [1]."),
        ("See https://help.lumen.example/refunds?q=secret [1].", "See [1]."),
        ("See evil.example/path [1].", "See [1]."),
        ("See <https://evil.example|our page> [1].", "See our page [1]."),
        ("Mail mailto:me@evil.example [1].", "Mail [1]."),
        ("Wait [1]. NO_ANSWER", "Wait [1]."),
        ("<think>I do not know. It is 7 [1].</think>\n\nWait [1].", "Wait [1]."),
        ("<think>It is 7 [1]. And so", ""),
        ("<thin", ""),
    ],
)
def test_what_is_shown_of_a_written_answer(written: str, shown: str) -> None:
    assert run(written)[0] == shown


@pytest.mark.parametrize(
    ("written", "verdict"),
    [
        ("NO_ANSWER", Rule.MODEL_DOES_NOT_KNOW),
        ("I don't know.", Rule.MODEL_DOES_NOT_KNOW),
        ("I do not have that information [1].", Rule.MODEL_DOES_NOT_KNOW),
        ("The documents do not mention mobile [1]. Wait [1].", Rule.MODEL_DOES_NOT_KNOW),
        ("Sorry, there is nothing on that [2].", Rule.MODEL_DOES_NOT_KNOW),
        ("I can't help with that.", Rule.MODEL_REFUSED),
        ("I’m unable to assist with this request [1].", Rule.MODEL_REFUSED),
    ],
)
def test_a_model_that_does_not_know_or_will_not_answer_is_not_quoted(written: str, verdict: Rule) -> None:
    text, one = run(written)
    assert (text, one.verdict) == ("", verdict)


@pytest.mark.parametrize("written", ["We do not have a phone line [1].", "If you don't know your plan, ask [1]."])
def test_an_answer_that_says_no_is_an_answer(written: str) -> None:
    assert run(written)[0] == written


def test_nothing_is_shown_before_it_is_cited() -> None:
    shown: list[str] = []
    one = gate(shown)
    one.feed("Refunds take 5 days. Annual ones ")
    assert shown == []
    one.feed("take 30 days [1]. Ask")
    assert "".join(shown) == "Refunds take 5 days. Annual ones take 30 days [1]."


def test_a_half_sentence_is_dropped_where_the_model_was_cut_off() -> None:
    assert run("Refunds take 5 days [1]. They do not", complete=False)[0] == "Refunds take 5 days [1]."
    assert run("Refunds take 5 days [1]. They wait.", complete=False)[0] == "Refunds take 5 days [1]. They wait."


@pytest.mark.parametrize("around", ["_{}_", "*{}*", "so_{}_now", "`{}`", "\u00e9{}"])
def test_a_foreign_host_is_found_whatever_makes_it_slanted_or_bold(around: str) -> None:
    text, _ = run(f"Refunds take 5 days [1], see {around.format('evil.example')}.")
    assert text and "evil" not in text


_PIECES = st.sampled_from(
    (
        *("Refunds take 5 days", " [1]", " [2]", " [9]", ". ", "! ", "\n", "\n\n", "- ", "1. ", "6 days ", "14 days"),
        *(
            "<think>",
            "</think>",
            "```",
            "`a[1]`",
            "NO_ANSWER",
            "Do this:",
            "I do not know",
            "[x](https://evil.example)",
            "a@evil.example",
        ),
        *(
            "https://evil.example/a",
            " ",
            "e",
            "[",
            "1",
            "]",
            "(",
            ")",
            "evil.example",
            "_",
            "https://help.lumen.example/trials",
        ),
    )
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=25), st.data())
def test_the_text_does_not_depend_on_how_it_was_cut_and_what_was_shown_stays(
    pieces: list[str], data: st.DataObject
) -> None:
    written = "".join(pieces)
    whole, _ = run(written)
    shown: list[str] = []
    one = gate(shown)
    rest = written
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        one.feed(rest[:size])
        assert whole.startswith(one.text)
        rest = rest[size:]
    one.close()
    assert one.text == "".join(shown) == whole
    # With a letter after it the name is another one, of no known ending, as where two sentences run together.
    assert not re.search(r"evil\.example(?![a-z0-9])", whole, re.IGNORECASE)
    assert not whole or "[1]" in whole.replace("`a[1]`", "")
