"""The README cannot go stale: its table is made from the settings, its commands exist, its code runs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.settings import table

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def _between(text: str, name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.DOTALL)
    assert found is not None
    return found.group(1).strip()


def test_the_table_of_settings_is_the_settings() -> None:
    text = README.read_text()
    if os.environ.get("ANSWERLOOP_UPDATE_README"):
        text = re.sub(
            r"(<!-- settings -->\n).*?(<!-- /settings -->)", lambda m: m[1] + table() + "\n" + m[2], text, flags=re.S
        )
        README.write_text(text)
    assert _between(README.read_text(), "settings") == table()


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`answerloop ([a-z]+)", README.read_text()))))
def test_every_command_that_is_named_exists(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", command, "--help"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?m)(?:^|`)make ([a-z]+)", README.read_text()))))
def test_every_make_target_that_is_named_exists(target: str) -> None:
    assert re.search(rf"(?m)^{target}:", (ROOT / "Makefile").read_text())


def test_the_code_runs_and_finds_what_was_approved(model_cache: Path, tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    script = tmp_path / "readme.py"
    script.write_text(code.replace(".answerloop/models", str(model_cache)))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=120, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert "second floor" in done.stdout


def test_every_picture_and_file_that_is_named_is_there() -> None:
    for name in re.findall(r"\]\(([^)#:]+)\)", README.read_text()):
        assert (ROOT / name).is_file(), name
