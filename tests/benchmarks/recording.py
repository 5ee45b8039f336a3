"""What recording adds to the time of an answer, without a model: the same way to the thread, with and without it.

The bot runs in this process, the local workspace in another one. Somebody asks one question after the other, and it is
taken how long it takes until the answer stands. For every other question the recorder does nothing; which ones these
are changes from round to round, so that every question is asked in both ways and what else the machine does falls on
both. Prints one JSON line. The promise is that recording adds less than one twentieth.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from bot.assembly import running
from bot.demo import FIXTURES, KNOWLEDGE, demo_settings
from bot.desk import recording
from bot.logs import set_up
from bot.sandbox.client import Workspace
from bot.terminal import ingest_files
from learning import recorder
from learning.statistics import clustered
from learning.statistics.clustered import Sample

#: Questions that are asked before anything counts.
_WARM = 10
CHANNEL = "C0HELP"


@dataclass
class _Taken:
    """Milliseconds, by the clock on the wall, with and without recording; and of which question each is."""

    answers: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})
    questions: dict[bool, list[str]] = field(default_factory=lambda: {True: [], False: []})
    #: In the recorder itself, without what the transaction's end takes longer.
    recorder: list[float] = field(default_factory=list)

    def shown(self) -> dict[str, float]:
        """Medians, and what recording adds as a share, with its interval."""
        without, recorded = (Sample.of(self.answers[way], self.questions[way]) for way in (False, True))
        usual = float(median(self.answers[False]))
        added = clustered.difference_of_quantiles(without, recorded, 0.5)
        inside = float(median(self.recorder))
        return {
            "answers": len(self.answers[True]) + len(self.answers[False]),
            "ms_without": round(usual, 1),
            "ms_in_recorder": round(inside, 2),
            "share_in_recorder": round(inside / usual, 4),
            "ms_added": round(float(added.estimate), 2),
            "share_added": round(float(added.estimate) / usual, 4),
            "low": round(float(added.low) / usual, 4),
            "high": round(float(added.high) / usual, 4),
        }


def main() -> None:
    """Answer, and say how long it took in both ways."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.recording", description=__doc__)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=4, help="how often each of them is asked; an even number")
    given = parser.parse_args()
    lines = (FIXTURES / "paraphrases.jsonl").read_text().splitlines()
    questions = [json.loads(line)["text"] for line in lines][: given.questions]
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]  # not meant for this machine's own address
    with tempfile.TemporaryDirectory() as folder, _bot(Path(folder)) as workspace:
        set_up("CRITICAL")  # that an answer is not recorded is what is wanted here
        print(json.dumps(_measured(workspace, Path(folder), questions, given.rounds)), flush=True)


@contextmanager
def _bot(folder: Path) -> Iterator[Workspace]:
    """The whole bot, connected to a workspace in a process of its own."""
    command = [sys.executable, "-m", "bot.sandbox"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = json.loads(process.stdout.readline())["url"]
            with Workspace(url) as workspace, running(demo_settings(url, folder)) as (made, _):
                ingest_files(
                    made.knowledge,
                    made.sessions,
                    made.identity.workspace(),
                    [FIXTURES / name for name in KNOWLEDGE],
                    prune=False,
                    overwrite=False,
                    report=lambda done, total: None,
                )
                yield workspace
        finally:
            process.terminate()


def _measured(workspace: Workspace, folder: Path, questions: list[str], rounds: int) -> dict[str, float]:
    taken = _Taken()
    for question in questions[:_WARM]:
        _answered(workspace, f"{question} (at first)")
        _rest(workspace, folder)
    for number in range(rounds):
        for place, question in enumerate(questions):
            recorded = (place + number) % 2 == 0
            with _timed(taken.recorder) if recorded else _unrecorded():
                # In words of its own each time: what was embedded before is remembered.
                taken.answers[recorded].append(_answered(workspace, f"{question} ({number})"))
                taken.questions[recorded].append(question)
                _rest(workspace, folder)
    return taken.shown()


def _answered(workspace: Workspace, said: str) -> float:
    """Ask in a thread of its own and wait for the answer."""
    uma = workspace.person("uma")
    began = time.perf_counter()
    asked = uma.say(CHANNEL, f"@answerloop {said}")
    uma.wait_for_message(asked, lambda one: one.by_app)
    return 1_000 * (time.perf_counter() - began)


def _rest(workspace: Workspace, folder: Path) -> None:
    """What follows an answer keeps nobody waiting, and is done before the next question."""
    workspace.wait_quiet()
    under_way = "select 1 from workflow_status where status in ('PENDING', 'ENQUEUED') limit 1"
    with closing(sqlite3.connect(folder / "answerloop.db", timeout=30)) as database:
        while database.execute(under_way).fetchone():
            time.sleep(0.02)


@contextmanager
def _timed(taken: list[float]) -> Iterator[None]:
    """The recorder does its work, and it is taken how long that takes."""
    record = recording.record

    def timed(*given: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return record(*given, **named)
        finally:
            taken.append(1_000 * (time.perf_counter() - began))

    with patch.object(recording, "record", timed):
        yield


@contextmanager
def _unrecorded() -> Iterator[None]:
    """The recorder does nothing, as if there were none; whether a message was decided before is still looked up."""
    with patch.object(recording, "record", return_value=None), patch.object(recorder, "posted", return_value=None):
        yield


if __name__ == "__main__":
    main()
