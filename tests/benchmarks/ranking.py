"""How often the first hit is right, as wordings come in: on question sets that no coefficient was fitted on.

    python -m tests.benchmarks.ranking --data DIR [--draws 5] [--json]

Entries are drawn from banking77's training part (1, 5 or all wordings each), its test part is asked. `swamped` asks
twenty topics that have one wording, first while all have one and then once the others have six: what is new must not
drown beside what is well covered. SQuAD 2 passages are asked the questions that one of them answers. Each figure is the
mean over the draws, with the lowest and the highest.
"""

import argparse
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

import kb
from kb.confidence import shipped
from tests.benchmarks.observing import Observed, Remembering, observe
from tests.benchmarks.public_data import by_intent
from tests.benchmarks.scenes import Asked, Scene, passages

_ORIGIN = kb.Provenance("ingest")
#: How many topics keep one wording, and how many the others get.
_NEW, _COVERED = 20, 6


def banking(data: Path, wordings: Mapping[str, int], seed: int, asked: frozenset[str] | None = None) -> Scene:
    """Banking77 with some wordings of each topic.

    Args:
        wordings: how many, by topic; topics keep the same first wordings under one seed.
        asked: the topics that are asked about; None for all.
    """
    entries: dict[str, kb.Draft] = {}
    for topic, texts in by_intent(data, "banking77_train").items():
        chance = random.Random(f"{topic}{seed}")
        mine = list(texts)
        chance.shuffle(mine)
        mine = mine[: wordings[topic]]
        entries[topic] = kb.Draft(mine[0], "(no text)", _ORIGIN, phrasings=tuple(mine[1:]))
    questions = [
        Asked(text, topic)
        for topic, texts in by_intent(data, "banking77_test").items()
        if asked is None or topic in asked
        for text in texts
    ]
    return Scene(f"banking77 {seed}", entries, questions)


def measure(data: Path, embedder: Remembering, draws: int) -> Iterator[dict[str, object]]:
    """The figures, one after the other."""
    topics = sorted(by_intent(data, "banking77_train"))
    for name, count in (("1", 1), ("5", 5), ("all", 10_000)):
        found = [
            _first(banking(data, dict.fromkeys(topics, count), seed), embedder)
            for seed in range(1 if name == "all" else draws)
        ]
        yield {"figure": f"first_hit_{name}", **_spread(found)}
    drops, before, after = [], [], []
    for seed in range(draws):
        new = frozenset(random.Random(f"new{seed}").sample(topics, _NEW))
        alone = _first(banking(data, dict.fromkeys(topics, 1), seed, new), embedder)
        counts = {topic: 1 if topic in new else _COVERED for topic in topics}
        beside = _first(banking(data, counts, seed, new), embedder)
        before.append(alone)
        after.append(beside)
        drops.append(alone - beside)
    yield {"figure": "swamped_before", **_spread(before)}
    yield {"figure": "swamped_after", **_spread(after)}
    yield {"figure": "swamped_drop", **_spread(drops)}
    for part in (0, 1):
        scene = passages(data, part=part, questions=100_000, seed=1)
        answerable = [one for one in scene.questions if one.right is not None]
        observed = observe(Scene(scene.name, scene.entries, answerable), embedder, shipped())
        name = "fitted_half" if part == 0 else "other_half"
        for k in (1, 5):
            yield {"figure": f"passages_{name}_recall_{k}", **_spread([_recall(observed, k)])}


def _first(scene: Scene, embedder: Remembering) -> float:
    return _recall(observe(scene, embedder, shipped(), whitened=True), 1)


def _recall(observed: Sequence[Observed], k: int) -> float:
    return float(np.mean([each.right is not None and each.right < k for each in observed]))


def _spread(values: Sequence[float]) -> dict[str, object]:
    return {
        "mean": round(float(np.mean(values)), 4),
        "lowest": round(min(values), 4),
        "highest": round(max(values), 4),
        "draws": len(values),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of public question sets")
    parser.add_argument("--cache", type=Path, default=Path(".answerloop/models"), help="where exported models are kept")
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print one JSON line per figure")
    given = parser.parse_args()
    embedder = Remembering(kb.open_embedder(cache=given.cache, threads=2))
    for row in measure(given.data, embedder, given.draws):
        print(json.dumps(row) if given.json else "  ".join(f"{key} {value}" for key, value in row.items()), flush=True)


if __name__ == "__main__":
    main()
