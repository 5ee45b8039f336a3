"""Durable work on the real runtime: one after the other on a lane, later where something is away, and no error's words.

DBOS is one per process, so one runtime serves this module and each test gives the bodies of its own workflows.
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


@contextmanager
def _database(folder: Path) -> Iterator[Engine]:
    made = open_engine(f"sqlite:///{folder / 'work.db'}", pool_size=20)
    schema.upgrade(made)
    yield made
    made.dispose()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with _database(tmp_path) as made:
        yield made


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses to speak of."""
    monkeypatch.setattr(steps, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(steps, "SLOWER", 1.0)
    monkeypatch.setattr(later, "PAUSES", (timedelta(milliseconds=50),) * 2)


class Runtime:
    """The runtime, whose workflows do what the present test wants: the first id names the body."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.bodies: dict[str, Body] = {}
        self.sessions = make_sessions(engine)
        self.work = DurableWork(engine)

    def run(self, workspace: str, name: str, *ids: str) -> None:
        self.bodies[name](*ids)

    def ask(self, workflow_id: str, *ids: str, lane: str, workspace: str = WORKSPACE) -> None:
        """Ask for the body that the first id names."""
        with self.sessions.begin() as session:
            self.work.enqueue(session, "body", workflow_id, workspace, *ids, lane=lane)


@contextmanager
def working(engine: Engine, folder: Path) -> Iterator[Runtime]:
    made = Runtime(engine)
    bodies: dict[str, Body] = {"body": made.run}
    with runtime.running(engine, WORKSPACE, bodies, folder=folder, workers=4, takeover=timedelta(seconds=60)):
        yield made


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    folder = tmp_path_factory.mktemp("runtime")
    with _database(folder) as engine, working(engine, folder) as made:
        yield made


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


def test_on_one_lane_one_after_the_other_in_order_and_lanes_beside_each_other(running: Runtime) -> None:
    busy: set[str] = set()
    order: dict[str, list[int]] = {"a": [], "b": []}
    met = threading.Event()

    def work(lane: str, number: str) -> None:
        assert lane not in busy, "two at once on one lane"
        busy.add(lane)
        if len(busy) == 2:
            met.set()
        time.sleep(0.05)
        order[lane].append(int(number))
        busy.discard(lane)

    running.bodies["count"] = lambda *ids: steps.step("work", work, *ids)
    for number in range(5):
        for lane in order:
            # Ids that sort the other way round: the order must not come from them.
            running.ask(f"{lane}-{9 - number}", "count", lane, str(number), lane=lane)
    until(lambda: len(order["a"]) + len(order["b"]) == 10)
    assert order == {"a": [0, 1, 2, 3, 4], "b": [0, 1, 2, 3, 4]}
    assert met.is_set(), "the lanes waited for each other"


def test_the_same_id_is_done_once(running: Runtime) -> None:
    done: list[str] = []
    running.bodies["note"] = done.append
    for _ in range(5):
        running.ask("same", "note", "x", lane="a")
    running.ask("last", "note", "y", lane="a")
    until(lambda: "y" in done)
    assert done == ["x", "y"]


def test_work_is_forgotten_with_the_transaction_that_asked_for_it(running: Runtime) -> None:
    done: list[str] = []
    running.bodies["note"] = done.append
    with pytest.raises(RuntimeError), running.sessions.begin() as session:
        running.work.enqueue(session, "body", "rolled-back", WORKSPACE, "note", "x", lane="a")
        raise RuntimeError("the use case failed")
    running.ask("after", "note", "y", lane="a")
    until(lambda: bool(done))
    assert done == ["y"]


def test_workspaces_in_one_database_leave_each_others_work_alone(running: Runtime) -> None:
    done: list[str] = []
    running.bodies["note"] = done.append
    running.ask("theirs", "note", "theirs", lane="a", workspace="T2")
    running.ask("ours", "note", "ours", lane="a")
    until(lambda: bool(done))
    time.sleep(0.3)
    assert done == ["ours"]
    assert statuses(running.engine)["theirs"] == "ENQUEUED"


# --- errors ---


def test_dbos_never_keeps_an_errors_words(running: Runtime, quick: None, caplog: pytest.LogCaptureFixture) -> None:
    refused = SlackApiError(SECRET, {"ok": False, "error": "invalid_blocks", "text": SECRET})
    running.bodies |= {
        "outside": lambda: _raise(ValueError(SECRET)),
        "fails": lambda: steps.step("say", _raise, ValueError(SECRET)),
        "away": lambda: steps.step("say", _raise, ConnectionError(SECRET)),
        "refused": lambda: steps.step("say", _raise, refused),
    }
    names = ("outside", "fails", "away", "refused")
    caplog.set_level(logging.DEBUG)
    for name in names:
        running.ask(name, name, lane=name)
    until(lambda: all(statuses(running.engine).get(name) == "ERROR" for name in (*names, "away~3")))
    assert "ValueError" in caplog.text and SECRET not in caplog.text
    kept = "\n".join(_kept(running.engine))
    assert "ValueError" in kept
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


def test_what_is_away_is_tried_again_and_kept_results_stay(running: Runtime, quick: None) -> None:
    calls = {"first": 0, "second": 0}

    def first() -> str:
        calls["first"] += 1
        return "id"

    def second() -> None:
        calls["second"] += 1
        if calls["second"] < 3:
            raise ConnectionError("away")

    def both() -> None:
        steps.step("first", first)
        steps.step("second", second)

    running.bodies["both"] = both
    running.ask("both", "both", lane="a")
    until(lambda: statuses(running.engine).get("both") == "SUCCESS")
    assert calls == {"first": 1, "second": 3}


def test_what_is_away_for_long_is_asked_for_again_later_and_given_up_at_last(running: Runtime, quick: None) -> None:
    runs: list[str] = []

    def call(what: str) -> None:
        runs.append(what)
        if what == "gone" or runs.count("back") <= steps.TRIES:
            raise ConnectionError("away")

    running.bodies["call"] = lambda what: steps.step("call", call, what)
    running.ask("one", "call", "back", lane="a")
    running.ask("two", "call", "gone", lane="b")
    until(lambda: statuses(running.engine).get("one~2") == "SUCCESS")
    until(lambda: statuses(running.engine).get("two~3") == "ERROR")
    time.sleep(0.3)
    assert "two~4" not in statuses(running.engine)
    assert runs.count("back") == steps.TRIES + 1
    assert runs.count("gone") == 3 * steps.TRIES


def test_what_cannot_be_done_is_not_tried_again(running: Runtime, quick: None) -> None:
    tries: list[int] = []

    def call() -> None:
        tries.append(1)
        raise ValueError("wrong")

    running.bodies["wrong"] = lambda: steps.step("call", call)
    running.ask("wrong", "wrong", lane="a")
    until(lambda: statuses(running.engine).get("wrong") == "ERROR")
    time.sleep(0.2)
    assert len(tries) == 1 and "wrong~2" not in statuses(running.engine)


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
    def __init__(self, later: timedelta = timedelta()) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC) + later

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


def test_work_of_a_dead_executor_is_done_by_a_living_one(running: Runtime) -> None:
    done: list[str] = []
    running.bodies["note"] = done.append
    running.ask("left", "note", "x", lane="a")
    until(lambda: done == ["x"] and statuses(running.engine)["left"] == "SUCCESS")
    with running.engine.begin() as connection:  # as a process leaves it that dies in the middle of this
        connection.execute(
            text("update workflow_status set status = 'PENDING', executor_id = 'dead' where workflow_uuid = 'left'")
        )
    with working_beside(running, "dead"):
        until(lambda: statuses(running.engine)["left"] == "SUCCESS")
    assert done == ["x", "x"], "its body has no steps, so it is done from the beginning"


@contextmanager
def working_beside(running: Runtime, dead: str) -> Iterator[None]:
    """A presence that finds `dead` silent, as the next sign of life of the real one would."""
    presence = Presence(running.sessions, _Clock(later=timedelta(days=1)), WORKSPACE, dead_after=timedelta(seconds=60))
    _presence(running.sessions, _Clock()).arrive(dead)
    presence.arrive("living")
    presence.bury("living", lambda name: runtime.take_over(WORKSPACE, name) if name == dead else None)
    yield
