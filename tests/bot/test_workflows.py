"""Durable work on the real runtime: one after the other on a lane, later where something is away, and no error's words.

DBOS is one per process: each test runs it and stops it again.
"""

import base64
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from slack_sdk.errors import SlackApiError
from sqlalchemy import Engine, inspect, select, text

from bot import schema
from bot.tables import ExecutorRow
from bot.workflows import later, runtime, steps
from bot.workflows.executors import Presence, place
from bot.workflows.work import Body, DurableWork
from kb.database import Sessions, make_sessions, open_engine
from kb.ids import WorkspaceId

WORKSPACE = WorkspaceId("T1")
SECRET = "the parrot sleeps at noon"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine(f"sqlite:///{tmp_path / 'work.db'}", pool_size=20)
    schema.upgrade(made)
    yield made
    made.dispose()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses to speak of."""
    monkeypatch.setattr(steps, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(steps, "SLOWER", 1.0)
    monkeypatch.setattr(later, "PAUSES", (timedelta(milliseconds=50),) * 2)


@contextmanager
def working(engine: Engine, folder: Path, bodies: dict[str, Body], workers: int = 4) -> Iterator[Callable[..., None]]:
    """The runtime with these bodies; gives a function that asks for work."""
    takeover = timedelta(seconds=60)
    with runtime.running(engine, WORKSPACE, bodies, folder=folder, workers=workers, takeover=takeover):
        sessions, work = make_sessions(engine), DurableWork(engine)

        def ask(workflow: str, workflow_id: str, *ids: str, lane: str) -> None:
            with sessions.begin() as session:
                work.enqueue(session, workflow, workflow_id, WORKSPACE, *ids, lane=lane)

        yield ask


def statuses(engine: Engine) -> dict[str, str]:
    with engine.connect() as connection:
        found = connection.execute(text("select workflow_uuid, status from workflow_status"))
        return {str(row.workflow_uuid): str(row.status) for row in found}


def until(holds: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


# --- lanes ---


def test_on_one_lane_one_after_the_other_in_order_and_lanes_beside_each_other(engine: Engine, tmp_path: Path) -> None:
    running: set[str] = set()
    order: dict[str, list[int]] = {"a": [], "b": []}
    together: list[str] = []
    met = threading.Event()

    def body(_: str, lane: str, number: str) -> None:
        def work() -> None:
            assert lane not in running, "two at once on one lane"
            running.add(lane)
            if len(running) == 2:
                met.set()
            time.sleep(0.05)
            order[lane].append(int(number))
            running.discard(lane)

        steps.step("work", work)
        together.append(lane)

    with working(engine, tmp_path, {"body": body}) as ask:
        for number in range(5):
            for lane in order:
                ask("body", f"{lane}-{9 - number}", lane, str(number), lane=lane)
        until(lambda: len(together) == 10)
    assert order == {"a": [0, 1, 2, 3, 4], "b": [0, 1, 2, 3, 4]}
    assert met.is_set(), "the lanes waited for each other"


def test_the_same_id_is_done_once(engine: Engine, tmp_path: Path) -> None:
    done: list[str] = []
    with working(engine, tmp_path, {"body": lambda _, what: done.append(what)}) as ask:
        for _ in range(5):
            ask("body", "same", "x", lane="a")
        ask("body", "last", "y", lane="a")
        until(lambda: "y" in done)
    assert done == ["x", "y"]


def test_work_is_forgotten_with_the_transaction_that_asked_for_it(engine: Engine, tmp_path: Path) -> None:
    done: list[str] = []
    with working(engine, tmp_path, {"body": lambda _, what: done.append(what)}) as ask:
        with pytest.raises(RuntimeError), make_sessions(engine).begin() as session:
            DurableWork(engine).enqueue(session, "body", "rolled-back", WORKSPACE, "x", lane="a")
            raise RuntimeError("the use case failed")
        ask("body", "after", "y", lane="a")
        until(lambda: bool(done))
    assert done == ["y"]


# --- errors ---


def test_dbos_never_keeps_an_errors_words(
    engine: Engine, tmp_path: Path, quick: None, caplog: pytest.LogCaptureFixture
) -> None:
    def outside(_: str) -> None:
        raise ValueError(SECRET)

    def fails(_: str) -> None:
        steps.step("say", _raise, ValueError(SECRET))

    def away(_: str) -> None:
        steps.step("say", _raise, ConnectionError(SECRET))

    def refused(_: str) -> None:
        steps.step("say", _raise, SlackApiError(SECRET, {"ok": False, "error": "invalid_blocks", "text": SECRET}))

    bodies: dict[str, Body] = {"outside": outside, "fails": fails, "away": away, "refused": refused}
    caplog.set_level(logging.DEBUG)
    with working(engine, tmp_path, bodies) as ask:
        for name in bodies:
            ask(name, name, lane=name)
        until(lambda: all(status == "ERROR" for status in statuses(engine).values()) and "away~3" in statuses(engine))
    assert SECRET not in caplog.text
    kept = "\n".join(_kept(engine))
    assert "ValueError" in kept and "invalid_blocks" not in kept
    assert SECRET not in kept


def _raise(error: Exception) -> None:
    raise error


def _kept(engine: Engine) -> Iterator[str]:
    """Everything in the tables of DBOS, unpacked."""
    ours = set(schema.metadata().tables)
    with engine.connect() as connection:
        for table in set(inspect(engine).get_table_names()) - ours:
            for row in connection.execute(text(f'select * from "{table}"')):
                for value in row:
                    yield str(value)
                    try:
                        yield base64.b64decode(str(value), validate=True).decode(errors="replace")
                    except ValueError:
                        continue


def test_what_is_away_is_tried_again_and_its_kept_results_stay(engine: Engine, tmp_path: Path, quick: None) -> None:
    calls = {"first": 0, "second": 0}

    def first() -> str:
        calls["first"] += 1
        return "id"

    def second() -> None:
        calls["second"] += 1
        if calls["second"] < 3:
            raise ConnectionError("away")

    def body(_: str) -> None:
        steps.step("first", first)
        steps.step("second", second)

    with working(engine, tmp_path, {"body": body}) as ask:
        ask("body", "one", lane="a")
        until(lambda: statuses(engine).get("one") == "SUCCESS")
    assert calls == {"first": 1, "second": 3}


def test_what_is_away_for_long_is_asked_for_again_later_and_given_up_at_last(
    engine: Engine, tmp_path: Path, quick: None
) -> None:
    runs: list[str] = []

    def body(_: str, what: str) -> None:
        def call() -> None:
            runs.append(what)
            if what == "gone" or len([one for one in runs if one == "back"]) <= steps.TRIES:
                raise ConnectionError("away")

        steps.step("call", call)

    with working(engine, tmp_path, {"body": body}) as ask:
        ask("body", "one", "back", lane="a")
        ask("body", "two", "gone", lane="b")
        until(lambda: statuses(engine).get("one~2") == "SUCCESS" and statuses(engine).get("two~3") == "ERROR")
        time.sleep(0.3)
    assert "two~4" not in statuses(engine)
    assert runs.count("back") == steps.TRIES + 1
    assert runs.count("gone") == 3 * steps.TRIES


def test_what_cannot_be_done_is_not_tried_again(engine: Engine, tmp_path: Path, quick: None) -> None:
    tries: list[int] = []

    def call() -> None:
        tries.append(1)
        raise ValueError("wrong")

    with working(engine, tmp_path, {"body": lambda _: steps.step("call", call)}) as ask:
        ask("body", "one", lane="a")
        until(lambda: statuses(engine).get("one") == "ERROR")
        time.sleep(0.2)
    assert len(tries) == 1 and set(statuses(engine)) == {"one"}


# --- executors ---


def test_a_place_gives_the_same_identity_again_and_never_to_two_at_once(tmp_path: Path) -> None:
    with place(tmp_path / "executors", lambda _: True) as first:
        with place(tmp_path / "executors", lambda _: True) as second:
            assert first != second
        with place(tmp_path / "executors", lambda _: True) as third:
            assert third == second
    with place(tmp_path / "executors", lambda _: True) as again:
        assert again == first


def test_a_copied_data_folder_is_another_place(tmp_path: Path) -> None:
    with place(tmp_path / "one", lambda _: True) as first, place(tmp_path / "two", lambda _: True) as second:
        assert first != second


def test_a_place_whose_work_is_being_taken_over_is_left_alone(tmp_path: Path) -> None:
    with place(tmp_path, lambda _: True) as first:
        pass
    with place(tmp_path, lambda executor: executor != first) as second:
        assert second != first


class _Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def _presence(sessions: Sessions, clock: _Clock) -> Presence:
    return Presence(sessions, clock, WORKSPACE, dead_after=timedelta(seconds=60))


def test_the_work_of_the_silent_is_taken_over_by_exactly_one(engine: Engine) -> None:
    sessions, clock = make_sessions(engine), _Clock()
    dead, one, two = (_presence(sessions, clock) for _ in range(3))
    for who, name in ((dead, "dead"), (one, "one"), (two, "two")):
        assert who.arrive(name)
    taken: list[str] = []
    clock.now += timedelta(seconds=59)
    one.arrive("one")
    two.arrive("two")
    one.bury("one", taken.append)
    assert taken == [], "it may only be slow"
    clock.now += timedelta(seconds=2)

    def take_over(name: str) -> None:
        taken.append(name)
        two.bury("two", taken.append)
        assert not dead.arrive("dead"), "it came back in the middle and must take another place"

    one.bury("one", take_over)
    two.bury("two", taken.append)
    assert taken == ["dead"]
    with sessions() as session:
        assert set(session.scalars(select(ExecutorRow.id))) == {"one", "two"}


def test_a_takeover_that_was_cut_off_is_taken_over_too(engine: Engine) -> None:
    sessions, clock = make_sessions(engine), _Clock()
    dead, one, two = (_presence(sessions, clock) for _ in range(3))
    dead.arrive("dead")
    clock.now += timedelta(seconds=61)
    one.arrive("one")
    two.arrive("two")
    with pytest.raises(RuntimeError):
        one.bury("one", lambda _: _raise(RuntimeError("killed")))
    taken: list[str] = []
    two.bury("two", taken.append)
    assert taken == []
    clock.now += timedelta(seconds=61)
    two.arrive("two")
    two.bury("two", taken.append)
    assert "dead" in taken


def test_one_who_leaves_is_not_waited_for(engine: Engine) -> None:
    sessions, clock = make_sessions(engine), _Clock()
    leaving, other = _presence(sessions, clock), _presence(sessions, clock)
    leaving.arrive("leaving")
    other.arrive("other")
    leaving.leave("leaving")
    taken: list[str] = []
    other.bury("other", taken.append)
    assert taken == ["leaving"]


def test_work_of_a_dead_executor_is_done_by_a_living_one(engine: Engine, tmp_path: Path) -> None:
    done: list[str] = []
    with working(engine, tmp_path / "one", {"body": lambda _, what: done.append(what)}) as ask:
        ask("body", "finished", "x", lane="a")
        until(lambda: done == ["x"])
    with engine.begin() as connection:  # as a process leaves it that dies in the middle of this
        connection.execute(text("update workflow_status set status = 'PENDING', executor_id = 'dead'"))
        connection.execute(
            text("insert into executors (workspace, id, seen_at) values (:w, 'dead', '2026-01-01')"), {"w": WORKSPACE}
        )
    with working(engine, tmp_path / "two", {"body": lambda _, what: done.append(what)}):
        until(lambda: statuses(engine)["finished"] == "SUCCESS")
    assert done == ["x", "x"], "its body has no steps, so it is done from the beginning"


def test_workspaces_in_one_database_leave_each_others_work_alone(engine: Engine, tmp_path: Path) -> None:
    done: list[str] = []
    with working(engine, tmp_path, {"body": lambda _, what: done.append(what)}) as ask:
        with make_sessions(engine).begin() as session:
            DurableWork(engine).enqueue(session, "body", "theirs", "T2", "theirs", lane="a")
        ask("body", "ours", "ours", lane="a")
        until(lambda: bool(done))
        time.sleep(0.3)
    assert done == ["ours"]
    assert statuses(engine)["theirs"] == "ENQUEUED"
