"""The schema: Alembic from an empty database gives what the tables say, on both engines, whoever else uses it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, String, insert, inspect, text

from bot import schema
from kb.database import make_sessions, open_engine
from kb.ids import WorkspaceId
from learning import recorder
from learning.encryption import Vault
from learning.ids import DecisionId
from tests.contract.conftest import scratch_postgres


@contextmanager
def _empty(kind: str, folder: Path) -> Iterator[str]:
    with ExitStack() as stack:
        yield stack.enter_context(scratch_postgres()) if kind == "postgres" else f"sqlite:///{folder / 'schema.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    with _empty(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = open_engine(url)
    yield made
    made.dispose()


def _differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        options = {"include_object": schema.is_ours, "compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), schema.metadata()))


def _described(engine: Engine) -> dict[str, Any]:
    """Every table of ours as the database itself describes it."""
    found = inspect(engine)
    triggers = _triggers(engine)
    return {
        name: {
            "columns": {one["name"]: (str(one["type"]), one["nullable"]) for one in found.get_columns(name)},
            "key": found.get_pk_constraint(name),
            "foreign": sorted(map(repr, found.get_foreign_keys(name))),
            "unique": sorted(map(repr, found.get_unique_constraints(name))),
            "checks": sorted(map(repr, found.get_check_constraints(name))),
            "indexes": sorted(map(_index, found.get_indexes(name))),
            "triggers": triggers.get(name, []),
        }
        for name in schema.metadata().tables
    }


def _triggers(engine: Engine) -> dict[str, list[str]]:
    """What the database does by itself when a table is written to."""
    if engine.dialect.name == "sqlite":
        asked = "select tbl_name as name, sql as body from sqlite_master where type = 'trigger'"
    else:
        asked = (
            "select tgrelid::regclass::text as name, concat(pg_get_triggerdef(pg_trigger.oid), prosrc) as body"
            " from pg_trigger join pg_proc on pg_proc.oid = tgfoid where not tgisinternal"
        )
    found: dict[str, list[str]] = {}
    with engine.connect() as connection:
        for row in connection.execute(text(asked)):
            found.setdefault(row.name, []).append(row.body)
    return {name: sorted(bodies) for name, bodies in found.items()}


def _index(described: Any) -> str:
    only_where = {name: str(value) for name, value in described.get("dialect_options", {}).items()}
    return repr({**described, "dialect_options": only_where})


def test_upgrading_an_empty_database_gives_the_tables(engine: Engine) -> None:
    schema.upgrade(engine)
    assert _differences(engine) == []


def test_create_all_gives_the_tables(engine: Engine) -> None:
    schema.metadata().create_all(engine)
    assert _differences(engine) == []


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_both_ways_give_the_same_schema(kind: str, tmp_path: Path) -> None:
    """What the comparison above does not look at (keys, checks, partial indexes) is the same too."""
    described = []
    for number, make in enumerate((schema.upgrade, schema.metadata().create_all)):
        (tmp_path / str(number)).mkdir()
        with _empty(kind, tmp_path / str(number)) as url:
            engine = open_engine(url)
            make(engine)
            described.append(_described(engine))
            engine.dispose()
    assert described[0] == described[1]


@pytest.mark.parametrize("table", ["decisions", "decision_evidence", "record_seals"])
def test_record_tables_guard_themselves_whichever_way_they_were_made(engine: Engine, table: str) -> None:
    schema.upgrade(engine)
    assert len(_triggers(engine)[table]) == (2 if engine.dialect.name == "sqlite" else 3)


def test_every_table_belongs_to_a_workspace() -> None:
    for table in schema.metadata().tables.values():
        assert "workspace" in table.primary_key.columns, f"{table.name} mixes workspaces"
        for constraint in table.constraints:
            if type(constraint).__name__ == "UniqueConstraint":
                assert "workspace" in constraint.columns, f"{table.name}.{constraint.name}"
        for index in table.indexes:
            assert not index.unique or "workspace" in index.columns, f"{table.name}.{index.name}"


def test_upgrading_again_changes_nothing_and_loses_nothing(engine: Engine) -> None:
    schema.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into preferences (workspace, name, value, changed_by, changed_at) "
                "values ('T1', 'four_eyes', 'true', 'U1', '2026-01-01 00:00:00+00:00')"
            )
        )
    schema.upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from preferences")).scalar() == 1
    assert _differences(engine) == []


def test_every_revision_can_be_upgraded_to_the_newest(url: str) -> None:
    """From each revision there is, one after the other, with what each of them leaves behind."""
    engine = open_engine(url)
    with engine.begin() as connection:
        configuration = schema.config(connection)
        revisions = [one.revision for one in ScriptDirectory.from_config(configuration).walk_revisions()]
    for revision in reversed(revisions):
        with engine.begin() as connection:
            command.upgrade(schema.config(connection), revision)
    assert _differences(engine) == []
    engine.dispose()


def test_processes_that_start_at_once_upgrade_once(url: str, engine: Engine, tmp_path: Path) -> None:
    environment = {**os.environ, "ANSWERLOOP_DATABASE_URL": url, "ANSWERLOOP_DATA_DIR": str(tmp_path)}
    begun = [
        subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "database", "upgrade"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(4)
    ]
    said = [process.communicate(timeout=60)[0] for process in begun]
    assert [process.returncode for process in begun] == [0] * 4, "\n".join(said)
    assert _differences(engine) == []


def test_tables_of_others_are_left_alone(engine: Engine) -> None:
    schema.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("create table workflow_status (workflow_uuid text primary key)"))
    assert _differences(engine) == []
    schema.upgrade(engine)
    assert "workflow_status" in inspect(engine).get_table_names()


def _with_records_in_clear(engine: Engine, *words: str) -> None:
    """A database as it was before records were encrypted, with one record per question; the second has no asker."""
    with engine.begin() as connection:
        command.upgrade(schema.config(connection), "0007")
    before = MetaData()
    before.reflect(engine, only=["decisions", "decision_evidence"])
    decisions, evidence = before.tables["decisions"], before.tables["decision_evidence"]
    with engine.begin() as connection:
        for number, said in enumerate(words):
            record = {
                **{column.name: "" for column in decisions.columns if isinstance(column.type, String)},
                "workspace": "T1",
                "id": f"D{number}",
                "schema_version": 1,
                "at": datetime(2026, 11, 20, 12, tzinfo=UTC) + timedelta(seconds=number),
                "channel": "C1",
                "ts": str(number),
                "conversation": None,
                "asker": None if number == 1 else "P1",
                "kind": "verbatim",
                "rule": "confident",
                "question": said,
                "turns": ["before it"],
                "answer": f"about {said}",
                "confidence": 0.1 * number,
                "kb_version": 17,
                "latency_ms": 12,
                "signals": {"margin": 0.25},
                "facts": {"finish_reason": "stop", "tokens_in": 3, "tokens_out": 4},
            }
            connection.execute(insert(decisions).values(**record))
            seen = {"entry": "E1", "version": 2, "score": 0.7, "features": {"nearest": 0.5}, "used": True}
            connection.execute(insert(evidence).values(workspace="T1", decision=f"D{number}", rank=0, **seen))


def test_records_in_clear_are_encrypted_and_stay_readable(engine: Engine) -> None:
    words = [f"zwiebelfisch number {number}" for number in range(501)]
    _with_records_in_clear(engine, *words)
    vault = Vault.from_secret("a secret for tests")
    schema.upgrade(engine, lambda: vault)
    with engine.connect() as connection:
        raw = connection.execute(text("select payload from decisions")).scalars().all()
    assert len(raw) == len(words) and not any(b"zwiebelfisch" in one for one in raw)
    assert "decisions_in_clear" not in inspect(engine).get_table_names()
    with make_sessions(engine)() as session:
        workspace = WorkspaceId("T1")
        for number in (0, 1, 500):
            found = recorder.one(session, workspace, DecisionId(f"D{number}"), vault=vault)
            assert found.decision.question == words[number] and found.decision.answer == f"about {words[number]}"
            assert [turn.text for turn in found.decision.turns] == ["before it"]
            assert (found.schema_version, found.decision.versions.kb_version) == (1, 17)
            assert (found.decision.model.finish_reason, found.decision.model.tokens_out) == ("stop", 4)
            assert [item.entry for item in found.used] == ["E1"]
        verified = recorder.verify(session, workspace)
        assert (verified.waiting, verified.fault) == (len(words), None)
    assert _differences(engine) == []


def test_records_in_clear_are_not_upgraded_without_the_master_key(engine: Engine) -> None:
    _with_records_in_clear(engine, "one")
    with pytest.raises(RuntimeError, match="answerloop database upgrade"):
        schema.upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("select question from decisions")).scalar() == "one", "nothing was lost"
