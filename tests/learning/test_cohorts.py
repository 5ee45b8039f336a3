"""Cohorts are found, compared and watched by what was recorded, and by nothing that can change afterwards."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from learning import cohorts
from learning.cohorts import AlarmKind, Checked, Comparison, Experiment, Measure, Observation
from learning.errors import NotUnderstood
from learning.ids import DecisionId, PersonId
from learning.outcomes import OutcomeKind
from learning.recorder import DecisionKind
from learning.signals import SignalKind
from learning.statistics import Votes, share_of_drawn, wilson

START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
VERBATIM, ABSTAINED = DecisionKind.VERBATIM, DecisionKind.ABSTAINED


def observation(number: int, **changes: object) -> Observation:
    made = Observation(
        decision=DecisionId(f"D{number:06d}"),
        conversation=f"C{number:06d}",
        at=START + timedelta(minutes=30 * number),
        kind=VERBATIM,
        versions={"code": "1", "ranking": "shipped-2+ab12", "calibration": "shipped-2+ab12"},
        latency=timedelta(seconds=1),
    )
    return replace(made, **changes)


def _measures(found: Comparison) -> dict[str, Measure]:
    return {each.name: each for each in found.measures}


# --- experiments ---


def test_a_conversation_stays_in_its_arm_and_arms_get_their_shares() -> None:
    experiment = Experiment("tone", {"plain": 3, "warm": 1})
    conversations = [f"01K{number}" for number in range(8_000)]
    seen = Counter(experiment.arm_of(each) for each in conversations)
    # Four standard errors of a share of one quarter among 8,000 are .019.
    assert seen["warm"] / 8_000 == pytest.approx(0.25, abs=0.02)
    turned_round = Experiment("tone", {"warm": 1, "plain": 3})
    assert [turned_round.arm_of(each) for each in conversations] == [experiment.arm_of(each) for each in conversations]


def test_experiments_do_not_go_together() -> None:
    both = [Experiment("one", {"a": 1, "b": 1}), Experiment("two", {"a": 1, "b": 1})]
    seen = Counter(tuple(cohorts.arms(both, f"01K{number}").values()) for number in range(8_000))
    assert len(seen) == 4
    assert all(count / 8_000 == pytest.approx(0.25, abs=0.02) for count in seen.values())


def test_more_weight_takes_only_from_the_neighbour() -> None:
    before, after = Experiment("one", {"a": 1, "b": 1}), Experiment("one", {"a": 1, "b": 3})
    moved = [each for each in map(str, range(4_000)) if before.arm_of(each) != after.arm_of(each)]
    assert len(moved) / 4_000 == pytest.approx(0.25, abs=0.03)
    assert {after.arm_of(each) for each in moved} == {"b"}


@pytest.mark.parametrize(
    ("weights", "says"), [({"a": 1}, "two arms"), ({"a": 1, "b": 0}, "above 0"), ({"a": 1, "b=c": 1}, "no name")]
)
def test_what_is_no_experiment_is_refused(weights: dict[str, float], says: str) -> None:
    with pytest.raises(NotUnderstood, match=says):
        Experiment("one", weights)


# --- selection ---


def test_decisions_fall_into_cohorts_by_their_versions_and_not_by_what_labels_add() -> None:
    old = [observation(number) for number in range(3)]
    learned = replace(observation(3), versions={**old[0].versions, "calibration": "shipped-2+cd34"})
    new = observation(4, versions={**old[0].versions, "code": "2"}, conversation="C000000")
    second, first = cohorts.automatic([*old, learned, new])
    assert (first.questions, second.questions) == (4, 1)
    assert first.shared == {"code": "1", "ranking": "shipped-2", "calibration": "shipped-2"}
    assert (first.since, first.until) == (old[0].at, learned.at)
    assert cohorts.parse(second.name).holds(new) and not cohorts.parse(second.name).holds(old[0])


def test_tags_make_cohorts_by_hand() -> None:
    tagged = [observation(number, tags={"tone": arm}) for number, arm in enumerate("aab")]
    found = cohorts.tagged([*tagged, observation(9)])
    assert [(each.name, each.questions) for each in found] == [("tone=a", 2), ("tone=b", 1)]
    assert [cohorts.parse("tone=b").holds(each) for each in tagged] == [False, False, True]


def test_conditions_are_joined_by_commas() -> None:
    one = observation(0, tags={"tone": "a"})
    for typed, holds in {
        "code=1,tone=a": True,
        "code=1, tone=b": False,
        "calibration=shipped-2": True,
        "calibration=shipped-2+ab12": True,
        "calibration=shipped-2+cd34": False,
        "since=2026-11-02": True,
        "until=2026-11-02": False,
        "since=2026-11-02T09:00+00:00": False,
        "model=gpt": False,
        "unknown": False,
    }.items():
        assert cohorts.parse(typed).holds(one) is holds, typed


@pytest.mark.parametrize("typed", ["", "code=", "=1", "since=yesterday", "code=1,,tone=a"])
def test_what_names_no_cohort_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(NotUnderstood, match="2026-11-01"):
        cohorts.parse(typed)


# --- comparison ---


def _cohort(first: int, count: int, seed: int, *, right: float, **changes: object) -> list[Observation]:
    """Conversations of two questions each; `right` of them are answered alone, one in ten of these voted down."""
    generator = np.random.default_rng(seed)
    made = []
    for number in range(first, first + count):
        alone = generator.random() < right
        made.append(
            observation(
                number,
                conversation=f"C{number // 2}",
                kind=VERBATIM if alone else ABSTAINED,
                down=int(alone and generator.random() < 0.1),
                handed_over=not alone and generator.random() < 0.5,
                latency=timedelta(seconds=float(generator.exponential(2.0))),
                **changes,
            )
        )
    return made


def test_a_real_difference_is_seen_and_none_is_not() -> None:
    worse, better = _cohort(0, 800, 1, right=0.5), _cohort(800, 800, 2, right=0.75)
    found = _measures(cohorts.compare(worse, better))
    autonomy = found["autonomy"]
    assert autonomy.first.holds(0.45) and autonomy.second.holds(0.675)
    assert autonomy.difference.low > 0 and autonomy.any_look.low > 0
    assert autonomy.any_look.low < autonomy.difference.low  # looking whenever one likes costs something
    for name in ("down_votes", "latency_p50", "latency_p95"):
        assert found[name].difference.low < 0 < found[name].difference.high
    assert found["latency_p50"].first.holds(2.0 * np.log(2))
    assert found["abstained"].difference.high < 0 and found["handed_over"].difference.high < 0


def test_what_happened_afterwards_counts_where_it_belongs() -> None:
    happened = [
        observation(0),
        observation(1, up=1),
        observation(2, up=1, down=1),
        observation(3, handed_over=True),
        observation(4, kind=ABSTAINED, clicked=True),
        observation(5, kind=ABSTAINED, clicked=True, wrong_click=True),
        observation(6, kind=DecisionKind.DRAFTED),
        observation(7, kind=DecisionKind.GENERATED),
    ]
    found = _measures(cohorts.compare(happened, [observation(8)]))
    shares = {name: each.first for name, each in found.items() if each.unit == "share"}
    assert shares["autonomy"] == wilson(3, 8)
    assert shares["abstained"] == wilson(3, 8)
    assert shares["handed_over"] == wilson(1, 8)
    assert shares["clicked"] == shares["wrong_clicks"] == wilson(1, 8)
    assert shares["down_votes"] == wilson(1, 5) and shares["voted"] == wilson(2, 5)


def test_outcomes_count_over_what_was_looked_at_and_signals_over_everything() -> None:
    silent = {OutcomeKind.REPLIED: False, OutcomeKind.NO_FURTHER_INBOUND: True}
    replied = {OutcomeKind.REPLIED: True, OutcomeKind.NO_FURTHER_INBOUND: False}
    happened = [
        observation(0, outcomes=silent),
        observation(1, outcomes={**silent, OutcomeKind.REOPENED: True, OutcomeKind.STAYED_RESOLVED: False}),
        observation(2, outcomes={**replied, OutcomeKind.REOPENED: False, OutcomeKind.STAYED_RESOLVED: True}),
        observation(3, outcomes=replied, signals=frozenset({SignalKind.REPHRASING, SignalKind.CORRECTION})),
        observation(4, signals=frozenset({SignalKind.REGENERATION, SignalKind.COMPLETION})),
        observation(5, signals=frozenset({SignalKind.FOLLOW_UP, SignalKind.COMPLETION})),
    ]
    found = _measures(cohorts.compare(happened, [observation(9)]))
    shares = {name: each.first for name, each in found.items() if each.unit == "share"}
    assert shares["replied"] == shares["no_further_inbound"] == wilson(2, 4)
    assert shares["reopened"] == shares["stayed_resolved"] == wilson(1, 2)
    assert shares["asked_again"] == shares["completed"] == wilson(2, 6) and shares["corrected"] == wilson(1, 6)
    assert found["replied"].second is None, "what nobody looked at yet is not known"
    assert shares["autonomy"] == wilson(6, 6), "silence, replies and praise change nothing of it"


def test_wrong_answers_are_estimated_from_spot_checks_and_none_is_unknown() -> None:
    checked = [observation(0, checked=Checked(0.5, True)), observation(1, checked=Checked(0.1, False)), observation(2)]
    found = _measures(cohorts.compare(checked, [observation(3)]))["wrong"]
    assert found.first == share_of_drawn([1, 0], [0.5, 0.1])
    assert found.second is None and found.difference is None


def test_costs_are_compared_where_they_are_known() -> None:
    dear, cheap = ([observation(n + s, cost=c + n / 100) for n in range(20)] for s, c in ((0, 2.0), (50, 1.0)))
    found = _measures(cohorts.compare(dear, [*cheap, observation(99)]))["cost"]
    assert found.unit == "money" and found.difference.holds(-1.0) and found.difference.high < 0
    assert _measures(cohorts.compare([observation(0)], [observation(1)]))["cost"].first is None


def test_an_empty_cohort_says_nothing_and_two_that_overlap_are_refused() -> None:
    found = cohorts.compare([], [observation(0)])
    assert (found.first.questions, found.second.conversations) == (0, 1)
    assert all(each.first is None and each.difference is None for each in found.measures)
    with pytest.raises(NotUnderstood, match="1 questions are in both"):
        cohorts.compare([observation(0)], [observation(0), observation(1)])


def test_repeated_looks_stand_on_the_first_question_of_each_conversation() -> None:
    first = [observation(n, conversation=f"C{n}") for n in range(40)]
    # The same conversations go on under another version: that is no second arm for repeated looks.
    later = [observation(n + 100, conversation=f"C{n}", kind=ABSTAINED) for n in range(40)]
    found = _measures(cohorts.compare(first, later))["autonomy"]
    assert found.any_look is None and found.difference.high < 0


# --- alarms ---


def _stream(generator: np.random.Generator, rates: list[float], length: int, what: str) -> list[Observation]:
    made = []
    for number in range(length * len(rates)):
        happens = generator.random() < rates[number // length]
        kind = ABSTAINED if what == "abstained" and happens else VERBATIM
        made.append(observation(number, kind=kind, down=int(what == "down" and happens), up=1))
    return made


def test_more_thumbs_down_and_other_abstentions_are_told_with_their_evidence() -> None:
    generator = np.random.default_rng(71)
    for what, rates, kind in (
        ("down", [0.05, 0.25], AlarmKind.DOWN_VOTES),
        ("abstained", [0.3, 0.6], AlarmKind.ABSTENTIONS),
        ("abstained", [0.5, 0.1], AlarmKind.ABSTENTIONS),
    ):
        stream = _stream(generator, rates, 700, what)
        found = cohorts.alarms(stream, {}, now=stream[-1].at)
        assert {each.kind for each in found} == {kind}
        shifted = found[0].evidence
        assert shifted.before == pytest.approx(rates[0], abs=0.08)
        assert (shifted.after > shifted.before) is (rates[1] > rates[0])
        assert shifted.since == pytest.approx(stream[700].at, abs=timedelta(days=4))
        assert found[0].at > stream[700].at


def test_fewer_thumbs_down_are_no_reason_for_alarm() -> None:
    stream = _stream(np.random.default_rng(72), [0.3, 0.02], 700, "down")
    assert cohorts.alarms(stream, {}, now=stream[-1].at) == ()


def test_no_change_gives_no_alarm() -> None:
    """At most one run in twenty of two hundred, with both kinds of streams looked at, is the promise."""
    generator, told = np.random.default_rng(73), 0
    for _ in range(200):
        abstains, down = generator.random(800) < 0.2, generator.random(800) < 0.1
        stream = [
            observation(number, kind=ABSTAINED if abstains[number] else VERBATIM, down=int(down[number]), up=1)
            for number in range(800)
        ]
        told += bool(cohorts.alarms(stream, {}, now=START))
    assert told <= 10


def test_an_alarm_has_the_same_key_whenever_one_looks() -> None:
    stream = _stream(np.random.default_rng(74), [0.05, 0.3], 700, "down")
    looks = [cohorts.alarms(stream[:end], {}, now=stream[end - 1].at) for end in range(800, 1_401, 100)]
    keys = [[each.key for each in look] for look in looks]
    assert keys[-1] and all(look == keys[-1][: len(look)] for look in keys)


def test_several_answers_of_one_conversation_count_once() -> None:
    quiet = [observation(number, up=1) for number in range(600)]
    angry = [observation(600 + number, conversation="C-angry", down=1) for number in range(200)]
    assert cohorts.alarms([*quiet, *angry], {}, now=angry[-1].at) == ()


def test_one_sided_voters_and_thin_feedback_are_told_once_each() -> None:
    votes = {PersonId(f"p{number}"): Votes(9, 1) for number in range(20)} | {PersonId("grump"): Votes(0, 20)}
    silent = [observation(number, at=START + timedelta(minutes=number)) for number in range(400)]
    looks = [cohorts.alarms(silent, votes, now=START + timedelta(days=days)) for days in (1, 2)]
    assert [[each.key for each in look] for look in looks] == [
        ["one_sided_voter:grump:down", "thin_feedback:2026-11"]
    ] * 2
    thin = looks[0][1].evidence
    assert (thin.answers, thin.voted.estimate) == (400, 0)
    assert "thin_feedback:2026-12" not in str(cohorts.alarms(silent, {}, now=START + timedelta(days=40)))
