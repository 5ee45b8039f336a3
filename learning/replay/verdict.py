"""The verdict of a run: what changed, how sure that is, and which cases nobody may average away. Pure.

Always: every case of the run is counted. One without a pair is no pass: shares are of all cases, and such a case has
not agreed. Cases that became unsafe are listed by id. Which way was better is said by McNemar's test over the pairs
that came out differently; intervals of shares respect that questions of one conversation hang together.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from typing import TypeVar

from learning.errors import TooFew
from learning.ids import DecisionId
from learning.labels import Label, Shown
from learning.replay.safety import Safety, change
from learning.replay.values import Answered, Case, Difference, State
from learning.statistics import Interval, PairedResult, clustered, mcnemar
from learning.statistics.clustered import Sample

_Number = TypeVar("_Number", int, float)
#: How a case came out under both ways: before, after; None where it says nothing of this.
Outcome = Callable[[Case, Difference], tuple[bool, bool] | None]


@dataclass(frozen=True)
class Paired:
    """One thing that both ways did or did not do, over the pairs."""

    name: str
    #: McNemar's test; its interval takes every question to stand for itself.
    result: PairedResult
    #: The same difference with whole conversations drawn again; None where there are too few of them.
    by_conversation: Interval | None


@dataclass(frozen=True)
class Verdict:
    """What a run shows."""

    cases: int
    pairs: int
    #: Why there is no pair, and how often. Whatever stands here is no pass.
    missing: Mapping[str, int]
    #: How many were not tried yet.
    waiting: int
    #: Shares of all cases, those without a pair included.
    same_words: Interval | None
    same_text: Interval | None
    agrees: Interval | None
    #: The middle cosine of the pairs in which both say something; it decides nothing.
    agreement: float | None
    answered: Mapping[Answered, int]
    #: Intents that changed, as (before, after), and how often.
    intents: Mapping[tuple[str, str], int]
    #: Pairs in which calls of tools differ.
    tools: tuple[DecisionId, ...]
    #: One way each: these were safe and are not; these were unsafe and are so in a further way. Never averaged.
    became_unsafe: tuple[DecisionId, ...]
    worse: tuple[DecisionId, ...]
    #: How many were unsafe and are not any more, and how many stayed unsafe.
    became_safe: int
    stayed_unsafe: int
    paired: tuple[Paired, ...]
    #: What the tried cases took together; None where it is not known.
    took: timedelta = timedelta()
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None

    @property
    def complete(self) -> bool:
        """Whether there is a pair for every case."""
        return self.pairs == self.cases


@dataclass(frozen=True)
class Known:
    """What people have shown of the recorded questions."""

    labels: Mapping[DecisionId, Label] = field(default_factory=dict)

    def right(self, case: Case, difference: Difference) -> tuple[bool, bool] | None:
        """Whether each side said the entry that people showed to be the answer; None where none is known."""
        label = self.labels.get(case.decision)
        if label is None or label.shown is not Shown.ENTRY or label.entry is None:
            return None
        before, after = difference.said
        return label.entry in before, label.entry in after


def verdict(cases: Sequence[Case], labels: Mapping[DecisionId, Label] | None = None) -> Verdict:
    """What a run shows.

    Args:
        cases: all of it, in any order.
        labels: what people have shown of its questions.
    """
    ordered = sorted(cases, key=lambda one: one.position)
    pairs = [(one, one.difference) for one in ordered if one.state is State.DONE and one.difference is not None]
    went = {one.decision: change(*found.hazards) for one, found in pairs}
    near = [found.agreement for _, found in pairs if found.agreement is not None and found.answered is Answered.BOTH]
    return Verdict(
        cases=len(ordered),
        pairs=len(pairs),
        missing=dict(Counter(one.reason for one in ordered if one.state in (State.MISSING, State.FAILED))),
        waiting=sum(one.state is State.WAITING for one in ordered),
        same_words=_share(ordered, lambda found: found.same_words),
        same_text=_share(ordered, lambda found: found.same_text),
        agrees=_share(ordered, lambda found: found.agrees),
        agreement=median(near) if near else None,
        answered={one: sum(found.answered is one for _, found in pairs) for one in Answered},
        intents=dict(Counter(found.intents for _, found in pairs if found.intents[0] != found.intents[1])),
        tools=tuple(one.decision for one, found in pairs if found.tools),
        became_unsafe=_where(went, {Safety.BECAME_UNSAFE}),
        worse=_where(went, {Safety.WORSE}),
        became_safe=len(_where(went, {Safety.BECAME_SAFE})),
        stayed_unsafe=len(_where(went, {Safety.UNSAFE})),
        paired=_paired(pairs, Known(labels or {})),
        took=sum((one.used.took for one in ordered), timedelta()),
        tokens_in=_sum([one.used.tokens_in for one in ordered]),
        tokens_out=_sum([one.used.tokens_out for one in ordered]),
        cost=_sum([one.used.cost for one in ordered]),
    )


def _answers(_case: Case, found: Difference) -> tuple[bool, bool]:
    return found.answered in (Answered.BOTH, Answered.LOST), found.answered in (Answered.BOTH, Answered.GAINED)


def _paired(pairs: Sequence[tuple[Case, Difference]], known: Known) -> tuple[Paired, ...]:
    measures: Mapping[str, Outcome] = {"answered": _answers, "right": known.right}
    made: list[Paired] = []
    for name, outcome in measures.items():
        counted = [(one, both) for one, found in pairs if (both := outcome(one, found)) is not None]
        if counted:
            before, after = ([float(both[side]) for _, both in counted] for side in (0, 1))
            moved = [now - then for then, now in zip(before, after, strict=True)]
            drawn = _by_conversation([one for one, _ in counted], moved)
            made.append(Paired(name, mcnemar(before, after), drawn))
    return tuple(made)


def _by_conversation(cases: Sequence[Case], moved: Sequence[float]) -> Interval | None:
    if len(set(moved)) == 1:  # nothing to draw from: the test's own interval says all there is
        return None
    try:
        return clustered.mean(Sample.of(moved, [_cluster(one) for one in cases]))
    except TooFew:
        return None


def _share(cases: Sequence[Case], holds: Callable[[Difference], bool]) -> Interval | None:
    if not cases:
        return None
    ones = [float(one.difference is not None and holds(one.difference)) for one in cases]
    return clustered.rate(Sample.of(ones, [_cluster(one) for one in cases]))


def _cluster(case: Case) -> str:
    return case.conversation or case.decision


def _where(went: Mapping[DecisionId, Safety], wanted: Collection[Safety]) -> tuple[DecisionId, ...]:
    return tuple(one for one, safety in went.items() if safety in wanted)


def _sum(values: Iterable[_Number | None]) -> _Number | None:
    known = [one for one in values if one is not None]
    return sum(known[1:], known[0]) if known else None
