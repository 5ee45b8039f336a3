"""How often answers are wrong and how much of that people report: two unknowns, judged together. Pure.

Votes tell only the product of the two: twenty votes down are twenty wrong answers that were all reported, or eighty of
which every fourth was. Spot checks tell each of them, but are few. What both say is joined with what is assumed before
anybody has shown anything, over a grid of all pairs (Bayes with a Poisson number of wrong answers, of which each is
reported with the same chance; compare capture and recapture, Seber 1982).

People show little, so that both stay uncertain for long. What is said next follows the careful level, the upper
quartile of what it may be; what is told of the past follows the middle.
"""

from dataclasses import dataclass

import numpy as np

from kb.ranking import Numbers

#: What is assumed of people before they have shown it: every third wrong answer is voted down, worth so many wrong
#: answers (a beta distribution). Worth little, because in many workplaces nobody votes at all; were that held to be
#: unlikely, silence would be taken for few wrong answers.
VOTED_DOWN, _WORTH = 1 / 3, 2.0
#: What the level is taken to be before people have shown it. A new workspace is a set of questions that the shipped
#: coefficients were not fitted on: fitted without one of three public sets, they were wrong there up to 1.8 times as
#: often as they said (the upper quartile of the workspaces made from the worst of the three). The coefficients follow
#: the workspace's own labels, and after so many questions they are taken to be its own.
_FIRST_LEVEL, _OWN_AFTER = 1.8, 1_500
#: How far the level may be from that (the standard deviation of its logarithm). Assumed; with less, spot checks that
#: find many wrong were followed too slowly where a fifth of the questions is out of scope.
_DOUBT = 0.35
#: Which part of what the level may be lies below the one that is told, and below the careful one.
_MIDDLE, _CAREFUL = 0.5, 0.75
#: Within what the level lies, whatever people show.
LEAST_LEVEL, MOST_LEVEL = 0.7, 2.5
#: The pairs that are weighed against each other: the ends of the cells of the grid, and their middles.
_LEVEL_ENDS = np.exp(np.linspace(np.log(0.25), np.log(4.0), 49))
_SHARE_ENDS = np.linspace(0.0, 1.0, 101)
_LEVELS = np.sqrt(_LEVEL_ENDS[1:] * _LEVEL_ENDS[:-1])[:, None]
_SHARES = ((_SHARE_ENDS[1:] + _SHARE_ENDS[:-1]) / 2)[None, :]
#: The ends of a 95 % interval.
_ENDS = (0.025, 0.975)


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


@dataclass(frozen=True)
class Estimate:
    """What people have shown, put together."""

    #: By which factor wrong answers are more frequent than the confidence has it.
    level: float
    #: The same with caution; at least 1.
    careful_level: float
    #: Which share of the wrong answers is voted down.
    voted_down: Share
    #: The same by spot checks alone, where it is not asked how many votes there are.
    voted_down_by_checks: Share


def estimate(seen: Seen) -> Estimate:
    """How often answers are wrong and which share of that is voted down, as far as people have shown.

    Silence is not praise: that few vote answers down lowers no level below 1. Spot checks may, but not the careful one.
    """
    expected = 1.0 + (_FIRST_LEVEL - 1.0) * max(0.0, 1.0 - seen.asked / _OWN_AFTER)
    log_likely: Numbers = -0.5 * (np.log(_LEVELS / expected) / _DOUBT) ** 2
    log_likely = log_likely + _beta(VOTED_DOWN * _WORTH + seen.of_them_voted_down, _WORTH + seen.found_wrong)
    log_likely += _poisson(seen.checked_wrong, _LEVELS * seen.checked_doubt)
    by_checks = _likely(log_likely)
    by_all = _likely(log_likely + _poisson(seen.voted_down, _LEVELS * _SHARES * seen.doubt))
    level = max(_level(by_all, _MIDDLE), min(_level(by_checks, _MIDDLE), 1.0), LEAST_LEVEL)
    # That checks found few wrong may be chance: followed below 1, it cost more than was promised where nobody voted.
    careful = max(_level(by_all, _CAREFUL), 1.0)
    return Estimate(min(level, MOST_LEVEL), min(careful, MOST_LEVEL), _share(by_all), _share(by_checks))


def _likely(log_likely: Numbers) -> Numbers:
    """The probability of each pair: (levels, shares)."""
    likely = np.exp(log_likely - log_likely.max())
    found: Numbers = likely / likely.sum()
    return found


def _level(likely: Numbers, part: float) -> float:
    """The level below which a part (0 to 1) of the probability lies."""
    return _quantile(_LEVEL_ENDS, likely.sum(axis=1), part)


def _share(likely: Numbers) -> Share:
    shares = likely.sum(axis=0)
    low, high = (_quantile(_SHARE_ENDS, shares, part) for part in _ENDS)
    return Share(float(shares @ _SHARES[0]), low, high)


def _quantile(ends: Numbers, likely: Numbers, part: float) -> float:
    """The value below which a part (0 to 1) of the probability lies, of cells (n,) between ends (n + 1,)."""
    return float(np.interp(part, np.append(0.0, np.cumsum(likely)), ends))


def _beta(some: float, of: float) -> Numbers:
    """The log density of each share under a beta distribution, but for a constant."""
    found: Numbers = (some - 1) * np.log(_SHARES) + (of - some - 1) * np.log(1.0 - _SHARES)
    return found


def _poisson(count: int, expected: Numbers) -> Numbers:
    """The log likelihood of a count, but for a constant."""
    found: Numbers = count * np.log(np.maximum(expected, 1e-9)) - expected
    return found
