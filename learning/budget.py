"""The promised wrong rate: from how sure the bot has been lately to the thresholds it may use next. Pure.

The operator says which share of all questions may be answered wrongly. Answering from a threshold on costs, in
expectation, the mean of (1 - confidence) over what would be answered; offering the nearest questions costs what people
click wrongly. The thresholds are the lowest under which both together stay within what is aimed at, over the questions
of late. What is aimed at is a little less than what is promised, because thresholds chosen on some questions fall short
on the next, and still less while little is known of the workspace.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from kb.confidence import EXACT
from kb.ranking import Numbers
from learning.reporting import Share

#: The promise is looked at over periods; over one of so many questions, or over all so far where there were fewer,
#: chance alone shall break it in one of ten only, so that much less is aimed at (the normal quantile of 0.9 times the
#: standard deviation).
PERIOD, _SLACK = 3_000, 1.28
#: The first so many questions are a period of their own, over which chance shall break it in one of two hundred only
#: (where that leaves more than the least part): too few have said anything by then for thresholds to be right, and
#: first impressions stay. Fitted to a hundred labels or two, confidence was wrong twice as often as it said (banking77,
#: questions 250 to 500 of six runs).
CAREFUL_FOR, _CAREFUL_SLACK = 500, 2.6
#: However few are promised, this part of them is aimed at: with less nothing would be said, and nothing learned.
_LEAST_PART = 1 / 3
#: For so many first questions nothing less than this is said alone, whatever the numbers of so few may say.
LEARNING_FOR, AT_FIRST = 100, 0.8
#: The thresholds are chosen over so many questions, and never over fewer than `_FEWEST` (as if the rest were unsure).
WINDOW, _FEWEST = 800, 100
#: No threshold is outside of these: below, saying it would be a guess; above, not even a question that is known word
#: for word would be answered, and these stay right when people vote everything down.
_LOWEST, _HIGHEST = 0.5, EXACT
#: The least probability with which one of three questions has to be meant for them to be worth showing.
OFFER = 0.4
#: The largest part of what is aimed at that clicks on wrong questions may use up.
_CLICKS_PART = 0.3
#: What is assumed of people before they have shown it, worth so many observations.
WRONG_CLICKS, _WRONG_CLICKS_WORTH = 0.15, 4.0
#: Of so many answers people should have said something of so many: of spot checks alone there are fifteen, give or take
#: eight.
_MANY, _TELLING = 500, 5
#: Half the width of a 95 % interval in standard deviations.
_Z = 1.96


@dataclass(frozen=True)
class Thresholds:
    """From what on something is said."""

    #: The confidence (0 to 1) from which the first answer is given alone.
    answer: float
    #: The probability (0 to 1) that one of the first three is right from which these are offered.
    offer: float


#: What holds before anything was asked.
FIRST = Thresholds(AT_FIRST, OFFER)


def wrong_clicks(clicked_wrong: float, could: float) -> float:
    """Which share (0 to 1) of the people who are offered three wrong questions chooses one of them.

    Args:
        clicked_wrong: how many did.
        could: how many offers, in expectation, did not hold the right question.
    """
    return (WRONG_CLICKS * _WRONG_CLICKS_WORTH + clicked_wrong) / (_WRONG_CLICKS_WORTH + max(could, clicked_wrong))


def aimed_at(max_wrong: float, asked: int) -> float:
    """Which share (0 to 1) of wrong answers is aimed at, so that what happens stays below the promise.

    Args:
        max_wrong: the promise.
        asked: how many questions there ever were.
    """
    period, slack = min(max(asked, CAREFUL_FOR), PERIOD), _CAREFUL_SLACK if asked < CAREFUL_FOR else _SLACK
    return max(max_wrong - slack * sqrt(max_wrong / period), max_wrong * _LEAST_PART)


def choose(
    sure: Numbers, three: Numbers, *, max_wrong: float, asked: int, level: float = 1.0, wrong_clicks: float
) -> Thresholds:
    """The thresholds for the next questions.

    Args:
        sure: (n,) the confidences of the questions of late, as they would be now; the newest `WINDOW` are used.
        three: (n,) the probabilities that one of the first three was right.
        max_wrong: the promise, a share (0 to 1) of all questions.
        asked: how many questions there ever were.
        level: by which factor wrong answers are taken to be more frequent than the confidences have it; see
            `learning.reporting.Estimate.careful_level`.
        wrong_clicks: see `wrong_clicks`.
    """
    # What is surer than it should be offers three wrong ones more often, too.
    wrong_clicks *= level
    sure, three = sure[-WINDOW:], three[-WINDOW:]
    if not len(sure):
        return FIRST
    aim = aimed_at(max_wrong, asked)
    count = max(len(sure), _FEWEST)
    offer = _offer_from(sure, three, wrong_clicks, most=_CLICKS_PART * aim * count)
    order = np.argsort(-sure, kind="stable")
    by_click = np.where(three[order] >= offer, wrong_clicks * (1 - three[order]), 0.0)
    # Answering the first k alone costs what they may be wrong, and what the rest may click wrongly.
    cost = level * np.cumsum(1 - sure[order]) + by_click.sum() - np.cumsum(by_click)
    within = np.flatnonzero(cost <= aim * count)
    kept = int(within[-1]) + 1 if len(within) else 0
    # Anything surer than the first one that is not within; where none is, nothing of late was sure enough.
    following = float(sure[order][kept]) + 1e-9 if kept < len(order) else 0.0
    answer = following if kept else _HIGHEST
    answer = min(max(answer, AT_FIRST if asked < LEARNING_FOR else _LOWEST), _HIGHEST)
    return Thresholds(answer, offer)


def _offer_from(sure: Numbers, three: Numbers, wrong_clicks: float, *, most: float) -> float:
    """From which probability on three questions are offered, so that wrong clicks stay below a number."""
    unsure = np.sort(three[(sure < _HIGHEST) & (three >= OFFER)])[::-1]
    cost = np.cumsum(wrong_clicks * (1 - unsure))
    over = np.flatnonzero(cost > most)
    return float(unsure[over[0]]) + 1e-9 if len(over) else OFFER


def wrong_share(*, known_wrong: int, expected_wrong: float, asked: int, reported: Share) -> Share:
    """Which share of all questions was answered wrongly, with an interval.

    Args:
        known_wrong: answers that somebody found wrong.
        expected_wrong: how many of those of which nothing is known are wrong, in expectation.
        asked: how many questions there were.
        reported: which share of the wrong answers is voted down; its doubt is part of the interval.
    """
    if not asked:
        return Share(0.0, 0.0, 1.0)
    wrong = known_wrong + expected_wrong
    doubt = (reported.high - reported.low) / (2 * _Z * max(reported.value, 0.05))
    half = _Z * sqrt(max(wrong, 1.0) + (doubt * expected_wrong) ** 2)
    return Share(wrong / asked, max(0.0, (wrong - half) / asked), min(1.0, (wrong + half) / asked))


def alarm(estimate: Share, found: Mapping[str, int], *, max_wrong: float) -> str:
    """Why the promise may not be held, in words for an admin; empty where there is no reason to say so.

    Args:
        estimate: the share of late that was answered wrongly.
        found: counts of late: `answered`, `told` (answers that were voted down or judged in a spot check).
        max_wrong: the promise.
    """
    if estimate.low > max_wrong:
        return (
            f"About {estimate.value:.1%} of the questions of late were answered wrongly ({estimate.low:.1%} to "
            f"{estimate.high:.1%}), and {max_wrong:.1%} are promised. I answer less until that is better; please look "
            "at the answers that were voted down, and judge the spot checks."
        )
    if found["answered"] >= _MANY and found["told"] < _TELLING:
        return (
            f"Votes against answers and judged spot checks, among the last {found['answered']} answers: "
            f"{found['told'] or 'none'}. From so few I cannot tell whether at most {max_wrong:.1%} wrong ones, as "
            "promised, is kept. Please judge the spot checks; ANSWERLOOP_SPOT_CHECK_SHARE says how many there are."
        )
    return ""
