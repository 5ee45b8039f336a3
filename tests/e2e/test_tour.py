"""The tour: three people live through the whole loop, in the order that is promised, within a minute."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.sandbox.server import serve
from bot.tour import Closed, Step, play

pytestmark = pytest.mark.e2e

PROMISED = (
    "answered_from_kb",
    "sources_shown",
    "abstained_and_offered_person",
    "handoff_opened",
    "claimed",
    "quiet_while_claimed",
    "resolved",
    "proposal_posted",
    "approval_refused_for_non_admin",
    "edited",
    "approved",
    "paraphrase_answered_from_learned_entry",
    "thumbs_up_recorded",
    "thumbs_up_changed_to_down_with_reason",
    "correction_became_proposal",
    "undone",
    "no_longer_answered",
    "dm_handoff_relayed",
    "duplicate_event_answered_once",
)


@pytest.fixture(scope="module")
def lines(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    folder = tmp_path_factory.mktemp("tour")
    (folder / "models").symlink_to(knowledge_folder / "models")
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "demo", "--tour", "--json", "--data-dir", str(folder)],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_step_happens_in_the_promised_order(lines: list[dict[str, object]]) -> None:
    assert [line.get("step") for line in lines[:-1]] == list(PROMISED)
    assert all(line["ok"] is True and line["detail"] for line in lines[:-1])
    assert all(set(line) == {"step", "ok", "seconds", "detail"} for line in lines[:-1])


def test_it_closes_within_a_minute(lines: list[dict[str, object]]) -> None:
    end = lines[-1]
    assert set(end) == {"tour", "ok", "seconds"}
    assert end["tour"] == "closed"
    assert end["ok"] is True
    assert isinstance(end["seconds"], float)
    assert end["seconds"] < 60


def test_a_step_that_does_not_happen_ends_the_tour_with_a_reason() -> None:
    with serve() as url:
        *steps, end = play(url, patience=0.5)
    assert isinstance(end, Closed)
    assert not end.ok
    (first,) = steps
    assert isinstance(first, Step)
    assert first.step == "answered_from_kb"
    assert not first.ok
    assert "no such message" in first.detail


def test_the_command_fails_unless_every_step_happens(knowledge_folder: Path, tmp_path: Path) -> None:
    """The real demo, and a tour whose first step looks for what is not there."""
    (tmp_path / "models").symlink_to(knowledge_folder / "models")
    broken = (
        "import sys, bot.tour; from bot.cli import main\n"
        "def gone(scene): raise KeyError('it is gone')\n"
        "bot.tour.STEPS = (('answered_from_kb', gone), *bot.tour.STEPS[1:])\n"
        f"sys.argv = ['answerloop', 'demo', '--tour', '--json', '--data-dir', {str(tmp_path)!r}]\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", broken], capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 1, done.stderr[-2000:]
    step, end = [json.loads(line) for line in done.stdout.splitlines()]
    assert (step["step"], step["ok"]) == ("answered_from_kb", False) and "it is gone" in step["detail"]
    assert (end["tour"], end["ok"]) == ("closed", False)
