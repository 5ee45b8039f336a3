"""How many of the waiting questions that look alike are alike, by the limit from which on they are shown.

    python -m tests.benchmarks.alike --data FOLDER [--json] [--queues 2000] [--seed 0]

A queue holds questions drawn from banking77's test set, of which one is answered; those of its topic are the ones that
the same answer settles. For each limit: the share of these that is shown (`found`), the share of what is shown that is
right (`right`), and how many are shown beside one answer. It is where `learning.handoffs.alike.LOOKS_ALIKE` comes from.
"""

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.embedding import open_embedder
from learning.handoffs.alike import SHOWN_AT_MOST, alike
from learning.ids import HandoffId
from tests.benchmarks.public_data import rows

LIMITS = (0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8)
QUEUES = (10, 30, 100)


@dataclass(frozen=True)
class Figures:
    """What a limit does in queues of one length."""

    waiting: int
    limit: float
    #: Shares, 0 to 1.
    found: float
    right: float
    #: Questions shown beside one answer, on average.
    shown: float


def measure(
    vectors: NDArray[np.float32], topics: list[str], waiting: int, limit: float, queues: int, seed: int
) -> Figures:
    """Draw queues and look what one limit shows in them."""
    chooser = np.random.default_rng(seed)
    shown = right = wanted = 0
    for _ in range(queues):
        answered, *others = chooser.choice(len(topics), waiting + 1, replace=False)
        near = vectors[others] @ vectors[answered]
        picked = alike(
            {HandoffId(str(one)): float(value) for one, value in zip(others, near, strict=True)}, limit=limit
        )
        shown += len(picked)
        right += sum(topics[int(one)] == topics[answered] for one in picked)
        wanted += min(sum(topics[one] == topics[answered] for one in others), SHOWN_AT_MOST)
    return Figures(waiting, limit, round(right / max(wanted, 1), 3), round(right / max(shown, 1), 3), shown / queues)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.alike", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of public question sets")
    parser.add_argument("--json", action="store_true", help="one JSON line for each limit and length")
    parser.add_argument("--queues", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path(".answerloop/models"))
    given = parser.parse_args()
    asked = rows(given.data, "banking77_test")
    vectors = open_embedder(cache=given.cache, threads=2).embed([row["text"] for row in asked])
    topics = [row["intent"] for row in asked]
    for waiting in QUEUES:
        for limit in LIMITS:
            found = measure(vectors, topics, waiting, limit, given.queues, given.seed)
            line = f"{waiting:4} waiting, from {limit:.2f}: {found.found:.2f} found, {found.right:.2f} right, "
            print(json.dumps(asdict(found)) if given.json else f"{line}{found.shown:.2f} shown")


if __name__ == "__main__":
    main()
