"""Replays of the bot on both databases, by the library: the same knowledge, the same verdict, nothing else written."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from bot import assembly, kept, schema
from bot.agent import Agent
from bot.replay import Planned, Wish, begin, listed, plan, resume
from bot.settings import Settings, alone
from kb.clock import utc_now
from kb.entries import Draft, Provenance
from kb.ids import WorkspaceId, new_ulid
from learning import recorder
from learning.conversations import Place
from learning.errors import Unknown
from learning.recorder import AnswerDecision, Versions
from learning.redaction import redactor_for

WORKSPACE = WorkspaceId("T1")
KNOWN = {"How do I reset my password?": "Under Settings.", "Where do I find my invoice?": "Under Account."}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def settings(request: pytest.FixtureRequest, tmp_path: Path, model_cache: Path) -> Iterator[Settings]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    (tmp_path / "models").symlink_to(model_cache)
    yield alone(data_dir=tmp_path, database_url=url)


def _recorded(settings: Settings) -> tuple[str, ...]:
    """Both questions as the agent answers them, and then another answer to the first."""
    found = []
    with assembly.store(settings) as opened:
        knowledge, vault = opened.knowledge, opened.database.vault
        with opened.sessions.begin() as session:
            made = [
                knowledge.publish(session, WORKSPACE, Draft(question, answer, Provenance("ingest")), by="ada")
                for question, answer in KNOWN.items()
            ]
        knowledge.apply_pending(WORKSPACE)
        for question in KNOWN:
            reply = Agent().answer(question, (), lambda asked: knowledge.search(WORKSPACE, asked))
            assert reply.evidence is not None
            decision = AnswerDecision(
                Place("C1", question),
                question,
                kept.kind_of(reply),
                str(reply.rule),
                reply.understood,
                evidence=kept.evidence_of(reply),
                confidence=reply.confidence,
                signals=kept.signals_of(reply),
                answer=reply.text,
                facts=kept.facts_of(reply),
                versions=Versions(embedding=reply.evidence.model, kb_version=len(KNOWN), code=kept.program()),
            )
            with opened.sessions.begin() as session:
                redactor = redactor_for(session, WORKSPACE, vault, now=utc_now())
                stamps: dict[str, Any] = {"now": utc_now(), "ids": new_ulid}
                found.append(recorder.record(session, WORKSPACE, decision, redactor=redactor, vault=vault, **stamps).id)
        with opened.sessions.begin() as session:
            other = Draft(next(iter(KNOWN)), "Ask the desk.", Provenance("ingest"))
            knowledge.revise(session, WORKSPACE, made[0].id, other, by="ada")
    return tuple(found)


def _rows(engine: Engine) -> dict[str, list[Any]]:
    tables = [name for name in schema.metadata().tables if not name.startswith("replay_")]
    with engine.connect() as connection:
        return {name: sorted(map(repr, connection.execute(text(f"select * from {name}")))) for name in tables}


def _planned(settings: Settings, **wish: Any) -> Planned:
    return plan(settings, "", Wish(**wish), at_once=2, report=lambda done, total: None)


def test_a_replay_comes_to_the_same_on_both_databases(settings: Settings) -> None:
    decisions = _recorded(settings)
    with assembly.store(settings) as opened:
        before = _rows(opened.engine)
    told = {}
    for knowledge in ("recorded", "2", "now"):
        planned = _planned(settings, decisions=decisions, model="none", knowledge=knowledge)
        assert planned.estimate.cases == 2 and planned.estimate.cost == 0
        run = begin(settings, planned)
        found = resume(settings, "", run, at_once=2, report=lambda done, total: None, texts=True)
        assert found["verdict"]["complete"] and found["passed"]
        told[knowledge] = [(one["after"], one["difference"]["same_words"]) for one in found["cases"]]
    as_then = [(answer, True) for answer in KNOWN.values()]
    assert told == {"recorded": as_then, "2": as_then, "now": [("Ask the desk.", False), as_then[1]]}
    assert len(listed(settings, "T1")) == 3
    with assembly.store(settings) as opened:
        after = _rows(opened.engine)
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} <= {"workspace_keys"}


def test_a_replay_of_another_workspaces_decision_is_refused(settings: Settings) -> None:
    decisions = _recorded(settings)
    with pytest.raises(Unknown, match=f"no decision '{decisions[0]}'"):
        plan(settings, "T2", Wish(decisions=decisions[:1]), at_once=1, report=lambda done, total: None)
    run = begin(settings, _planned(settings, decisions=decisions, model="none"))
    with pytest.raises(Unknown, match=f"no replay '{run}'"):
        resume(settings, "T2", run, at_once=1, report=lambda done, total: None)
