"""`answerloop cohorts`: what was recorded, listed and compared at the terminal."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.agent import Rule
from bot.cli.app import app
from bot.database import opened
from bot.errors import BotError
from bot.settings import alone
from kb.clock import utc_now
from kb.ids import WorkspaceId, new_ulid
from learning import conversations, outcomes, recorder
from learning.conversations import Place, Privacy
from learning.errors import NotUnderstood
from learning.ids import PersonId
from learning.recorder import AnswerDecision, DecisionKind, Versions
from learning.redaction import redactor_for

WORKSPACE = WorkspaceId("T1")


@pytest.fixture(autouse=True)
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty conversations of a week ago: the second arm answers all of them, the first one half."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANSWERLOOP_DATA_DIR", str(tmp_path))
    now = utc_now() - timedelta(days=7)
    with opened(alone(data_dir=tmp_path)) as database, database.sessions.begin() as session:
        redactor = redactor_for(session, WORKSPACE, database.vault, now=now)
        for number in range(40):
            arm, ts = "ab"[number % 2], f"{number}.0"
            place = Place("C1", ts)
            conversation = conversations.open_conversation(
                session, WORKSPACE, place, PersonId("P1"), privacy=Privacy.OPEN, now=now, ids=new_ulid
            )
            answered = arm == "b" or number % 4 == 0
            decision = AnswerDecision(
                place=place,
                ts=ts,
                kind=DecisionKind.VERBATIM if answered else DecisionKind.ABSTAINED,
                rule=Rule.CONFIDENT if answered else Rule.NOT_SURE,
                question="What now?",
                versions=Versions(code="0.1.0", tags={"tone": arm}),
                latency=timedelta(seconds=1 if arm == "a" else 3),
                asker=PersonId("P1"),
                conversation=conversation.id,
            )
            greeting = AnswerDecision(Place("C1", ts), f"{number}.5", DecisionKind.ABSTAINED, Rule.GREETING, "hi")
            for one in (decision, greeting):
                recorder.record(session, WORKSPACE, one, redactor=redactor, vault=database.vault, now=now, ids=new_ulid)


def _run(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["cohorts", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_cohorts_are_listed_by_versions_and_by_tags() -> None:
    found = json.loads(_run("list", "--json"))
    [automatic] = found["cohorts"]
    assert (automatic["questions"], automatic["shared"]) == (40, {"code": "0.1.0"})
    assert [(one["name"], one["conversations"]) for one in found["tags"]] == [("tone=a", 20), ("tone=b", 20)]
    shown = _run("list")
    assert automatic["name"] in shown and "tone=a" in shown and "code=0.1.0" in shown


def test_two_arms_are_compared_with_intervals() -> None:
    found = json.loads(_run("compare", "tone=a", "tone=b", "--json"))
    assert (found["first"]["questions"], found["second"]["conversations"]) == (20, 20)
    measures = {one["name"]: one for one in found["measures"]}
    autonomy = measures["autonomy"]
    assert (autonomy["first"]["estimate"], autonomy["second"]["estimate"]) == (0.5, 1.0)
    assert 0.2 < autonomy["difference"]["low"] < 0.5 < autonomy["difference"]["high"]
    assert autonomy["any_look"]["low"] < autonomy["difference"]["low"]
    assert measures["latency_p50"]["difference"]["estimate"] == 2.0 and measures["wrong"]["first"] is None
    shown = _run("compare", "tone=a", "tone=b")
    assert "20 questions in 20 conversations" in shown and "+50.0" in shown and "+2 s" in shown


def test_what_became_of_answers_is_compared_once_it_was_looked_for(tmp_path: Path) -> None:
    assert json.loads(_run("compare", "tone=a", "tone=b", "--json"))["measures"]
    with opened(alone(data_dir=tmp_path)) as database, database.sessions.begin() as session:
        looked = outcomes.look(session, WORKSPACE, due=utc_now(), now=utc_now(), not_asked={Rule.GREETING})
        assert looked == 40
    measures = {one["name"]: one for one in json.loads(_run("compare", "tone=a", "tone=b", "--json"))["measures"]}
    silent, replied = measures["no_further_inbound"], measures["replied"]
    assert (silent["first"]["estimate"], replied["second"]["estimate"]) == (1.0, 0.0)
    assert silent["first"]["low"] < 1.0, "with an interval"
    assert measures["stayed_resolved"]["first"] is None, "nothing was resolved"
    assert "further" in _run("compare", "tone=a", "tone=b")


def test_what_cannot_be_compared_is_said_in_one_clear_sentence() -> None:
    for arguments, error, says in (
        (("code=0.1.0", "tone=b"), NotUnderstood, "20 questions are in both"),
        (("tone=a", "tone=c"), BotError, "belongs to 'tone=c'"),
        (("tone=a", "since=soon"), NotUnderstood, "2026-11-01"),
    ):
        with pytest.raises(error, match=says):
            _run("compare", *arguments)
