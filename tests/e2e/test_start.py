"""What keeps the bot from starting is one line that says what to do; what runs beside it works."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox import world
from bot.sandbox.server import serve
from bot.settings import Settings
from tests.e2e.acts import ask, recorded, rows
from tests.e2e.conftest import Bot, as_an_operator, running_bot

pytestmark = pytest.mark.e2e

#: Settings that cannot work, and what the one line must say.
UNUSABLE: dict[str, tuple[dict[str, str], str]] = {
    "no bot token": ({"slack_bot_token": ""}, "ANSWERLOOP_SLACK_BOT_TOKEN is missing"),
    "no app token": ({"slack_app_token": ""}, "ANSWERLOOP_SLACK_APP_TOKEN is missing"),
    "tokens mixed up": ({"slack_bot_token": world.APP_TOKEN}, "begins with xoxb-"),
    "a token Slack does not know": ({"slack_bot_token": "xoxb-somebody-elses"}, "invalid_auth"),
    "an app token Slack does not know": ({"slack_app_token": "xapp-somebody-elses"}, "ANSWERLOOP_SLACK_APP_TOKEN"),
    "no signing secret": ({"slack_transport": "http"}, "ANSWERLOOP_SLACK_SIGNING_SECRET is missing"),
    "hours nobody can read": ({"support_hours": "whenever"}, "Mon-Fri 09:00-17:00"),
    "a place with no time": ({"support_time_zone": "Mars/Base"}, "Europe/Berlin"),
    "drafts for nobody": ({"channel_mode": "drafts"}, "ANSWERLOOP_SUPPORT_CHANNEL"),
    "an unknown mode": ({"channel_mode": "loud"}, "ANSWERLOOP_CHANNEL_MODE"),
    "an unknown log level": ({"log_level": "chatty"}, "ANSWERLOOP_LOG_LEVEL"),
}


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """A bot that owns its data folder."""
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("owner"), spawn=as_an_operator) as running:
        yield running


#: Runs `answerloop serve` under one set of settings after the other; one process, because importing takes longest.
SERVE_EACH = """
import contextlib, io, json, os, sys
from bot.cli import main
cases, done = json.load(sys.stdin), {}
for name, settings in cases.items():
    os.environ.update(settings)
    sys.argv = ["answerloop", "serve"]
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            main()
    except SystemExit as stopped:
        done[name] = [stopped.code, said.getvalue()]
print(json.dumps(done))
"""


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What became of `answerloop serve` under each of these settings: exit status and what it said."""
    folder = tmp_path_factory.mktemp("unusable")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ANSWERLOOP_")}
    with serve(0) as url:
        right = {
            "data_dir": str(folder / "data"),
            "slack_bot_token": world.BOT_TOKEN,
            "slack_app_token": world.APP_TOKEN,
            "slack_base_url": f"{url}/api/",
        }
        every = {key for settings, _ in UNUSABLE.values() for key in settings} - set(right)
        defaults = {key: str(Settings.model_fields[key].default) for key in every}
        cases = {
            name: {f"ANSWERLOOP_{key.upper()}": value for key, value in (defaults | right | settings).items()}
            for name, (settings, _) in UNUSABLE.items()
        }
        done = subprocess.run(
            [sys.executable, "-c", SERVE_EACH],
            input=json.dumps(cases),
            env=clean,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
            cwd=folder,
        )
    assert not (folder / "data").exists(), "something was made although nothing could start"
    found: dict[str, list[Any]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", sorted(UNUSABLE))
def test_settings_that_cannot_work_are_refused_in_one_line(refused: dict[str, list[Any]], name: str) -> None:
    status, said = refused[name]
    assert status == 1
    [line] = said.strip().splitlines()
    assert line.startswith("Error: ") and UNUSABLE[name][1] in line


def test_four_eyes_with_one_admin_are_refused_with_the_reason(bot: Bot, tmp_path: Path) -> None:
    (tmp_path / "models").symlink_to(bot.data_dir / "models")
    settings = {"DATA_DIR": str(tmp_path), "FOUR_EYES": "true", "ADMINS": "U0ADA"}
    beside = Bot(
        bot.workspace, tmp_path, bot.environment | {f"ANSWERLOOP_{k}": v for k, v in settings.items()}, "socket"
    )
    done = beside.command("serve")
    assert done.returncode == 1
    assert "fewer than two people" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_second_bot_on_the_same_folder_is_told_who_holds_it(bot: Bot) -> None:
    assert bot.process is not None
    done = bot.command("serve")
    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]
    assert line.startswith("Error: ") and str(bot.process.pid) in line
    assert "Traceback" not in done.stderr
    ask(bot.person("uma"), bot.channel("first-goes-on"))


def test_questions_checks_and_files_work_beside_the_running_bot(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("beside")
    files = bot.data_dir / "new"
    files.mkdir()
    (files / "desk.csv").write_text("question,answer\nWhere is the unicycle kept?,Behind the green door.\n")
    (files / "broken.pdf").write_bytes(b"%PDF-1.4 this is none")
    (files / "broken.docx").write_bytes(b"PK\x03\x04 nor is this")
    (files / "garbage.csv").write_bytes(b"\xff\xfe\x00question\x00\x9d\x81")
    (files / "list.jsonl").write_text('{"question": "Half a line')
    done = bot.command("ingest", "--json", str(files))
    report = json.loads(done.stdout)
    assert done.returncode == 1, "a file that could not be read is no success"
    named = {Path(line.partition(":")[0].partition(",")[0]).name for line in report["failed"]}
    assert named == {"broken.pdf", "broken.docx", "garbage.csv", "list.jsonl"}
    assert report["added"] == 1
    assert "Traceback" not in done.stderr

    ask(uma, channel, "@answerloop Where is the unicycle kept?", holds="green door")
    found = json.loads(bot.command("ask", "--json", "Where is the unicycle kept?").stdout)
    assert "green door" in found["answer"]
    verified = bot.command("kb", "verify", "--json")
    assert verified.returncode == 0 and json.loads(verified.stdout)["ok"]
    elsewhere = rows(bot, "select id from decisions where channel != ?", channel)
    questions = [recorded(bot, one["id"]).question for one in elsewhere]
    assert not any("unicycle" in question for question in questions), "a question at the terminal is nobody's record"


def test_a_bot_that_is_asked_to_stop_stops_and_starts_again(bot: Bot) -> None:
    assert bot.process is not None
    bot.stop()
    assert bot.process.wait() == 0
    bot.start()
    ask(bot.person("uma"), bot.channel("started-again"))


def test_a_folder_that_does_not_exist_is_named(bot: Bot) -> None:
    done = bot.command("ingest", str(bot.data_dir / "nowhere"))
    assert done.returncode == 1
    assert "nowhere" in done.stderr and "Traceback" not in done.stderr
