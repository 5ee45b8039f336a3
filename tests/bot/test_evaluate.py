"""`answerloop evaluate` says how well a file of knowledge answers a file of questions, and touches nothing else."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.evaluation import Judged, figures
from tests.bot.beside import beside, untouched

KNOWN = [
    ("How do I reset my password?", "password"),
    ("I forgot my password", "password"),
    ("Where can I park my car?", "parking"),
    ("Is there a garage for cars?", "parking"),
    ("How do I order a new laptop?", "laptop"),
    ("When is the canteen open?", "canteen"),
]
ASKED = [
    ("my password does not work any more, how can I reset it", "password"),
    ("where may I leave the car", "parking"),
    ("I need a new laptop", "laptop"),
    ("opening hours of the canteen", "canteen"),
    ("which bus goes to the zoo?", "nothing"),
    ("what is the capital of France?", "nothing"),
]


def _write(path: Path, rows: Sequence[tuple[str, str]]) -> Path:
    path.write_text("".join(json.dumps({"text": text, "about": about}) + "\n" for text, about in rows))
    return path


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("evaluate")
    knowledge, questions = _write(folder / "known.jsonl", KNOWN), _write(folder / "asked.jsonl", ASKED)
    done = beside(
        folder,
        model_cache,
        "evaluate",
        *("--knowledge", str(knowledge), "--questions", str(questions)),
        *("--question", "text", "--topic", "about", "--outside", "nothing", "--json"),
    )
    assert done.returncode == 0, done.stderr
    assert untouched(folder), "the live workspace was touched"
    return dict(json.loads(done.stdout))


def test_what_can_be_found_is_found_and_what_is_outside_counts_as_wrong(found: dict[str, Any]) -> None:
    assert (found["questions"], found["answerable"]) == (6, 4)
    assert found["accuracy"]["value"] == 1.0
    assert found["auroc"]["value"] == 1.0, "what nothing answers is less sure than what is answered"
    at_half = next(row for row in found["thresholds"] if row["threshold"] == 0.5)
    assert at_half["wrong"]["value"] == 0.0 < at_half["answered"]["value"]


def test_every_share_comes_with_an_interval_that_holds_it(found: dict[str, Any]) -> None:
    for name in ("accuracy", "mrr", "recall_at_3", "recall_at_5", "auroc", "answered_at_95", "answered_at_98"):
        assert 0.0 <= found[name]["low"] <= found[name]["value"] <= found[name]["high"] <= 1.0, name


def test_an_overconfident_knowledge_base_is_caught() -> None:
    chance = np.random.default_rng(1)
    sure = chance.uniform(0.3, 1.0, 600)

    def judged(right: Any) -> list[Judged]:
        return [Judged(int(one), True, float(confidence)) for one, confidence in zip(right, sure, strict=True)]

    honest = figures(judged(chance.uniform(size=600) < sure))
    boasting = figures(judged(chance.uniform(size=600) < sure - 0.2))
    assert honest["overconfident_p"] > 0.01 > boasting["overconfident_p"]
    assert boasting["calibration_error"]["error"] > 3 * honest["calibration_error"]["by_chance"]


@pytest.mark.parametrize(
    ("knowledge", "questions", "said"),
    [
        (KNOWN, [], "no rows"),
        ([], ASKED, "no rows"),
        (KNOWN, [("how do I fly?", "flying")], "none of its"),
        (KNOWN, [("", "password")], "asks nothing"),
    ],
)
def test_files_that_say_nothing_are_one_clear_line(
    tmp_path: Path,
    model_cache: Path,
    knowledge: list[tuple[str, str]],
    questions: list[tuple[str, str]],
    said: str,
) -> None:
    paths = _write(tmp_path / "known.jsonl", knowledge), _write(tmp_path / "asked.jsonl", questions)
    named = ("--question", "text", "--topic", "about", "--json")
    done = beside(tmp_path, model_cache, "evaluate", "--knowledge", str(paths[0]), "--questions", str(paths[1]), *named)
    assert done.returncode != 0 and done.stdout == ""
    assert said in " ".join(done.stderr.split()) and "Traceback" not in done.stderr


def test_a_field_that_is_not_there_is_named_with_those_that_are(tmp_path: Path, model_cache: Path) -> None:
    path = str(_write(tmp_path / "rows.jsonl", KNOWN))
    done = beside(tmp_path, model_cache, "evaluate", "--knowledge", path, "--questions", path, "--question", "words")
    assert done.returncode != 0 and "text, about" in " ".join(done.stderr.split())
