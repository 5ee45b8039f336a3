"""A replayed decision against the recorded one: compared, judged and estimated by values alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.ids import EntryId
from learning.conversations import Place
from learning.ids import ConversationId, DecisionId
from learning.labels import Label, Shown
from learning.recorder import AnswerDecision, DecisionKind, EvidenceItem, ModelUse, RecordedDecision, Tool, ToolCall
from learning.replay import (
    NOT_RECORDED,
    Answered,
    Attempt,
    Case,
    Dry,
    Expected,
    Hazard,
    Price,
    RecordedTools,
    ReplayIsDry,
    Safety,
    State,
    Used,
    change,
    compare,
    differences,
    estimate,
    hazards,
    verdict,
)
from learning.replay.plain import from_json, to_json
from learning.statistics import mcnemar, wilson

SAFE: frozenset[Hazard] = frozenset()
UNSAFE = frozenset({Hazard.DISCLOSES})


def decision(
    answer: str = "Five days.", kind: DecisionKind = DecisionKind.GENERATED, **facts: object
) -> AnswerDecision:
    known = {"evidence": (EvidenceItem(EntryId("E1"), 1, 0.5, used=True),), **facts}
    return AnswerDecision(Place("C1", "1"), "1", kind, "a rule", "how long?", answer=answer, **known)  # type: ignore[arg-type]


ABSTAINED = decision("I am not sure.", DecisionKind.ABSTAINED, evidence=())


def near(_one: str, _other: str) -> float:
    return 0.99


# --- one pair ---


@pytest.mark.parametrize(
    ("before", "after", "words", "text", "agrees"),
    [
        ("Five days.", "Five days.", True, True, True),
        ("Five days.", "*five*  days", False, True, True),
        ("Five days [1].", "Five days [2][3].", False, True, True),
        ("It takes 5 days.", "You wait for 5 days.", False, False, True),
        ("It takes 5 days.", "It takes 10 days.", False, False, False),
        ("It takes 5 days.", "It never takes 5 days.", False, False, False),
        ("It costs 5 €.", "It costs 5 $.", False, False, False),
    ],
)
def test_nearness_alone_never_says_that_two_answers_agree(
    before: str, after: str, words: bool, text: bool, agrees: bool
) -> None:
    found = compare(Attempt(decision(before), decision(after)), near)
    assert (found.same_words, found.same_text, found.agrees) == (words, text, agrees)
    assert found.agreement == (1.0 if text else 0.99)


def test_without_nearness_only_equal_texts_agree() -> None:
    pair = Attempt(decision("It takes 5 days."), decision("You wait for 5 days."))
    assert compare(pair, None).agreement is None and not compare(pair, None).agrees
    assert not compare(pair, lambda one, other: 0.5).agrees


@pytest.mark.parametrize(
    ("before", "after", "answered", "agrees"),
    [
        (decision(), ABSTAINED, Answered.LOST, False),
        (ABSTAINED, decision(), Answered.GAINED, False),
        (ABSTAINED, replace(ABSTAINED, answer="I have no answer.", rule="nothing_near"), Answered.NEITHER, True),
    ],
)
def test_an_answer_gained_or_lost_is_told_and_is_no_agreement(
    before: AnswerDecision, after: AnswerDecision, answered: Answered, agrees: bool
) -> None:
    found = compare(Attempt(before, after, "question", "person"), near)
    assert (found.answered, found.agrees, found.intents) == (answered, agrees, ("question", "person"))


def test_an_outcome_comes_back_from_its_json() -> None:
    pair = Attempt(decision("a b"), decision("c d"), "question", "thanks", SAFE, UNSAFE)
    found, used = compare(pair, near), Used(timedelta(milliseconds=12), 3, None, 0.5)
    assert from_json(to_json(found, used)) == (found, used)


# --- tools ---


def call(name: str, **arguments: object) -> ToolCall:
    return ToolCall(name, arguments)


def test_calls_of_tools_are_lined_up_by_name_and_differ_by_argument() -> None:
    before = [call("look", id=1), call("charge", amount=5), call("mail", to="x")]
    after = [call("look", id=1), call("charge", amount=50, currency="€"), call("refund")]
    charged, left_out, added = differences(before, after)
    assert charged.arguments == {"amount": (5, 50), "currency": (None, "€")}
    assert (left_out.before, left_out.after) == (before[2], None) and (added.before, added.after) == (None, after[2])
    assert differences(before, before) == ()
    found = compare(Attempt(decision(calls=tuple(before)), decision(calls=tuple(after))), near)
    assert found.tools == 3 and found.same_words and not found.agrees, "same words after other deeds are not the same"


def test_a_tool_gives_what_it_gave_then_or_says_that_it_is_not_recorded() -> None:
    def recorded(made: ToolCall, gave: str) -> RecordedDecision:
        done = decision(gave, DecisionKind.TOOL_CALL, calls=(made,))
        return RecordedDecision("T1", DecisionId("D1"), None, 2, done)  # type: ignore[arg-type]

    tools = RecordedTools([recorded(call("poll", id=1), "not yet"), recorded(call("poll", id=1), "ready")])
    assert [tools.result(call("poll", id=1)) for _ in range(3)] == ["not yet", "ready", "ready"]
    assert tools.result(call("poll", id=2)) == NOT_RECORDED == tools.result(call("charge", id=1))
    for reach in ("run", "invoke", "execute"):
        with pytest.raises(ReplayIsDry, match=f"no '{reach}'"):
            getattr(tools, reach)()


def test_what_is_not_there_is_refused_by_name_and_does_not_seem_to_be_there() -> None:
    thing = Dry()
    with pytest.raises(ReplayIsDry, match="no 'client'"):
        thing.client.chat_postMessage(text="hello")  # type: ignore[attr-defined]
    assert not hasattr(thing, "client")


# --- safety ---


@pytest.mark.parametrize(
    ("before", "after", "went"),
    [
        (SAFE, SAFE, Safety.SAFE),
        (SAFE, UNSAFE, Safety.BECAME_UNSAFE),
        (UNSAFE, SAFE, Safety.BECAME_SAFE),
        (UNSAFE, UNSAFE, Safety.UNSAFE),
        (UNSAFE, UNSAFE | {Hazard.SHOUTS}, Safety.WORSE),
        (UNSAFE | {Hazard.SHOUTS}, UNSAFE, Safety.UNSAFE),
        (UNSAFE, frozenset({Hazard.SHOUTS}), Safety.WORSE),
    ],
)
def test_safety_has_a_direction(before: frozenset[Hazard], after: frozenset[Hazard], went: Safety) -> None:
    assert change(before, after) is went


EMAIL, OTHER = "[EMAIL_0123456789ab]", "[EMAIL_ba9876543210]"


@pytest.mark.parametrize(
    ("made", "grounds", "found"),
    [
        (decision("Write to us."), "", set()),
        (decision("Write to us.", evidence=()), "", {Hazard.UNGROUNDED}),
        (ABSTAINED, "", set()),
        (decision(f"Write to {EMAIL}."), f"Our address is {EMAIL}.", set()),
        (decision(f"Write to {EMAIL}."), f"Our address is {OTHER}.", {Hazard.DISCLOSES}),
        (decision("Hello <!channel>!"), "", {Hazard.SHOUTS}),
        (decision("Hello @everyone!"), "", {Hazard.SHOUTS}),
        (decision("Mail bob@here.example, or ask in #here."), "", set()),
        (
            decision("", DecisionKind.MODEL_MESSAGE, calls=(call("wipe"),), model=ModelUse(tools=(Tool("look"),))),
            "",
            {Hazard.UNKNOWN_TOOL},
        ),
    ],
)
def test_hazards_are_found_by_what_an_answer_holds(made: AnswerDecision, grounds: str, found: set[Hazard]) -> None:
    assert hazards(made, grounds) == found


# --- the verdict ---


def cases(*pairs: Attempt | str, talk: int = 1) -> list[Case]:
    """Cases of the given pairs; words in the place of one say why it is missing."""
    made = []
    for number, one in enumerate(pairs):
        case = Case(DecisionId(f"D{number}"), number, State.MISSING, conversation=ConversationId(f"C{number // talk}"))
        if isinstance(one, str):
            made.append(replace(case, reason=one))
        else:
            made.append(replace(case, state=State.DONE, difference=compare(one, near), used=Used(tokens_in=2)))
    return made


SAME, LOST, GAINED = Attempt(decision(), decision()), Attempt(decision(), ABSTAINED), Attempt(ABSTAINED, decision())


def test_a_case_without_a_pair_is_no_pass() -> None:
    found = verdict(cases(SAME, SAME, SAME, "gone", "gone"))
    assert (found.cases, found.pairs, found.complete, found.missing) == (5, 3, False, {"gone": 2})
    assert found.agrees == wilson(3, 5) and found.same_words == wilson(3, 5)
    assert verdict(cases(SAME)).complete


def test_a_case_that_waits_is_no_pass_either() -> None:
    waits = Case(DecisionId("D9"), 9, State.WAITING)
    found = verdict([*cases(SAME), waits])
    assert (found.waiting, found.complete, found.missing) == (1, False, {}) and found.agrees == wilson(1, 2)


def test_one_case_that_became_unsafe_is_told_however_many_became_safe() -> None:
    worse = Attempt(decision(), decision(), hazards_before=SAFE, hazards_after=UNSAFE)
    better = Attempt(decision(), decision(), hazards_before=UNSAFE, hazards_after=SAFE)
    found = verdict(cases(*[better] * 50, worse, SAME))
    assert (found.became_unsafe, found.worse, found.became_safe) == ((DecisionId("D50"),), (), 50)


def test_which_way_answers_more_is_said_by_mcnemar() -> None:
    found = verdict(cases(*[GAINED] * 9, LOST, *[SAME] * 10, "missing"))
    [answered] = found.paired
    expected = mcnemar([0] * 9 + [1] + [1] * 10, [1] * 9 + [0] + [1] * 10)
    assert answered.name == "answered" and answered.result == expected and answered.result.mid_p < 0.05
    assert (found.answered[Answered.GAINED], found.answered[Answered.LOST]) == (9, 1)


def test_questions_of_one_conversation_count_for_less() -> None:
    pairs = [GAINED] * 12 + [SAME] * 12 + [LOST] * 2
    alone, together = verdict(cases(*pairs)), verdict(cases(*pairs, talk=6))
    wide, narrow = together.paired[0].by_conversation, alone.paired[0].by_conversation
    assert wide is not None and narrow is not None
    assert wide.high - wide.low > narrow.high - narrow.low


def test_right_is_what_people_showed() -> None:
    other = decision(evidence=(EvidenceItem(EntryId("E2"), 1, 0.5, used=True),))
    pairs = cases(Attempt(decision(), other), Attempt(other, decision()), SAME, SAME)
    labels = {
        DecisionId(f"D{number}"): Label(DecisionId(f"D{number}"), Shown.ENTRY, EntryId("E1")) for number in (0, 2)
    }
    labels[DecisionId("D3")] = Label(DecisionId("D3"), Shown.NOTHING)
    _, right = verdict(pairs, labels).paired
    assert (right.name, right.result.pairs, right.result.gained, right.result.lost) == ("right", 2, 0, 1)


def test_what_a_run_took_is_added_up() -> None:
    found = verdict(cases(SAME, SAME, "gone"))
    assert (found.tokens_in, found.tokens_out, found.cost) == (4, None, None)


# --- the estimate ---


def test_an_estimate_goes_by_what_was_recorded() -> None:
    known = Expected(400, tokens_in=500, tokens_out=30, took=timedelta(seconds=2))
    found = estimate([known, Expected(400)], model=True, price=Price(2, 8), at_once=2)
    assert (found.cases, found.tokens_in, found.tokens_out, found.from_records) == (2, 600, 60, True)
    assert found.cost == pytest.approx((600 * 2 + 60 * 8) / 1_000_000)
    assert timedelta(seconds=2) <= found.time < timedelta(seconds=3)


def test_an_estimate_without_prices_or_without_a_model_says_so() -> None:
    assert estimate([Expected(400)], model=True, price=None, at_once=1).cost is None
    free = estimate([Expected(400)] * 10, model=False, price=None, at_once=1)
    assert (free.cost, free.tokens_in) == (0.0, 0)


@given(st.lists(st.integers(0, 5_000), max_size=30), st.integers(1, 16))
def test_more_cases_never_cost_less(characters: list[int], at_once: int) -> None:
    sized = [Expected(one) for one in characters]
    fewer = estimate(sized, model=True, price=Price(1, 1), at_once=at_once)
    more = estimate([*sized, Expected(10)], model=True, price=Price(1, 1), at_once=at_once)
    assert fewer.cost is not None and more.cost is not None
    assert more.cost > fewer.cost and more.time >= fewer.time
