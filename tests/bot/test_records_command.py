"""`answerloop records` over what other versions of the program, wrong clocks and other hands left behind."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from bot.cli.app import app
from bot.database import opened
from bot.settings import alone
from kb.clock import utc_now
from kb.ids import WorkspaceId, new_ulid
from learning import recorder
from learning.conversations import Place
from learning.errors import Unknown, Unreadable
from learning.ids import DecisionId
from learning.recorder import AnswerDecision, DecisionKind
from learning.recorder.digest import digest
from learning.redaction import redactor_for
from learning.tables import DecisionRow

WORKSPACE = WorkspaceId("T1")
#: As the first version wrote them, and as none did.
OLD, ODD = '{"question": "Since when?", "turns": ["Before."], "answer": "Ever.", "facts": {}}', '{"words": "elsewhere"}'


@dataclass(frozen=True)
class Left:
    """What was left behind, by name."""

    old: DecisionId
    odd: DecisionId
    behind: DecisionId
    ahead: DecisionId


@pytest.fixture(autouse=True)
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Left:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANSWERLOOP_DATA_DIR", str(tmp_path))
    now = utc_now()
    with opened(alone(data_dir=tmp_path)) as database, database.sessions.begin() as session:
        redactor = redactor_for(session, WORKSPACE, database.vault, now=now)

        def made(name: str, days: int) -> DecisionId:
            decision = AnswerDecision(Place("C1", name), name, DecisionKind.ABSTAINED, "not_sure", f"What of {name}?")
            at = now + timedelta(days=days)
            return recorder.record(
                session, WORKSPACE, decision, redactor=redactor, vault=database.vault, now=at, ids=new_ulid
            ).id

        def in_first_shape(name: str, packed: str) -> DecisionId:
            like, other = made(f"like {name}", 0), DecisionId(new_ulid())
            row = session.get(DecisionRow, (WORKSPACE, like))
            assert row is not None
            values = {column.key: getattr(row, column.key) for column in DecisionRow.__table__.columns}
            place = f"decision|{other}"
            sealed = database.vault.encrypt(session, WORKSPACE, None, packed, bound_to=place, now=now)
            changed = {**values, "id": other, "ts": name, "payload": sealed, "schema_version": 1}
            session.execute(insert(DecisionRow), [{**changed, "digest": digest(changed, [])}])
            return other

        return Left(in_first_shape("old", OLD), in_first_shape("odd", ODD), made("behind", -9_000), made("ahead", 900))


def _run(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["records", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_everything_is_listed_whatever_cannot_be_read(left: Left) -> None:
    listed = {one["id"]: one for one in map(json.loads, _run("list", "--json").splitlines())}
    assert listed[left.old]["question"] == "Since when?" and listed[left.old]["schema_version"] == 1
    assert left.odd in listed[left.odd]["unread"] and listed[left.odd]["question"] == ""
    assert listed[left.behind]["question"] == "What of behind?" and len(listed) == 6
    assert "(cannot be read)" in " ".join(_run("list").split())


def test_pages_leave_nothing_out_although_the_clock_jumped(left: Left) -> None:
    read: list[str] = []
    while page := _run("list", "--json", "--limit", "2", "--before", read[-1] if read else "").splitlines():
        read += [json.loads(line)["id"] for line in page]
    assert len(read) == len(set(read)) == 6
    assert (read[0], read[-1]) == (left.ahead, left.behind)


def test_an_old_record_is_shown_and_an_unreadable_one_is_one_clear_line(left: Left) -> None:
    shown = json.loads(_run("show", left.old, "--json"))
    assert [turn["text"] for turn in shown["turns"]] == ["Before."] and shown["answer"] == "Ever."
    assert "Since when?" in _run("show", left.old)
    with pytest.raises(Unreadable, match=rf"Record {left.odd} has a shape \(1\) that this version cannot read"):
        _run("show", left.odd)
    with pytest.raises(Unknown, match="read on from"):
        _run("list", "--before", "01UNKNOWN")


def test_neither_is_damage(left: Left, tmp_path: Path) -> None:
    assert json.loads(_run("verify", "--json"))["waiting"] == 6
    with opened(alone(data_dir=tmp_path)) as database, database.sessions.begin() as session:
        assert recorder.seal(session, WORKSPACE, now=utc_now(), everything=True) == 6
    found = json.loads(_run("verify", "--json"))
    assert (found["ok"], found["sealed"], found["waiting"]) == (True, 6, 0)
