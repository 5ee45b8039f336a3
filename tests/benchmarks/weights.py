"""What eight-bit weights of the embedding model gain and cost, beside full ones, on labelled data.

    python -m tests.benchmarks.weights --data DIR [--draws 5]

Speed is measured in turns, on one thread: milliseconds for one question, long texts (answers of 600 characters) per
second, and the size of the model. The cost is what `tests.benchmarks.ranking` measures, with the same draws for both,
as the difference in points of one hundred. Prints one JSON document.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

import kb
from kb.embedding import Embedder, Weights
from tests.benchmarks import ranking
from tests.benchmarks.observing import Remembering
from tests.benchmarks.public_data import rows

_BOTH: tuple[Weights, Weights] = ("fp32", "int8")
_LONG = 600


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of public question sets")
    parser.add_argument("--cache", type=Path, default=Path(".answerloop/models"), help="where exported models are kept")
    parser.add_argument("--draws", type=int, default=5)
    given = parser.parse_args()
    embedders = {weights: kb.open_embedder(cache=given.cache, weights=weights) for weights in _BOTH}
    print(json.dumps({"speed": _speed(given.data, embedders), "loss": _loss(given, embedders)}, indent=1))


def _speed(data: Path, embedders: Mapping[Weights, Embedder]) -> dict[str, dict[str, float]]:
    questions = [row["text"] for row in rows(data, "banking77_test")[:300]]
    answers = [row["answer"][:_LONG] for row in rows(data, "medquad_half")[:256]]
    one: dict[Weights, list[float]] = {weights: [] for weights in _BOTH}
    long = dict.fromkeys(_BOTH, 0.0)
    for each in questions:
        for weights, embedder in embedders.items():
            one[weights].append(_seconds(lambda embedder=embedder, each=each: embedder.embed([each])))
    for start in range(0, len(answers), 32):
        for weights, embedder in embedders.items():
            part = answers[start : start + 32]
            long[weights] += _seconds(lambda embedder=embedder, part=part: embedder.embed(part))
    middle = {weights: 1_000 * float(np.median(one[weights])) for weights in _BOTH}
    per_second = {weights: len(answers) / long[weights] for weights in _BOTH}
    return {
        "question_ms": _compared(middle) | {"times_faster": round(middle["fp32"] / middle["int8"], 2)},
        "long_texts_per_s": _compared(per_second) | {"times_faster": round(per_second["int8"] / per_second["fp32"], 2)},
        "cosine_of_both": _cosines(embedders, [*questions, *answers]),
    }


def _cosines(embedders: Mapping[Weights, Embedder], texts: Sequence[str]) -> dict[str, float]:
    found = np.vecdot(*(embedders[weights].embed(texts) for weights in _BOTH))
    return {"mean": round(float(found.mean()), 4), "lowest": round(float(found.min()), 4)}


def _loss(given: argparse.Namespace, embedders: Mapping[Weights, Embedder]) -> dict[str, dict[str, float]]:
    measured = {
        weights: list(ranking.measure(given.data, Remembering(embedder), given.draws))
        for weights, embedder in embedders.items()
    }
    return {
        str(full["figure"]): _compared({"fp32": full["mean"], "int8": small["mean"]})
        | {"points": round(100 * (float(str(small["mean"])) - float(str(full["mean"]))), 2)}
        for full, small in zip(measured["fp32"], measured["int8"], strict=True)
    }


def _compared(figures: Mapping[Weights, object]) -> dict[str, float]:
    return {weights: round(float(str(figures[weights])), 4) for weights in _BOTH}


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
