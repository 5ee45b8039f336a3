"""How often answers are wrong and how much of that people report: two unknowns, judged together. Pure.

Votes tell only the product of the two: twenty votes down are twenty wrong answers that were all reported, or eighty of
which every fourth was. Spot checks tell each of them, but are few. What both say is joined with what is assumed before
anybody has shown anything, over a grid of all pairs (Bayes with a Poisson number of wrong answers, of which each is
reported with the same chance; compare capture and recapture, Seber 1982).
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from kb.ranking import Numbers

#: What is assumed of people before they have shown it: every third wrong answer is voted down, worth so many wrong
#: answers (a beta distribution).
VOTED_DOWN, _WORTH = 1 / 3, 6.0
#: What the level is taken to be before people have shown it. A new workspace is a set of questions that the shipped
#: coefficients were not fitted on: fitted without one of three public sets, they were wrong there up to 1.8 times as
#: often as they said (the upper quartile of the workspaces made from the worst of the three). The coefficients follow
#: the workspace's own labels, and after so many questions they are taken to be its own.
_FIRST_LEVEL, _OWN_AFTER = 1.8, 1_500
#: How far the level may be from that (the standard deviation of its logarithm). Assumed: trials with half and with one
#: and a half times as much came out alike.
_DOUBT = 0.25
#: Within what the level lies, whatever people show.
LEAST_LEVEL, MOST_LEVEL = 0.7, 2.5
#: The pairs that are weighed against each other.
_LEVELS = np.exp(np.linspace(np.log(0.25), np.log(4.0), 48))[:, None]
_SHARES = ((np.arange(40) + 0.5) / 40)[None, :]
#: Half the width of a 95 % interval in standard deviations.
_Z = 1.96


@dataclass(frozen=True)
class Share:
    """An estimated share (0 to 1) with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Seen:
    """What people have shown of the answers given alone; `doubt` is a sum of (1 - confidence)."""

    #: How many questions there ever were.
    asked: int = 0
    #: Of answers that nobody checked: their doubt, and how many were voted down.
    doubt: float = 0.0
    voted_down: int = 0
    #: Of answers that staff judged in a spot check: their doubt, and how many were wrong.
    checked_doubt: float = 0.0
    checked_wrong: int = 0
    #: Of all answers that ever were found wrong by a spot check: how many there are, and how many were voted down.
    found_wrong: int = 0
    of_them_voted_down: int = 0


def voted_down(found_wrong: int, of_them_voted_down: int) -> Share:
    """Which share of the wrong answers is voted down, as far as spot checks tell.

    Args:
        found_wrong: how many answers a spot check ever found wrong.
        of_them_voted_down: how many of these were voted down.
    """
    count = _WORTH + found_wrong
    value = (VOTED_DOWN * _WORTH + of_them_voted_down) / count
    half = _Z * sqrt(value * (1 - value) / (count + 1))
    return Share(value, max(0.0, value - half), min(1.0, value + half))


def level(seen: Seen) -> float:
    """By which factor wrong answers are more frequent than the confidence has it, as far as people have shown.

    Silence is not praise: that few vote answers down may lower it no further than what spot checks found does.
    """
    expected = 1.0 + (_FIRST_LEVEL - 1.0) * max(0.0, 1.0 - seen.asked / _OWN_AFTER)
    log_likely: Numbers = -0.5 * (np.log(_LEVELS / expected) / _DOUBT) ** 2
    log_likely = log_likely + _beta(VOTED_DOWN * _WORTH + seen.of_them_voted_down, _WORTH + seen.found_wrong)
    log_likely += _poisson(seen.checked_wrong, _LEVELS * seen.checked_doubt)
    by_checks = _mean_level(log_likely)
    found = _mean_level(log_likely + _poisson(seen.voted_down, _LEVELS * _SHARES * seen.doubt))
    return min(max(found, min(by_checks, 1.0), LEAST_LEVEL), MOST_LEVEL)


def _mean_level(log_likely: Numbers) -> float:
    likely = np.exp(log_likely - log_likely.max())
    return float((likely.sum(axis=1) * _LEVELS[:, 0]).sum() / likely.sum())


def _beta(some: float, of: float) -> Numbers:
    """The log density of each share under a beta distribution, but for a constant."""
    found: Numbers = (some - 1) * np.log(_SHARES) + (of - some - 1) * np.log(1.0 - _SHARES)
    return found


def _poisson(count: int, expected: Numbers) -> Numbers:
    """The log likelihood of a count, but for a constant."""
    found: Numbers = count * np.log(np.maximum(expected, 1e-9)) - expected
    return found
