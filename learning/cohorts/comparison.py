"""Two cohorts compared: rates, latency and cost, each with an interval that respects conversations. Pure.

The plain intervals are for one look, planned beforehand. `any_look` is for looking whenever one likes: it holds at all
looks together, and is wider for that. It stands on the first question of each conversation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from learning.cohorts.observations import Observation, first_of_each
from learning.errors import NotUnderstood, TooFew
from learning.outcomes import OutcomeKind
from learning.signals import SignalKind
from learning.statistics import Interval, clustered, newcombe, sequential, share_of_drawn
from learning.statistics.clustered import Sample

#: A question's part in a rate: 1 or 0, or None where the rate is not about it.
Part = Callable[[Observation], bool | None]


@dataclass(frozen=True)
class Measure:
    """One figure of both cohorts; None where there is too little to say it."""

    name: str
    #: `share` (0 to 1), `seconds`, or `money` in the operator's currency.
    unit: str
    first: Interval | None
    second: Interval | None
    #: The second minus the first.
    difference: Interval | None
    #: The difference by first questions, with bounds that hold however often one looks; None where that is not known.
    any_look: Interval | None = None


@dataclass(frozen=True)
class Side:
    """How much there is of one cohort."""

    questions: int
    conversations: int


@dataclass(frozen=True)
class Comparison:
    """Two cohorts side by side."""

    first: Side
    second: Side
    measures: tuple[Measure, ...]


def _known(kind: OutcomeKind) -> Part:
    return lambda one: one.outcomes.get(kind)


def _of_given_alone(found: Callable[[Observation], bool]) -> Part:
    return lambda one: found(one) if one.answered_alone else None


_AGAIN = frozenset({SignalKind.REPHRASING, SignalKind.REGENERATION})

#: The rates, each over what was asked or over the answers given alone.
RATES: Mapping[str, Part] = {
    # answered alone, not voted down and not handed over
    "autonomy": lambda one: one.autonomous,
    # no answer, whatever was offered in its place
    "abstained": lambda one: not one.answered_alone,
    # people were called for the question
    "handed_over": lambda one: one.handed_over,
    # one of the offered questions was chosen and not taken back; and was taken back
    "clicked": lambda one: one.clicked and not one.wrong_click,
    "wrong_clicks": lambda one: one.wrong_click,
    # of the answers given alone: voted down by anybody; voted on at all
    "down_votes": _of_given_alone(lambda one: one.down > 0),
    "voted": _of_given_alone(lambda one: one.up + one.down > 0),
    # the same was asked again, in other words or by 'Try again'; said to be wrong, with what is right; said to be done
    "asked_again": lambda one: bool(one.signals & _AGAIN),
    "corrected": lambda one: SignalKind.CORRECTION in one.signals,
    "completed": lambda one: SignalKind.COMPLETION in one.signals,
    # where the window was looked at: who asked came back within a day; nobody did, which is neither good nor bad
    "replied": _known(OutcomeKind.REPLIED),
    "no_further_inbound": _known(OutcomeKind.NO_FURTHER_INBOUND),
    # of what people settled: opened again within a week; stayed so
    "reopened": _known(OutcomeKind.REOPENED),
    "stayed_resolved": _known(OutcomeKind.STAYED_RESOLVED),
}
#: The share of the answers given alone that staff found wrong, spot checks weighed by how they were drawn.
WRONG = "wrong"
#: Name to the share of questions that were answered as quickly.
LATENCIES: Mapping[str, float] = {"latency_p50": 0.5, "latency_p95": 0.95}
COST = "cost"


def compare(first: Sequence[Observation], second: Sequence[Observation]) -> Comparison:
    """Compare two cohorts of questions whose windows have closed.

    Raises:
        NotUnderstood: a question is in both, so that they cannot be told apart.
    """
    shared = {one.decision for one in first} & {one.decision for one in second}
    if shared:
        raise NotUnderstood(f"{len(shared)} questions are in both cohorts; name two that have none in common.")
    measures = [_rate(name, part, first, second) for name, part in RATES.items()]
    measures.append(_wrong(first, second))
    measures += [_latency(name, share, first, second) for name, share in LATENCIES.items()]
    measures.append(_cost(first, second))
    return Comparison(_side(first), _side(second), tuple(measures))


def _side(cohort: Sequence[Observation]) -> Side:
    return Side(len(cohort), len({one.conversation for one in cohort}))


def _rate(name: str, part: Part, first: Sequence[Observation], second: Sequence[Observation]) -> Measure:
    samples = [
        _sample([(one, float(found)) for one in cohort if (found := part(one)) is not None])
        for cohort in (first, second)
    ]
    any_look = _any_look(part, first, second)
    return _measure(name, "share", samples, clustered.rate, clustered.difference_of_rates, any_look)


def _latency(name: str, share: float, first: Sequence[Observation], second: Sequence[Observation]) -> Measure:
    samples = [_sample([(one, one.latency / timedelta(seconds=1)) for one in cohort]) for cohort in (first, second)]

    def alone(sample: Sample) -> Interval:
        return clustered.quantile(sample, share)

    def apart(one: Sample, other: Sample) -> Interval:
        return clustered.difference_of_quantiles(one, other, share)

    return _measure(name, "seconds", samples, alone, apart)


def _cost(first: Sequence[Observation], second: Sequence[Observation]) -> Measure:
    samples = [_sample([(one, one.cost) for one in cohort if one.cost is not None]) for cohort in (first, second)]
    return _measure(COST, "money", samples, clustered.mean, clustered.difference_of_means)


def _measure(
    name: str,
    unit: str,
    samples: Sequence[Sample | None],
    alone: Callable[[Sample], Interval],
    apart: Callable[[Sample, Sample], Interval],
    any_look: Interval | None = None,
) -> Measure:
    first, second = samples
    return Measure(
        name,
        unit,
        None if first is None else _or_none(alone, first),
        None if second is None else _or_none(alone, second),
        None if first is None or second is None else _or_none(apart, first, second),
        any_look,
    )


def _any_look(part: Part, first: Sequence[Observation], second: Sequence[Observation]) -> Interval | None:
    in_second = {one.decision for one in second}
    arms: tuple[list[float], list[float]] = ([], [])
    for one in first_of_each(one for one in (*first, *second) if part(one) is not None):
        arms[one.decision in in_second].append(float(bool(part(one))))
    return _or_none(sequential.difference_so_far, *arms)


def _wrong(first: Sequence[Observation], second: Sequence[Observation]) -> Measure:
    # Checks are few and far between, so that two of one conversation hardly meet.
    one, other = _share_wrong(first), _share_wrong(second)
    return Measure(WRONG, "share", one, other, newcombe(one, other) if one and other else None)


def _share_wrong(cohort: Sequence[Observation]) -> Interval | None:
    checks = [one.checked for one in cohort if one.checked is not None]
    return _or_none(share_of_drawn, [one.wrong for one in checks], [one.chance for one in checks])


def _sample(values: Sequence[tuple[Observation, float]]) -> Sample | None:
    return Sample.of([value for _, value in values], [one.conversation for one, _ in values]) if values else None


def _or_none(compute: Callable[..., Interval], *arguments: Any) -> Interval | None:
    """The interval, or None where there is too little for one."""
    try:
        return compute(*arguments)
    except TooFew:
        return None
