"""`answerloop redact`: anyone can see what redaction does to their own text, without a database and at once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("sqlalchemy", "langchain_core", "pydantic_settings", "numpy", "kb", "learning.tables")
LINES = "call me on +49 30 901820\n\nnothing here\r\n<mailto:a@b.com|mail> and a@b.com 😀 c@d.com"


def _redact(
    folder: Path, *arguments: str, given: str | bytes = "", code: str = "from bot.cli import main; main()"
) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSWERLOOP_")}
    done = subprocess.run(
        [sys.executable, "-c", code, "redact", *arguments],
        input=given.encode() if isinstance(given, str) else given,
        capture_output=True,
        timeout=60,
        check=False,
        cwd=folder,
        env=environment,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_every_line_is_printed_redacted_with_places_in_what_was_given(tmp_path: Path) -> None:
    done = _redact(tmp_path, "--json", "--key", "k", given=LINES)
    assert (done.returncode, done.stderr) == (0, "")
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    lines = [line.removesuffix("\r") for line in LINES.split("\n")]
    found = [
        [(one["type"], line[one["start"] : one["end"]]) for one in row["spans"]]
        for line, row in zip(lines, printed, strict=True)
    ]
    assert found == [
        [("PHONE", "+49 30 901820")],
        [],
        [],
        [("EMAIL", "<mailto:a@b.com|mail>"), ("EMAIL", "a@b.com"), ("EMAIL", "c@d.com")],
    ]
    plain = _redact(tmp_path, "--key", "k", given=LINES)
    assert plain.stdout.splitlines() == [row["text"] for row in printed]
    first, second, third = (word for word in printed[3]["text"].split() if word.startswith("["))
    assert first == second != third


def test_files_are_read_and_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("a@b.com\n")
    (tmp_path / "two.txt").write_text("help@acme.com\n")
    done = _redact(tmp_path, "one.txt", "two.txt", "--allow", "acme.com")
    assert done.stdout.startswith("[EMAIL_") and done.stdout.endswith("]\nhelp@acme.com\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.txt", "two.txt"]


def test_without_a_key_no_two_runs_can_be_tied_together(tmp_path: Path) -> None:
    assert _redact(tmp_path, given="a@b.com").stdout != _redact(tmp_path, given="a@b.com").stdout


def test_a_private_key_goes_with_all_its_lines(tmp_path: Path) -> None:
    body = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj", "MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3S"]
    lines = ["-----BEGIN RSA PRIVATE KEY-----", *body, "-----END RSA PRIVATE KEY-----", "that was it"]
    printed = _redact(tmp_path, given="\n".join(lines)).stdout.splitlines()
    assert len(printed) == len(lines) and printed[-1] == "that was it"
    assert not any(line in printed for line in lines[:-1])


def test_it_loads_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom bot.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = _redact(tmp_path, given="a@b.com or +49 30 901820", code=code)
    assert "[EMAIL_" in done.stdout and done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "given", "says"),
    [
        (("nowhere.txt",), "", "nowhere.txt cannot be read"),
        ((".",), "", "cannot be read"),
        ((), b"fine\n\xff\xfe\n", "standard input, line 2 is not UTF-8"),
        (("--allow", "acme"), "", "'acme' is no domain"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(
    tmp_path: Path, arguments: tuple[str, ...], given: str | bytes, says: str
) -> None:
    done = _redact(tmp_path, *arguments, given=given)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("Error: ") and says in line


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    command = f"yes a@b.com | {sys.executable} -c 'from bot.cli import main; main()' redact | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert done.stdout.startswith("[EMAIL_") and done.stderr == ""
