"""The question of a record, as it can be asked again, and what its record proves of who read it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.agent import Rule, Speaker, Turn
from bot.replay import Intent, intent_of
from bot.replay.asked import asked_again
from bot.replay.evidence import as_recorded, proven_readers
from kb.entries import Audience, Draft, Entry, EntryKind, EntryStatus, Provenance
from kb.ids import EntryId, WorkspaceId
from learning import recorder
from learning.conversations import Place
from learning.ids import DecisionId
from learning.recorder import AnswerDecision, DecisionKind, EvidenceItem, RecordedDecision, Versions
from learning.replay import NotReplayed

MOMENT = datetime(2026, 11, 20, tzinfo=UTC)
BEFORE = recorder.Turn("user", "How do I reset my VPN password?")


def recorded(kind: DecisionKind = DecisionKind.ABSTAINED, *, shape: int = 2, **facts: object) -> RecordedDecision:
    given = {"place": Place("C1", "1"), "ts": "1", "rule": "not_sure", "question": "and on a phone?", **facts}
    made = AnswerDecision(kind=kind, **given)  # type: ignore[arg-type]
    return RecordedDecision(WorkspaceId("T1"), DecisionId("D1"), MOMENT, shape, made)


def entry(name: str, *refs: str, text: str = "Five days.", kind: EntryKind = EntryKind.ANSWER) -> Entry:
    content = Draft("How long?", text, Provenance("ingest"), audience=Audience(frozenset(refs)), kind=kind)
    return Entry(WorkspaceId("T1"), EntryId(name), 1, EntryStatus.LIVE, content, "ada", MOMENT)


def test_a_question_comes_with_what_was_said_before_it() -> None:
    asked = asked_again(recorded(turns=(BEFORE, recorder.Turn("bot", "Like this."))))
    assert asked.text == "and on a phone?"
    assert asked.turns == (Turn(Speaker.USER, BEFORE.text), Turn(Speaker.BOT, "Like this."))


def test_of_a_follow_up_the_message_itself_is_asked() -> None:
    joined = f"{BEFORE.text} and on a phone?"
    asked = asked_again(recorded(question=joined, turns=(BEFORE,), facts={"follow_up": True}))
    assert asked.text == "and on a phone?"


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (recorded(DecisionKind.DECLINED), "Nobody was allowed an answer"),
        (recorded(DecisionKind.TOOL_CALL), "no answer of the bot"),
        (recorded(DecisionKind.VERBATIM, rule=str(Rule.CHOSEN)), "A person chose"),
        (recorded(rule=str(Rule.TOO_LONG)), "too long"),
        (recorded(facts={"recorder_failed": "ValueError"}, question=""), "holds no texts"),
        (recorded(turns=(recorder.Turn("", "before it"),), shape=1), "shape 1, which does not say who spoke"),
        (recorded(question="something else", turns=(BEFORE,), facts={"follow_up": True}), "cannot be told from"),
    ],
)
def test_what_cannot_be_asked_again_is_said_to_be_missing(made: RecordedDecision, why: str) -> None:
    with pytest.raises(NotReplayed, match=why) as raised:
        asked_again(made)
    assert not raised.value.passing


def test_a_record_of_the_first_shape_without_turns_is_asked_again() -> None:
    assert asked_again(recorded(shape=1)).turns == ()


def test_evidence_is_as_it_was_found_then() -> None:
    items = (EvidenceItem(EntryId("E1"), 1, 0.9, {"cosine": 0.5}), EvidenceItem(EntryId("E2"), 1, 0.1))
    versions = Versions(embedding="m", ranking="r", calibration="c")
    signals = {"margin": 0.25, "among_three": 0.7, "offered": 2.0}
    made = recorded(evidence=items, confidence=0.6, versions=versions, signals=signals).decision
    found = as_recorded(made, {EntryId("E1"): entry("E1"), EntryId("E2"): entry("E2")})
    assert [(hit.entry.id, hit.score) for hit in found.hits] == [("E1", 0.9), ("E2", 0.1)]
    assert (found.confidence, found.among_three, found.signals) == (0.6, 0.7, {"margin": 0.25})
    assert (found.model, found.ranking, found.calibration) == ("m", "r", "c")
    with pytest.raises(NotReplayed, match="is not kept"):
        as_recorded(made, {EntryId("E1"): entry("E1")})
    with pytest.raises(NotReplayed, match="No evidence was recorded"):
        as_recorded(replace(made, versions=Versions()), {})


def test_of_a_long_passage_the_part_that_speaks_of_the_question_is_taken() -> None:
    text = "\n\n".join(
        [
            *(f"Sentence number {number} says nothing at all of it, whoever reads it." for number in range(80)),
            "Phones of every kind ring twice.",
        ]
    )
    passage = entry("E1", text=text, kind=EntryKind.PASSAGE)
    made = recorded(evidence=(EvidenceItem(EntryId("E1"), 1, 0.9),), versions=Versions(embedding="m")).decision
    [hit] = as_recorded(made, {EntryId("E1"): passage}).hits
    assert hit.matched == "Phones of every kind ring twice."


def test_readers_are_those_that_the_record_proves() -> None:
    entries = {one.id: one for one in (entry("E1", "group:S1"), entry("E2", "group:S2", "group:S3"), entry("E3"))}
    items = tuple(EvidenceItem(one, 1, 0.5) for one in entries)
    made = recorded(evidence=items, action="thread").decision
    assert proven_readers(made, entries) == {"channel:C1", "group:S1"}
    assert proven_readers(replace(made, action="draft"), entries) == {"group:S1"}


@pytest.mark.parametrize(
    ("rule", "follow_up", "again", "intent"),
    [
        (Rule.GREETING, False, False, Intent.GREETING),
        (Rule.ASKED_FOR_PERSON, False, False, Intent.PERSON),
        (Rule.EMOJI_ONLY, False, False, Intent.NOTHING),
        (Rule.CONFIDENT, False, False, Intent.QUESTION),
        (Rule.NOT_SURE, True, False, Intent.FOLLOW_UP),
        (Rule.NOTHING_ELSE, True, True, Intent.ANOTHER),
    ],
)
def test_intent_is_what_a_message_was_taken_to_ask_for(
    rule: Rule, follow_up: bool, again: bool, intent: Intent
) -> None:
    assert intent_of(str(rule), follow_up=follow_up, again=again) is intent
