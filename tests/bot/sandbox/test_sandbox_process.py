"""The workspace as a process: one JSON line with its address, clear errors, and a page that may be missing."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from bot.sandbox import server
from bot.sandbox.client import Workspace

COMMAND = [sys.executable, "-m", "bot.sandbox"]


def test_the_process_says_where_it_listens_and_stops_when_told() -> None:
    with subprocess.Popen([*COMMAND, "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        started = json.loads(process.stdout.readline())
        with Workspace(started["url"]) as workspace:
            assert workspace.person("uma").id == "U0UMA"
        assert started["bot_token"].startswith("xoxb-")
        process.terminate()
        process.wait(10)


def test_a_taken_port_is_one_clear_line() -> None:
    with server.listen(0) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run([*COMMAND, "--port", str(port)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"cannot listen on port {port}" in done.stderr
    assert "--port" in done.stderr


def test_a_missing_page_breaks_nothing(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(server, "PAGE", tmp_path)
    with httpx.Client(base_url=url, trust_env=False) as http:
        assert http.get("/").status_code == 200
        assert http.get("/client/people").json()["people"]
        (tmp_path / "index.html").write_text("<p>the page</p>")
        assert http.get("/").text == "<p>the page</p>"
        assert http.get("/").headers["content-type"].startswith("text/html")


def test_the_page_serves_nothing_outside_its_folder(url: str) -> None:
    with httpx.Client(base_url=url, trust_env=False) as http:
        assert http.get("/%2e%2e/server.py").status_code == 404
        assert http.get("/..%2Fworld.py").status_code == 404
