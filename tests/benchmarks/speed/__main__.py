"""Measure the speed of the knowledge base beside langchain-chroma's, and print one JSON document.

    python -m tests.benchmarks.speed --data DIR [--cache DIR] [--weights int8] [--quick]

The first run embeds about eleven thousand texts and builds the knowledge bases, which it keeps under --cache; later
runs find them there.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from kb.embedding import Weights
from tests.benchmarks.speed import corpus, measures, theirs
from tests.benchmarks.speed.goals import judged
from tests.benchmarks.speed.ours import Model, kept, opened
from tests.benchmarks.speed.theirs import Theirs


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    #: Entries of the knowledge base that questions are asked in, and of the one that is compared with it.
    entries: int
    large: int
    #: Questions asked in turns, questions whose first hit is compared, entries taken in, fresh processes of each side.
    questions: int
    exact: int
    ingested: int
    rounds: int


FULL = Sizes(entries=10_000, large=100_000, questions=200, exact=2_000, ingested=1_032, rounds=3)
QUICK = Sizes(entries=1_000, large=5_000, questions=40, exact=100, ingested=136, rounds=1)


def main() -> None:
    """Build what is missing, measure, print."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.speed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder of public question sets")
    parser.add_argument("--cache", type=Path, default=Path(".answerloop/speed"), help="where what was built is kept")
    parser.add_argument("--threads", type=int, default=1, help="threads of either side's model")
    parser.add_argument("--weights", choices=get_args(Weights), default="fp32", help="how our model's are kept")
    parser.add_argument("--quick", action="store_true", help="small sizes: whether it runs, not how fast")
    given = parser.parse_args()
    sizes = QUICK if given.quick else FULL
    figures = _measured(given.data, given.cache, Model(given.cache / "models", given.threads, given.weights), sizes)
    document = {
        "sizes": vars(sizes),
        "threads": given.threads,
        "weights": given.weights,
        **figures,
        "goals": judged(figures),
    }
    print(json.dumps(_rounded(document), indent=1))


def _measured(data: Path, cache: Path, model: Model, sizes: Sizes) -> dict[str, measures.Figures]:
    embedder, threads = model.opened(), model.threads
    compared = theirs.there()
    if not compared:
        _say(theirs.MISSING)
    real = corpus.texts(data)
    drafts = corpus.entries(real, sizes.large)
    questions = corpus.asked(data, sizes.exact + sizes.questions)
    mine = "ours" if model.weights == "fp32" else f"ours-{model.weights}"
    small, large = cache / f"{mine}-{sizes.entries}", cache / f"{mine}-{sizes.large}"
    other = cache / f"theirs-{sizes.entries}"
    _say("building what is not kept yet")
    remembered = corpus.Remembered(embedder, real, cache)
    # Theirs knows full weights alone.
    whole = remembered if model.weights == "fp32" else corpus.Remembered(model.full(), real, cache)
    kept(small, remembered, drafts[: sizes.entries])
    kept(large, remembered, drafts)
    store = Theirs(other, threads=threads) if compared else None
    if store is not None:
        store.fill(drafts[: sizes.entries], whole.whole(drafts[: sizes.entries]))
    asked = questions[: sizes.questions]
    found: dict[str, measures.Figures] = {}
    with opened(small, embedder) as ours:
        _say("asking")
        found["question"] = measures.question(ours, store, asked) | measures.first_exact(ours, questions[: sizes.exact])
        _say("asking in the large one")
        with opened(large, embedder) as big:
            # Questions that neither was asked yet: the vector of one that was is remembered.
            found["large"] = measures.large(ours, big, questions[-sizes.questions :])
            found["approval"] = measures.approval(big, asked[:20])
    _say("taking in")
    found["ingest"] = measures.ingest(
        embedder,
        (lambda folder: Theirs(folder, threads=threads)) if compared else None,
        drafts[: sizes.ingested],
    )
    _say("starting processes")
    found["repeated"] = measures.repeated(small, embedder, asked)
    sides = {"ours": small, "theirs": other} if compared else {"ours": small}
    found["fresh"] = measures.fresh(sides, model, asked[:20], sizes.rounds)
    return found


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
