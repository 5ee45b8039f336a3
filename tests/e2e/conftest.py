"""The real bot as a process, against the local workspace: over Socket Mode or signed HTTP, on SQLite or PostgreSQL.

One bot serves a whole module; tests keep out of each other's way by using channels of their own.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO, Protocol

import pytest

from bot.owner import socket_path
from bot.sandbox import world
from bot.sandbox.client import Person, Shown, Workspace
from bot.sandbox.server import serve
from bot.sandbox.transport import Timing
from tests.e2e.launcher import Launcher

#: Seconds that waits last here: long, because a machine that is busy with much else is no failure.
PATIENCE = 30.0
#: Everyone of the team but guests.
TEAM = ("U0UMA", "U0SAM", "U0ADA", "U0ANN")
#: Redelivery is quick here, so that tests of it need not wait for minutes.
QUICK = Timing(ack=timedelta(seconds=3), retries=tuple(timedelta(seconds=s) for s in (0.2, 0.5, 1, 1, 2, 2, 4, 4)))


class Process(Protocol):
    """What the harness asks of a process."""

    def poll(self) -> int | None: ...
    def kill(self) -> None: ...
    def send_signal(self, number: int, /) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


#: Starts `answerloop serve` with an environment, in a folder, writing to a log.
Spawn = Callable[[dict[str, str], Path, IO[bytes]], Process]


#: Starts the bots of a worker quickly; see `tests.e2e.launcher`.
LAUNCHER = Launcher()


@pytest.fixture(scope="session", autouse=True)
def closed_launcher() -> Iterator[None]:
    """The launcher ends with the tests."""
    yield
    LAUNCHER.close()


def as_an_operator(environment: dict[str, str], cwd: Path, log: IO[bytes]) -> Process:
    """Start `answerloop serve` as an operator does."""
    return subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "serve"], env=environment, stdout=log, stderr=log, cwd=cwd
    )


@dataclass
class Bot:
    """A bot process and the workspace it is connected to."""

    workspace: Workspace
    data_dir: Path
    environment: dict[str, str]
    transport: str
    spawn: Spawn = LAUNCHER.spawn
    process: Process | None = None
    log: Path = field(default_factory=Path)

    def start(self) -> None:
        """Start it and wait until it takes events."""
        self.log = self.data_dir / "bot.log"
        with self.log.open("ab") as log:
            self.process = self.spawn(self.environment, self.data_dir, log)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the bot stopped at its start:\n{self.log.read_text()[-3000:]}")
            if self._listening():
                return
            time.sleep(0.05)
        raise AssertionError(f"the bot does not listen:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """kill -9, at this very moment."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        deadline = time.monotonic() + 2
        while self.transport == "socket" and self._listening() and time.monotonic() < deadline:
            time.sleep(0.002)  # the workspace notices in a moment; until then a new process would seem to listen

    def end(self) -> None:
        """The test is over: nothing is lost by a kill, and a stop takes seconds."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        socket_path(self.data_dir).unlink(missing_ok=True)

    def stop(self) -> None:
        """Ask it to stop, as an operator would."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run another command of answerloop beside it."""
        return subprocess.run(
            [sys.executable, "-m", "bot.cli", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=self.data_dir,
        )

    def person(self, name: str) -> Person:
        """Somebody of the workspace."""
        return self.workspace.person(name)

    def channel(self, name: str, members: tuple[str, ...] = TEAM, **facts: object) -> str:
        """A new channel with the bot in it, for one test alone."""
        return self.workspace.add_channel(name, [*members, world.BOT_USER], **facts)

    def _listening(self) -> bool:
        if self.transport == "socket":
            return bool(self.workspace.get("/control/state")["connections"])
        port = int(self.environment["ANSWERLOOP_HTTP_PORT"])
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        return False


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def running_bot(
    knowledge: Path,
    folder: Path,
    *,
    transport: str = "socket",
    started: bool = True,
    spawn: Spawn = LAUNCHER.spawn,
    **settings: str,
) -> Iterator[Bot]:
    """A workspace and a bot process in it, with the fictional company's knowledge.

    Args:
        knowledge: the ingested data folder to copy.
        folder: where the copy goes.
        transport: `socket` or `http`.
        spawn: how a process is started.
        settings: further `ANSWERLOOP_*` settings, without the prefix.
    """
    shutil.copytree(knowledge, folder, symlinks=True, dirs_exist_ok=True)
    port = free_port()
    request_url = f"http://127.0.0.1:{port}/slack/events" if transport == "http" else ""
    with serve(0, timing=QUICK, request_url=request_url) as url, Workspace(url, patience=PATIENCE) as workspace:
        environment = {
            **_clean_environment(),
            "ANSWERLOOP_DATA_DIR": str(folder),
            "ANSWERLOOP_SLACK_BOT_TOKEN": world.BOT_TOKEN,
            "ANSWERLOOP_SLACK_APP_TOKEN": world.APP_TOKEN,
            "ANSWERLOOP_SLACK_SIGNING_SECRET": world.SIGNING_SECRET,
            "ANSWERLOOP_SLACK_BASE_URL": f"{url}/api/",
            "ANSWERLOOP_SLACK_TRANSPORT": transport,
            "ANSWERLOOP_HTTP_PORT": str(port),
            "ANSWERLOOP_SUPPORT_CHANNEL": "C0SUPPORT",
            "ANSWERLOOP_REVIEW_CHANNEL": "C0REVIEW",
            "ANSWERLOOP_STAFF": "U0SAM",
            "ANSWERLOOP_ADMINS": "U0ADA,U0ANN",
            # Which answers are drawn depends on their ids, so that no test could tell what the staff room holds.
            "ANSWERLOOP_SPOT_CHECK_SHARE": "0",
            # Tests that share a bot vote down what others ask; how sure it must be shall not depend on their order.
            "ANSWERLOOP_ANSWER_THRESHOLD": "0.8",
            **{f"ANSWERLOOP_{name.upper()}": value for name, value in settings.items()},
        }
        bot = Bot(workspace, folder, environment, transport, spawn)
        if started:
            bot.start()
        try:
            yield bot
        finally:
            bot.end()


@pytest.fixture(scope="module", params=["socket", "http"])
def bot(
    request: pytest.FixtureRequest, knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bot]:
    """The bot over Socket Mode, and again over signed HTTP."""
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("bot"), transport=request.param) as running:
        yield running


@pytest.fixture(scope="session")
def one_bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """One bot over Socket Mode for all modules that are content with its settings and with channels of their own."""
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("one_bot")) as running:
        yield running


def by_app(messages: list[Shown]) -> list[Shown]:
    """The bot's messages among these."""
    return [one for one in messages if one.by_app]


def labels(message: Shown) -> str:
    """Everything that can be pressed on a message, by the words on it."""
    found: list[str] = []
    for block in message.blocks:
        accessory = block.get("accessory")
        for element in [*block.get("elements", []), *([accessory] if accessory else [])]:
            for part in (element, element.get("positive_button"), element.get("negative_button")):
                if isinstance(part, dict) and isinstance(part.get("text"), dict):
                    found.append(str(part["text"].get("text", "")))
    return " | ".join(found)


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("ANSWERLOOP_")}
