"""What reaches the log: lines of libraries without anybody's details, and of errors the cause without their words."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.logs import Redacting, cause
from learning.redaction import Redactor

EMAIL, PHONE, TOKEN = "jane@example.com", "+49 30 901820", "xoxb-" + "123456789012-abcdEFGH"
DETAILS = f"{EMAIL} {PHONE} {TOKEN} U012ABCDEF postgres://bob:geheim7@db/x?user=jane 203.0.113.7"
SECRETS = (EMAIL, PHONE, TOKEN, "U012ABCDEF", "geheim7", "user=jane", "203.0.113.7")


def _logged(folder: Path, body: str) -> str:
    code = f"import logging, threading\nfrom bot.logs import set_up\nset_up('INFO')\nDETAILS = {DETAILS!r}\n{body}"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=folder,
        env=environment,
    )
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize(
    "body",
    [
        "logging.getLogger('anything').warning('refused: %s', DETAILS)",
        "logging.getLogger('dbos').error('a workflow failed: ' + DETAILS)",
        "try:\n    raise ValueError(DETAILS)\nexcept ValueError:\n    logging.getLogger('any').exception('it failed')",
        "raise ValueError(DETAILS)",
        "one = threading.Thread(target=lambda: int(DETAILS)); one.start(); one.join()",
    ],
    ids=[
        "a library's line",
        "the workflows' own logger",
        "a traceback",
        "the end of the process",
        "the end of a thread",
    ],
)
def test_no_detail_reaches_the_log(tmp_path: Path, body: str) -> None:
    said = _logged(tmp_path, body)
    assert said.strip() and not [secret for secret in SECRETS if secret in said], said


def test_lines_stay_readable(tmp_path: Path) -> None:
    line = "step store, try 3: OperationalError in fetch (learning/rows.py:42) at 1700000000.000100 of T012:C012:answer"
    assert _logged(tmp_path, f"logging.getLogger('bot').warning({line!r})").rstrip().endswith(f"WARNING bot: {line}")


def test_a_cause_names_the_kind_and_the_place_and_never_the_words() -> None:
    try:
        int(DETAILS)
    except ValueError as error:
        told = cause(error)
    assert told.startswith("ValueError in test_a_cause_names_the_kind")
    assert not [secret for secret in SECRETS if secret in told]


_PIECES = st.sampled_from(
    [*DETAILS.split(), "password is hunter22", "4111 1111 1111 1111", "call", "order", ":", "\n", "("]
)
_TEXTS = st.lists(_PIECES, max_size=8).map(" ".join)


@given(_TEXTS)
@settings(max_examples=150, deadline=None)
def test_no_string_that_a_recogniser_matches_survives_in_a_line(text: str) -> None:
    try:
        raise ValueError(text)
    except ValueError:
        record = logging.LogRecord("any", logging.ERROR, __file__, 1, "it failed: %s", (text,), sys.exc_info())
    line = Redacting("%(levelname)s %(name)s: %(message)s").format(record)
    assert not Redactor(b"k" * 32).redaction(line).spans, line


@given(_TEXTS.filter(lambda text: len(text) > 6))
@settings(max_examples=100, deadline=None)
def test_an_errors_own_words_are_in_no_cause(text: str) -> None:
    try:
        raise ValueError(text) from OSError(text)
    except ValueError as error:
        assert text not in cause(error) and not Redactor(b"k" * 32).redaction(cause(error)).spans
