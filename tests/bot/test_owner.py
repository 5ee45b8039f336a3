"""The owner of the embedded index: other commands work beside it, and a second owner is refused by name."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot import owner, terminal
from bot.assembly import Store, store
from bot.errors import BotError, NotReachable
from bot.sandbox import world
from bot.settings import Settings, alone
from kb.vector_index import open_index
from tests.bot.conftest import Local

QUESTION, ANSWER = "Where is the printer?", "On the second floor."


def run(folder: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSWERLOOP_")}
    environment |= {"ANSWERLOOP_DATA_DIR": str(folder)}
    environment |= {f"ANSWERLOOP_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=folder,
        env=environment,
    )


def one_line(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 1 and done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    return line


@contextmanager
def owned(settings: Settings) -> Iterator[Store]:
    """This process owns the index and answers others, as `serve` does."""
    with store(settings) as opened, owner.listen(settings.data_dir, terminal.requests(opened)):
        yield opened


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Settings:
    folder = tmp_path_factory.mktemp("owner")
    (folder / "models").symlink_to(model_cache)
    (folder / "desk.csv").write_text(f"question,answer\n{QUESTION},{ANSWER}\n")
    made = alone(data_dir=folder)
    terminal.ingest(made, [folder / "desk.csv"], "T1", prune=False, overwrite=False, report=lambda done, total: None)
    return made


def test_questions_checks_and_files_are_taken_beside_the_owner(settings: Settings) -> None:
    folder = settings.data_dir
    (folder / "more.csv").write_text("question,answer\nWhere can I park my car?,Behind the house.\n")
    with owned(settings):
        asked = run(folder, "ask", "where is the printer?", "--json")
        assert json.loads(asked.stdout)["answer"] == ANSWER, asked.stderr
        taken = json.loads(run(folder, "ingest", "more.csv", "--json").stdout)
        assert (taken["added"], taken["indexed"] > 0, taken["not_indexed"]) == (1, True, None)
        checked = run(folder, "kb", "verify", "--json")
        assert checked.returncode == 0 and json.loads(checked.stdout)["ok"]
        learned = owner.ask(folder, "ask", {"question": "where can i park my car?", "workspace": ""})
        assert learned["answer"] == "Behind the house."


def test_a_second_owner_is_refused_and_told_who_the_first_is(settings: Settings, local: Local) -> None:
    slack = {
        "slack_bot_token": world.BOT_TOKEN,
        "slack_app_token": world.APP_TOKEN,
        "slack_base_url": f"{local.url}/api/",
    }
    with owned(settings):
        line = one_line(run(settings.data_dir, "serve", **slack))
        assert "in use by" in line and str(os.getpid()) in line
        found = owner.ask(settings.data_dir, "ask", {"question": QUESTION, "workspace": ""})
        assert found["answer"] == ANSWER, "the first must go on as if nothing had happened"


def test_an_owner_that_takes_no_requests_is_named(settings: Settings) -> None:
    index = open_index(settings.data_dir / "index")  # as a long ingest holds it
    try:
        line = one_line(run(settings.data_dir, "ask", QUESTION))
        assert "in use by" in line and str(os.getpid()) in line
    finally:
        index.close()


# --- the socket ---


@contextmanager
def listening(folder: Path, **requests: Any) -> Iterator[None]:
    with owner.listen(folder, requests):
        yield


def test_what_a_killed_owner_left_behind_does_not_stop_the_next(tmp_path: Path) -> None:
    path = owner.socket_path(tmp_path)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    assert path.exists()
    with pytest.raises(NotReachable, match="does not answer"):
        owner.ask(tmp_path, "echo", {})
    with listening(tmp_path, echo=lambda arguments: arguments):
        assert owner.ask(tmp_path, "echo", {"a": 1}) == {"a": 1}
    assert not path.exists()


def test_nobody_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(NotReachable, match="does not answer"):
        owner.ask(tmp_path, "ask", {})


def test_several_ask_at_once(tmp_path: Path) -> None:
    both = threading.Barrier(2, timeout=10)

    def meet(arguments: dict[str, Any]) -> Any:
        both.wait()
        return arguments["me"]

    with listening(tmp_path, meet=meet):
        answers: list[Any] = []
        asking = [
            threading.Thread(target=lambda me=me: answers.append(owner.ask(tmp_path, "meet", {"me": me})))
            for me in range(2)
        ]
        for one in asking:
            one.start()
        for one in asking:
            one.join()
    assert sorted(answers) == [0, 1]


def test_the_owners_errors_reach_who_asked_and_the_owner_goes_on(tmp_path: Path) -> None:
    def fails(_: dict[str, Any]) -> None:
        raise BotError("There are several workspaces; name one.")

    with listening(tmp_path, fails=fails, works=lambda _: "well"):
        with pytest.raises(BotError, match="several workspaces"):
            owner.ask(tmp_path, "fails", {})
        assert owner.ask(tmp_path, "works", {}) == "well"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"nonsense\n",
        b"[]\n",
        b"null\n",
        b'{"request": "unknown", "arguments": {}}\n',
        b'{"request": "works"}\n',
        b"\xff\n",
    ],
)
def test_what_is_not_understood_is_refused_and_the_owner_goes_on(tmp_path: Path, line: bytes) -> None:
    with listening(tmp_path, works=lambda _: "well"):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(owner.socket_path(tmp_path)))
            connection.sendall(line)
            connection.shutdown(socket.SHUT_WR)
            assert "not understood" in json.loads(connection.makefile("rb").readline())["error"]
        assert owner.ask(tmp_path, "works", {}) == "well"


def test_a_folder_that_others_can_enter_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner.tempfile, "gettempdir", lambda: str(tmp_path))
    folder = owner.socket_path(tmp_path).parent
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    with pytest.raises(BotError, match="open to others"), listening(tmp_path):
        pass
    folder.rmdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BotError, match="open to others"), listening(tmp_path):
        pass


def test_only_this_user_can_reach_the_socket(tmp_path: Path) -> None:
    with listening(tmp_path):
        assert owner.socket_path(tmp_path).parent.stat().st_mode & 0o077 == 0
