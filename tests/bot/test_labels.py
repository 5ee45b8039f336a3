"""Signals and outcomes on labelled conversations: precision and recall of each kind, where nothing was chosen by."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

import learning.tables
from bot.assembly import store
from bot.sandbox import world
from bot.settings import alone
from kb.database import Base, Sessions, make_sessions, open_engine
from kb.embedding import open_embedder
from kb.ids import WorkspaceId, new_ulid
from learning import conversations, handoffs, outcomes, people, recorder
from learning.conversations import MessageKind, Place, Privacy
from learning.encryption import Vault
from learning.handoffs import HandoffReason
from learning.ids import DecisionId
from learning.outcomes import OutcomeKind
from learning.people import Actor, Role
from learning.recorder import AnswerDecision, DecisionKind
from learning.redaction import redactor_for
from tests.benchmarks import heard as labels
from tests.benchmarks.follow_ups import Search, remembering

assert learning.tables
FLOOR = 0.9
#: What chose the constants is not asked alone: it would say too much.
HALVES = {"the lines that chose nothing": slice(1, None, 2), "all lines": slice(None)}
WORKSPACE = WorkspaceId("T1")
BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
PEOPLE = {"asker": MessageKind.USER, "colleague": MessageKind.USER, "staff": MessageKind.STAFF, "bot": MessageKind.BOT}


@pytest.fixture(scope="module")
def search(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Search]:
    folder = tmp_path_factory.mktemp("labels") / "data"
    shutil.copytree(knowledge_folder, folder, symlinks=True)
    with store(alone(data_dir=folder)) as opened:
        yield remembering(opened.knowledge, WorkspaceId(world.TEAM.id))


@pytest.fixture(scope="module")
def found(search: Search, model_cache: Path) -> dict[str, list[tuple[frozenset[str], frozenset[str]]]]:
    """By conversation what is heard of each of its messages, and what is labelled."""
    compare = labels.comparing(open_embedder(cache=model_cache))
    by_conversation: dict[str, list[tuple[frozenset[str], frozenset[str]]]] = {}
    for one in labels.messages(labels.conversations()):
        pair = labels.heard(one, compare, search), one.signals
        by_conversation.setdefault(one.conversation, []).append(pair)
    return by_conversation


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("kind", labels.HEARD)
def test_each_signal_is_heard_where_it_is_and_nowhere_else(
    found: dict[str, list[tuple[frozenset[str], frozenset[str]]]], kind: str, half: str
) -> None:
    ids = [one["id"] for one in labels.conversations()[HALVES[half]]]
    score = labels.score(pair for one in ids for pair in found.get(one, ()))[str(kind)]
    assert score.right + score.missed >= 12, "too few to say"
    assert score.precision >= FLOOR and score.recall >= FLOOR, score


@pytest.fixture(scope="module")
def became(tmp_path_factory: pytest.TempPathFactory) -> dict[str, frozenset[str]]:
    """By conversation what is found to have become of its first answer, a month later."""
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('outcomes')}/labels.db", durable=False)
    Base.metadata.create_all(engine)
    sessions = make_sessions(engine)
    answers = _lived_through(sessions)
    due = BEGAN + timedelta(days=30)
    with sessions.begin() as session:
        while outcomes.look(session, WORKSPACE, due=due, now=due, said_at=_told):
            pass
        happened = {
            name: frozenset(str(one.kind) for one in outcomes.of(session, WORKSPACE, decision) if one.happened)
            for name, decision in answers.items()
        }
    engine.dispose()
    return happened


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("kind", OutcomeKind)
def test_each_outcome_is_found_where_it_is_and_nowhere_else(
    became: dict[str, frozenset[str]], kind: OutcomeKind, half: str
) -> None:
    some = labels.conversations()[HALVES[half]]
    score = labels.score((became[one["id"]], frozenset(one["outcomes"])) for one in some)[str(kind)]
    assert score.right + score.missed >= 5, "too few to say"
    assert score.precision >= FLOOR and score.recall >= FLOOR, score


def _lived_through(sessions: Sessions) -> dict[str, DecisionId]:
    """Let every conversation happen, each in a channel of its own; the decision of its first answer."""
    vault = Vault.from_secret("a secret for tests")
    answers: dict[str, DecisionId] = {}
    with sessions.begin() as session:
        for conversation in labels.conversations():
            answers[conversation["id"]] = _live_through(session, vault, conversation)
    return answers


def _live_through(session: Session, vault: Vault, conversation: dict[str, Any]) -> DecisionId:
    who = {name: people.person_for(session, WORKSPACE, name, now=BEGAN, ids=new_ulid) for name in PEOPLE}
    place = Place(f"C-{conversation['id']}", _ts(BEGAN))
    kept = conversations.open_conversation(
        session, WORKSPACE, place, who["asker"], privacy=Privacy.OPEN, now=BEGAN, ids=new_ulid
    )
    abstained = conversation["turns"][1].get("abstained", False)
    question = AnswerDecision(
        place,
        _ts(BEGAN),
        DecisionKind.ABSTAINED if abstained else DecisionKind.VERBATIM,
        "for_a_test",
        conversation["turns"][0]["text"],
        asker=who["asker"],
        conversation=kept.id,
    )
    redactor = redactor_for(session, WORKSPACE, vault, now=BEGAN)
    decision = recorder.record(session, WORKSPACE, question, redactor=redactor, vault=vault, now=BEGAN, ids=new_ulid)
    for number, turn in enumerate(conversation["turns"]):
        at = BEGAN + timedelta(minutes=turn["minute"], milliseconds=number)
        conversations.record_message(
            session,
            WORKSPACE,
            kept.id,
            place=place,
            ts=_ts(at),
            author=None if turn["who"] == "bot" else who[turn["who"]],
            kind=PEOPLE[turn["who"]],
            text=turn["text"],
            vault=vault,
            now=at,
            ids=new_ulid,
        )
        if turn.get("deleted"):
            conversations.delete_message(session, WORKSPACE, place.channel, _ts(at), now=at)
    staff = Actor(who["staff"], frozenset({Role.STAFF}))
    for one in conversation.get("moves", ()):
        at = BEGAN + timedelta(minutes=one["minute"], milliseconds=500)
        _move(session, vault, kept, (place.channel, _ts(BEGAN)), staff, one["move"], at)
    return decision.id


def _move(
    session: Session,
    vault: Vault,
    conversation: conversations.Conversation,
    question: tuple[str, str],
    staff: Actor,
    move: str,
    at: datetime,
) -> None:
    if move == "open":
        handoffs.open_handoff(
            session,
            WORKSPACE,
            conversation.id,
            asker=conversation.asker,
            question=question,
            reason=HandoffReason.BUTTON,
            now=at,
            ids=new_ulid,
        )
        return
    known = handoffs.by_conversation(session, WORKSPACE, conversation.id)
    assert known is not None
    if move == "resolve":
        handoffs.resolve(
            session, WORKSPACE, known.id, staff, answer="Done.", learn=False, vault=vault, now=at, ids=new_ulid
        )
    else:
        getattr(handoffs, move)(session, WORKSPACE, known.id, staff, now=at)


def _ts(at: datetime) -> str:
    return f"{at.timestamp():.6f}"


def _told(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)
