"""Calibration: from the shipped coefficients and a workspace's labels to that workspace's coefficients. Pure.

The same labels always give the same coefficients, whenever they came: everything is fitted anew from the shipped ones,
which act as a Gaussian prior, and takes milliseconds. Taking a label back and fitting again is therefore an exact undo.

Silence is not praise. Of an answer that was given alone and of which nobody said anything it is only known how likely
such silence is when it is right and when it is wrong; it counts as right in that proportion (expectation maximisation,
Dempster, Laird and Rubin 1977; for labels that are missing because of what they are, Elkan and Noto 2008).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from kb.confidence import COMPARED, KNOT, OFFERED, Coefficients, Measured, measure, three_inputs
from kb.ranking import COLUMNS, Numbers, Ranking, logistic

#: What `Examples.right` holds where it is no row: none compared was right, nothing is known, the shown one was wrong.
NONE_RIGHT, UNKNOWN, SHOWN_WRONG = -1, -2, -3
#: How many labels at most the ranking is fitted to, the newest first; it settles soon and fields change.
RANKED = 1_500
#: How many pseudo labels the prior of the ranking is worth, and that of the confidence in units of spread.
_RANKING_DECAY, _CONFIDENCE_DECAY, _THREE_DECAY = 1.0, 10.0, 10.0
#: The same for how the confidence rises above the knot, and within what that may lie.
_ABOVE_DECAY, _LEAST_ABOVE, _MOST_ABOVE = 3.0, -0.5, 1.0
#: The bias may move more freely than the weights: how often answers are right differs most between workspaces.
_BIAS_DECAY = 0.2
_NEWTON_STEPS, _EXPECTATIONS = 8, 15
#: From where curvature is used as it is; below it a Newton step would be too long (undamped it diverged in trials).
_LEAST_CURVATURE = 0.005
_PHRASINGS = COLUMNS.index("phrasings")
_EXACT = COLUMNS.index("exact")


@dataclass(frozen=True)
class Habits:
    """How people use their votes, as far as it is known."""

    #: Which share (0 to 1) of the wrong answers given alone is voted down, and of the right ones up.
    voted_down: float = 0.25
    voted_up: float = 0.0


@dataclass(frozen=True)
class Examples:
    """Decisions as the calibration sees them, oldest first."""

    #: (n, COMPARED, columns) features of the answers that came first, in the order in which they were shown.
    features: Numbers
    #: (n, COMPARED): False where fewer were found.
    there: NDArray[np.bool_]
    #: (n,) the row of the right answer, or `NONE_RIGHT`, `UNKNOWN`, `SHOWN_WRONG`.
    right: NDArray[np.int64]
    #: (n,) whether the first one was given as the answer, so that silence says something.
    given: NDArray[np.bool_]
    #: (n,) the share of recent questions at that time that nothing known answered.
    novelty: Numbers

    def __len__(self) -> int:
        return len(self.right)

    def some(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Examples":
        """Some of them, by a mask or by rows."""
        return Examples(
            self.features[chosen], self.there[chosen], self.right[chosen], self.given[chosen], self.novelty[chosen]
        )


def examples(
    rows: Sequence[Numbers], right: Sequence[int], given: Sequence[bool], novelty: Sequence[float]
) -> Examples:
    """Examples from what searches found.

    Args:
        rows: for each the features of its answers (n, columns), best first; at least one row each.
    """
    features = np.zeros((len(rows), COMPARED, len(COLUMNS)))
    there = np.zeros((len(rows), COMPARED), dtype=bool)
    for number, each in enumerate(rows):
        count = min(len(each), COMPARED)
        features[number, :count] = each[:count]
        there[number, :count] = True
    return Examples(
        features,
        there,
        np.array(right, dtype=np.int64),
        np.array(given, dtype=bool),
        np.array(novelty, dtype=np.float64),
    )


def fit(prior: Coefficients, seen: Examples, habits: Habits, novelty: float) -> Coefficients:
    """The coefficients of a workspace.

    Args:
        prior: what is shipped.
        seen: the workspace's decisions, oldest first.
        habits: how people use their votes.
        novelty: the share (0 to 1) of recent questions that nothing known answered.
    """
    answers = _fit_ranking(prior.ranking.answers, seen)
    ranking = replace(prior.ranking, answers=answers)
    # A question that is a wording is answered by a rule of its own and teaches nothing.
    usable = seen.some(seen.features[:, 0, _EXACT] == 0)
    measured = measured_of(ranking, usable)
    right = first_right(measured, usable)
    weights, bias = _fit_confidence(prior, measured, right, habits)
    confidence = replace(prior.confidence, weights=weights, bias=bias)
    confidence = replace(confidence, above=fit_above(confidence.odds(measured.signals), right, habits))
    three = _fit_three(prior, measured, usable, logistic(confidence.odds(measured.signals)))
    fitted = Coefficients(ranking, replace(confidence, three=three), novelty)
    return _versioned(prior, fitted)


def measured_of(ranking: Ranking, seen: Examples) -> Measured:
    """What a confidence would be computed from, if the examples were searched for under a ranking."""
    return measure(seen.features, seen.there, ranking.linear(seen.features), seen.novelty, ranking.by_chance)


def first_right(measured: Measured, seen: Examples) -> Numbers:
    """Whether the first answer is right under a ranking: 1, 0, NaN after silence, -1 where nothing is said; (n,)."""
    found: Numbers = (measured.first == seen.right).astype(np.float64)
    found[seen.right == UNKNOWN] = np.where(seen.given[seen.right == UNKNOWN], np.nan, -1.0)
    shown_wrong = seen.right == SHOWN_WRONG
    found[shown_wrong] = np.where(measured.first[shown_wrong] == 0, 0.0, -1.0)
    return found


def _fit_ranking(prior: Numbers, seen: Examples) -> Numbers:
    """A conditional logit: the weights under which the right answers are likeliest to be first."""
    chosen = seen.some(np.flatnonzero(seen.right >= 0)[-RANKED:])
    if not len(chosen):
        return prior
    flat = chosen.features.reshape(-1, len(COLUMNS))
    rows = np.arange(len(chosen))
    right_sum = chosen.features[rows, chosen.right].sum(axis=0)

    def linear(weights: Numbers) -> Numbers:
        found: Numbers = np.where(chosen.there, chosen.features @ weights, -np.inf)
        return found

    def loss(weights: Numbers) -> float:
        scores = linear(weights)
        best = scores.max(axis=1)
        total = best + np.log(np.exp(scores - best[:, None]).sum(axis=1)) - scores[rows, chosen.right]
        return float(total.sum()) + 0.5 * _RANKING_DECAY * float(((weights - prior) ** 2).sum())

    def step(weights: Numbers) -> Numbers:
        scores = linear(weights)
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        middle = (shares[:, :, None] * chosen.features).sum(axis=1)
        slope = _RANKING_DECAY * (weights - prior) + shares.reshape(-1) @ flat - right_sum
        curve = np.eye(len(prior)) * _RANKING_DECAY
        curve += (flat * shares.reshape(-1)[:, None]).T @ flat - middle.T @ middle
        found: Numbers = np.linalg.solve(curve, slope)
        return found

    found = _minimum(prior, loss, step)
    # Nothing shall score higher for being less alike, whatever few labels say. Many wordings may count against.
    floor = np.zeros(len(found))
    floor[_PHRASINGS] = -np.inf
    found = np.maximum(found, floor)
    found[_EXACT] = prior[_EXACT]
    return found


def _fit_confidence(prior: Coefficients, measured: Measured, right: Numbers, habits: Habits) -> tuple[Numbers, float]:
    before = prior.confidence
    start = np.append(before.weights, before.bias)
    usable = right != -1.0
    if not usable.any():
        return before.weights, before.bias
    scaled = (measured.signals[usable] - before.middle) / before.spread
    inputs = np.column_stack([scaled, np.ones(len(scaled))])
    known = right[usable]
    silent = np.isnan(known)
    found, target = start, known.copy()
    for _ in range(_EXPECTATIONS if silent.any() else 1):
        target[silent] = _right_in_silence(logistic(inputs[silent] @ found), habits)
        found = _fit_logistic(inputs, target, start, _CONFIDENCE_DECAY, found)
    return found[:-1], float(found[-1])


def fit_above(odds: Numbers, right: Numbers, habits: Habits) -> float:
    """How much faster the log odds rise above `KNOT` than below it, by what is known of the answers there.

    Args:
        odds: (n,) as they are without that.
        right: (n,) as `first_right` gives it.
    """
    higher = (right != -1.0) & (odds > KNOT)
    if not higher.any():
        return 0.0
    start, beyond = odds[higher], odds[higher] - KNOT
    target = right[higher].copy()
    silent = np.isnan(target)
    above = 0.0
    for _ in range(_EXPECTATIONS):
        target[silent] = _right_in_silence(logistic(start + above * beyond)[silent], habits)
        likely = logistic(start + above * beyond)
        slope = _ABOVE_DECAY * above + float(beyond @ (likely - target))
        curve = _ABOVE_DECAY + float(beyond**2 @ np.maximum(likely * (1 - likely), _LEAST_CURVATURE))
        above = min(max(above - slope / curve, _LEAST_ABOVE), _MOST_ABOVE)
    return above


def _right_in_silence(likely: Numbers, habits: Habits) -> Numbers:
    """The probability that an answer is right of which nobody said anything, by that before silence was known."""
    as_right, as_wrong = likely * (1 - habits.voted_up), (1 - likely) * (1 - habits.voted_down)
    found: Numbers = as_right / np.maximum(as_right + as_wrong, 1e-12)
    return found


def _fit_three(prior: Coefficients, measured: Measured, seen: Examples, confidence: Numbers) -> Numbers:
    """Fitted where the whole is known: which answer was right, or that none was."""
    known = seen.right >= NONE_RIGHT
    before = prior.confidence.three
    # What was given alone is left out: there only the certain ones would stand, and these are not offered.
    known &= ~seen.given
    if not known.any() or measured.three.shape[1] < OFFERED:
        return before
    inside = (measured.three[known] == seen.right[known][:, None]).any(axis=1).astype(np.float64)
    inputs = three_inputs(confidence[known], measured.mass[known])
    return _fit_logistic(inputs, inside, before, _THREE_DECAY, before)


def _fit_logistic(inputs: Numbers, target: Numbers, prior: Numbers, decay: float, start: Numbers) -> Numbers:
    """Logistic regression with shares as targets: (n, k) with ones last, (n,), prior (k,) to (k,)."""
    pull = np.full(len(prior), decay)
    pull[-1] *= _BIAS_DECAY

    def loss(weights: Numbers) -> float:
        odds = inputs @ weights
        misfit = float((np.logaddexp(0.0, odds) - target * odds).sum())
        return misfit + 0.5 * float(pull @ (weights - prior) ** 2)

    def step(weights: Numbers) -> Numbers:
        likely = logistic(inputs @ weights)
        slope = pull * (weights - prior) + inputs.T @ (likely - target)
        curvature = np.maximum(likely * (1 - likely), _LEAST_CURVATURE)
        curve = np.diag(pull) + (inputs * curvature[:, None]).T @ inputs
        return np.asarray(np.linalg.solve(curve, slope), dtype=np.float64)

    return _minimum(start, loss, step)


def _minimum(start: Numbers, loss: Callable[[Numbers], float], step: Callable[[Numbers], Numbers]) -> Numbers:
    """Newton's method with halved steps wherever a whole one would not lower the loss."""
    found = np.asarray(start, dtype=np.float64)
    cost = loss(start)
    for _ in range(_NEWTON_STEPS):
        whole, length = step(found), 1.0
        while loss(found - length * whole) > cost:
            length /= 2
            if length < 1e-3:
                return found
        found = found - length * whole
        before, cost = cost, loss(found)
        if before - cost <= 1e-6 * abs(before):
            return found
    return found


def _versioned(prior: Coefficients, fitted: Coefficients) -> Coefficients:
    """The coefficients under names made of what they are, so that equal ones have equal versions."""
    numbers = (fitted.ranking.answers, fitted.confidence.weights, fitted.confidence.three)
    every = np.concatenate([*numbers, np.array([fitted.confidence.bias, fitted.confidence.above, fitted.novelty])])
    # Rounded, so that a last bit that differs between machines makes no other version.
    stamp = sha256(np.round(every, 9).tobytes())
    mark = stamp.hexdigest()[:12]
    return Coefficients(
        replace(fitted.ranking, version=f"{prior.ranking.version}+{mark}"),
        replace(fitted.confidence, version=f"{prior.confidence.version}+{mark}"),
        fitted.novelty,
    )
