"""How well the knowledge base finds and how honest its confidence is, on question sets it was not fitted on.

    python -m tests.benchmarks.search --data DIR [--json]

Confidence is judged by AUROC (can it tell right from wrong), by what share of all questions could be answered at 98 %
precision, and by what happens at two fixed thresholds: the share answered and the share answered wrongly.
"""

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

import kb
from kb.confidence import Coefficients, shipped
from kb.embedding import Embedder
from tests.benchmarks import scenes
from tests.benchmarks.observing import Observed, Remembering, observe
from tests.benchmarks.scenes import Scene

_FIXTURES = Path(__file__).parents[2] / "fixtures"


def unseen(data: Path) -> Iterable[Scene]:
    """Scenes that the shipped coefficients were not fitted on."""
    for phrasings in (1, 5):
        for seed in (1, 2):
            yield scenes.intents(data, "banking77", phrasings=phrasings, known=0.6, questions=1_500, seed=seed)
    desk = scenes.help_desk(_FIXTURES)
    yield desk
    yield Scene("help desk + foreign", desk.entries, [*desk.questions, *scenes.foreign(data, count=200, seed=1)])
    yield scenes.passages(data, part=1, questions=1_000, seed=1)


def judge(name: str, observed: Sequence[Observed]) -> dict[str, float | str]:
    """The figures of one scene; shares are of all questions unless the name says otherwise."""
    answerable = np.array([each.asked.right is not None for each in observed])
    right = np.array([each.right == 0 for each in observed])
    confidence = np.array([each.confidence for each in observed])
    among = [each.right is not None and each.right < 5 for each in observed]
    found: dict[str, float | str] = {
        "scene": name,
        "questions": len(observed),
        "first_right": _share(right[answerable]),
        "first_five": _share(np.array(among)[answerable]),
        "auroc": auroc(confidence, right),
        "at_98": at_precision(confidence, right, 0.98),
        "brier": float(np.mean((confidence - right) ** 2)),
    }
    for threshold in (0.7, 0.85):
        said = confidence >= threshold
        found[f"answered_{threshold}"] = _share(said)
        found[f"wrong_{threshold}"] = _share(said & ~right)
    return {key: round(value, 3) if isinstance(value, float) else value for key, value in found.items()}


def auroc(scores: np.ndarray, right: np.ndarray) -> float:
    """The chance that a right first hit has the higher confidence than a wrong one."""
    good, bad = scores[right], scores[~right]
    if not len(good) or not len(bad):
        return float("nan")
    every = np.concatenate([good, bad])
    order = np.argsort(every, kind="stable")
    ranks = np.empty(len(every))
    ranks[order] = np.arange(1, len(every) + 1)
    for value in np.unique(every):
        same = every == value
        ranks[same] = ranks[same].mean()
    return float((ranks[: len(good)].sum() - len(good) * (len(good) + 1) / 2) / (len(good) * len(bad)))


def at_precision(scores: np.ndarray, right: np.ndarray, precision: float) -> float:
    """The largest share of questions that could be answered with at least that share of them right."""
    order = np.argsort(-scores, kind="stable")
    kept = np.arange(1, len(order) + 1)
    good = np.cumsum(right[order]) / kept
    enough = np.flatnonzero(good >= precision)
    return float(kept[enough[-1]] / len(order)) if len(enough) else 0.0


def measure(data: Path, embedder: Embedder, coefficients: Coefficients) -> list[dict[str, float | str]]:
    """The figures of every unseen scene."""
    return [judge(scene.name, observe(scene, embedder, coefficients)) for scene in unseen(data)]


def _share(flags: np.ndarray) -> float:
    return float(flags.mean()) if len(flags) else 0.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of public question sets")
    parser.add_argument("--cache", type=Path, default=Path(".answerloop/models"), help="where exported models are kept")
    parser.add_argument("--json", action="store_true", help="print one JSON line per scene")
    given = parser.parse_args()
    embedder = Remembering(kb.open_embedder(cache=given.cache, threads=2))
    for row in measure(given.data, embedder, shipped()):
        if given.json:
            print(json.dumps(row), flush=True)
        else:
            print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)


if __name__ == "__main__":
    main()
