"""What a spot check looks like: an answer that staff are asked to judge with one click, and what they said of it."""

from dataclasses import dataclass
from enum import StrEnum

from bot.slack.actions import (
    SPOT_CHECK_CANNOT_TELL,
    SPOT_CHECK_CORRECT,
    SPOT_CHECK_RIGHT,
    SPOT_CHECK_WRONG,
    ButtonValue,
)
from bot.slack.text import split, to_mrkdwn
from bot.slack.views import kit
from bot.slack.views.kit import Message


class Verdict(StrEnum):
    """What staff said."""

    RIGHT = "right"
    WRONG = "wrong"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class CheckCard:
    """An answer that waits to be judged, in the record's redacted words."""

    check: str
    question: str
    #: Markdown.
    answer: str
    #: Calibrated probability, 0 to 1, that it is right.
    confidence: float
    #: The share of answers, above 0 and up to 1, that are checked.
    share: float
    #: Whether a model wrote it.
    generated: bool = False
    #: Whether it was asked where not everyone can read.
    private: bool = False
    #: Permalink of the question; empty where it is not for everyone.
    url: str = ""


@dataclass(frozen=True)
class JudgedCard:
    """An answer that was judged."""

    verdict: Verdict
    question: str
    #: Slack user id or name.
    by: str
    #: Id of the decision that can be corrected; empty where the answer does not come from one entry.
    correctable: str = ""


def check(card: CheckCard) -> Message:
    """Asks staff whether an answer was right."""
    value = ButtonValue(card.check)
    answer, *rest = split(to_mrkdwn(card.answer).strip() or kit.NOTHING, kit.MESSAGE_PART)
    whole = "" if not rest else " The rest of the answer is left out here."
    blocks = [
        kit.section(f"*Did I answer this rightly?*\n{kit.quote(card.question, 2000)}"),
        *kit.sections(f"*My answer*\n{answer}"),
        kit.context(_why(card) + whole, *([kit.link(card.url, "Open the thread")] if card.url else [])),
        kit.actions(
            kit.button("Right", SPOT_CHECK_RIGHT, value, style="primary"),
            kit.button("Wrong", SPOT_CHECK_WRONG, value, style="danger"),
            kit.button("Can't tell", SPOT_CHECK_CANNOT_TELL, value),
        ),
    ]
    return kit.message(f"Did I answer this rightly? {kit.words(card.question)}", blocks)


def judged(card: JudgedCard) -> Message:
    """What is left of the question once somebody has answered it; a wrong answer can be corrected."""
    by, question = kit.who(card.by), kit.words(card.question)
    correct = None
    match card.verdict:
        case Verdict.RIGHT:
            line = f":white_check_mark: {by} found my answer right: {question}"
        case Verdict.WRONG:
            line = f":x: {by} found my answer wrong: {question}"
            if card.correctable:
                correct = kit.button("Correct this", SPOT_CHECK_CORRECT, ButtonValue(card.correctable))
        case Verdict.CANNOT_TELL:
            line = f"{by} can't tell whether my answer was right: {question}"
    return kit.message(line, [kit.section(line, correct)])


def _why(card: CheckCard) -> str:
    """Why staff are asked, and how far what is shown can be trusted."""
    wrote = "wrote this from what I know" if card.generated else "gave this approved answer"
    why = f"I {wrote} by myself and was {card.confidence:.0%} sure. {_share(card.share)}"
    private = " It was asked where not everyone can read; personal details are taken out."
    return why + (private if card.private else "")


def _share(share: float) -> str:
    if share >= 1:
        return "Every such answer is checked."
    return f"About {share * 100:g} in 100 such answers are checked, more often where I am less sure."
