"""The tally of a backtest: what became of each question, and what people were asked for meanwhile."""

from dataclasses import dataclass, field
from enum import StrEnum


class Fate(StrEnum):
    """What became of a question, as far as the bot goes."""

    #: The bot answered it alone, rightly or wrongly.
    RIGHT = "right"
    WRONG = "wrong"
    #: Somebody clicked one of the questions offered, the right one or a wrong one.
    CLICKED = "clicked"
    WRONG_CLICK = "wrong_click"
    #: People had to answer it.
    HANDED_OVER = "handed_over"


@dataclass
class Fared:
    """One question, and what it led to."""

    fate: Fate = Fate.HANDED_OVER
    #: How likely the bot held it to be that the answer it gave alone was wrong; 0 where it gave none.
    doubt: float = 0.0
    #: Whether people were called: at once, or after a wrong answer that was voted down.
    handed_over: bool = False
    #: Whether the reply to another question settled it.
    saved: bool = False


@dataclass(frozen=True)
class Known:
    """What the knowledge base and the promise stand at."""

    entries: int
    #: All wordings of all entries, their questions included.
    phrasings: int
    #: The bot's own estimate of the share that it answered wrongly of late, with its bounds; None before there is one.
    estimate: tuple[float, float, float] | None = None
    #: Why the promise may not be held, in the bot's words; empty where there is no reason to say so.
    alarm: str = ""


@dataclass
class Tally:
    """Everything that is counted, by the number of the question, from 0."""

    fared: list[Fared] = field(default_factory=list)
    #: During which question a decision was asked of admins, and a spot check of staff.
    reviews: list[int] = field(default_factory=list)
    spot_checks: list[int] = field(default_factory=list)
    #: What was known after so many questions.
    known: dict[int, Known] = field(default_factory=dict)
