"""The command line: help loads nothing heavy, errors are one clear line and a non-zero exit."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from bot.cli import knowledge

HEAVY = ("torch", "chromadb", "onnxruntime", "sentence_transformers", "langchain_openai", "dbos", "slack_bolt")


def _run(
    folder: Path, *arguments: str, code: str = "from bot.cli import main; main()", **settings: str
) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSWERLOOP_")}
    environment |= {f"ANSWERLOOP_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=folder,
        env=environment,
    )


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom bot.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = _run(tmp_path, "--help", code=code)
    assert "demo" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "settings", "says"),
    [
        (("serve",), {}, "ANSWERLOOP_SLACK_BOT_TOKEN"),
        (("ask", "x"), {"workers": "many"}, "ANSWERLOOP_WORKERS"),
        (("ask", "x"), {"embedding_model": "/nowhere"}, "ANSWERLOOP_EMBEDDING_MODEL"),
        (("ask", "x"), {"database_url": "nonsense"}, "ANSWERLOOP_DATABASE_URL"),
        (("ask", "x"), {"database_url": "postgresql://nobody@127.0.0.1:1/none"}, "ANSWERLOOP_DATABASE_URL"),
        (("ask", "x"), {"model_base_url": "ftp://x"}, "ANSWERLOOP_MODEL_BASE_URL"),
        (("serve",), {"slack_bot_token": "xoxb-1", "slack_base_url": "http://127.0.0.1:1/api/"}, "cannot be reached"),
    ],
)
def test_what_cannot_work_is_one_clear_line(
    tmp_path: Path, arguments: tuple[str, ...], settings: dict[str, str], says: str
) -> None:
    done = _run(tmp_path, *arguments, **settings)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("Error: ")
    assert says in line


def test_ingest_and_ask_at_the_terminal(tmp_path: Path, model_cache: Path) -> None:
    (tmp_path / ".answerloop").mkdir()
    (tmp_path / ".answerloop" / "models").symlink_to(model_cache)
    (tmp_path / "desk.csv").write_text("question,answer\nWhere is the printer?,On the second floor.\n")
    (tmp_path / "broken.csv").write_text("colour,size\nblue,3\n")
    done = _run(tmp_path, "ingest", "desk.csv", "broken.csv", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert report["added"] == 1
    (failed,) = report["failed"]
    assert failed.partition(":")[0].endswith("broken.csv")

    again = json.loads(_run(tmp_path, "ingest", "desk.csv", "--json").stdout)
    assert (again["added"], again["unchanged"]) == (0, 1)

    found = json.loads(_run(tmp_path, "ask", "where is the printer?", "--json").stdout)
    assert found["kind"] == "verbatim"
    assert found["answer"] == "On the second floor."
    assert found["confidence"] > 0.9
    assert found["sources"][0]["title"] == "Where is the printer?"

    assert json.loads(_run(tmp_path, "kb", "verify", "--json").stdout)["ok"] is True
    rebuilt = json.loads(_run(tmp_path, "kb", "rebuild", "--json").stdout)
    assert rebuilt["embedded"] == 0
    assert rebuilt["entries"] == 1


def test_the_manifest_is_json_that_the_local_workspace_accepts(tmp_path: Path) -> None:
    from bot.sandbox.client import Workspace
    from bot.sandbox.server import serve

    manifest = json.loads(_run(tmp_path, "manifest").stdout)
    assert manifest["settings"]["socket_mode_enabled"] is True
    with serve() as url, Workspace(url) as workspace:
        workspace.install(manifest)


def test_the_doctor_names_what_is_wrong_and_what_is_right(tmp_path: Path, model_cache: Path) -> None:
    from bot.sandbox import world
    from bot.sandbox.server import serve

    (tmp_path / ".answerloop").mkdir()
    (tmp_path / ".answerloop" / "models").symlink_to(model_cache)
    with serve() as url:
        right = {
            "slack_bot_token": world.BOT_TOKEN,
            "slack_app_token": world.APP_TOKEN,
            "slack_base_url": f"{url}/api/",
            "support_channel": "C0SUPPORT",
            "review_channel": "C0REVIEW",
            "staff": "U0SAM",
            "admins": "U0ADA",
        }
        well = _run(tmp_path, "doctor", "--json", **right)
        assert well.returncode == 0, well.stdout
        ill = _run(tmp_path, "doctor", "--json", **{**right, "review_channel": "C0RANDOM", "four_eyes": "true"})
    assert ill.returncode == 1
    wrong = {one["what"]: one["detail"] for one in json.loads(ill.stdout) if not one["ok"]}
    assert set(wrong) == {"review channel", "people"}
    assert "invite it" in wrong["review channel"]


def test_what_an_index_lacks_is_named_as_it_is_but_not_by_the_hundred(capsys: pytest.CaptureFixture[str]) -> None:
    found = {"missing": [f"01A:question:{number}" for number in range(400)], "surplus": [], "ok": False}
    with pytest.raises(typer.Exit):
        knowledge._report(found, json=False)
    said = " ".join(capsys.readouterr().out.split())
    assert "missing: 01A:question:0, 01A:question:1," in said
    assert "01A:question:4, and 395 more (all with --json)" in said and "surplus: none" in said
    assert "`answerloop kb rebuild`" in said
    with pytest.raises(typer.Exit):
        knowledge._report(found, json=True)
    assert len(json.loads(capsys.readouterr().out)["missing"]) == 400
