"""Word weights: how much each piece of a word counts in the vector of a text.

A sentence-transformers model that takes the mean of its pieces lets 'how do I' count as much as what is asked about.
Weighed by the root of how rare a piece is in questions of many fields, the nearest wording is the right one more often:
by 1.0 to 1.5 points on banking77 and 1.4 on bitext with one wording or five, whichever other sets the pieces are
counted in, and by two on sentences of SQuAD. A question finds a long answer of medquad less often by its vector alone
(by 2.5 points), but answers are known by their questions. Rarity within the workspace's own texts would gain as much,
and change every vector with each text. The idea is that of Arora, Liang and Ma (A simple but tough-to-beat baseline for
sentence embeddings, 2017), with the usual inverse document frequency in place of theirs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from math import log, sqrt


@dataclass(frozen=True)
class WordWeights:
    """What pieces of words weigh."""

    #: Names what follows, for the identity of vectors.
    version: str
    #: By the piece as the tokenizer writes it; above 0.
    pieces: Mapping[str, float]
    #: Of every other piece, which is a rare one.
    others: float


@cache
def shipped() -> WordWeights:
    """The weights that come with the package for its own model; `tests/benchmarks/word_weights.py` counts them."""
    return weights_from(json.loads(files("kb").joinpath("word_counts.json").read_text("utf-8")))


def weights_from(found: Mapping[str, object]) -> WordWeights:
    """Weights from their JSON form: how many `texts` were counted, and `counts` by piece above the count `least`.

    Raises:
        TypeError, KeyError, ValueError: it has another form, or counts more than there are.
    """
    texts, least, counts = found["texts"], found["least"], found["counts"]
    if not (isinstance(texts, int) and isinstance(least, int) and isinstance(counts, Mapping)):
        raise TypeError("Word counts are two numbers and a table.")
    # To four places, so that every machine has the same.
    pieces = {piece: round(weight(count, texts), 4) for piece, count in counts.items()}
    others = round(weight(least, texts), 4)
    said = json.dumps([others, pieces], sort_keys=True).encode()
    return WordWeights(f"words-{sha256(said).hexdigest()[:6]}", pieces, others)


def weight(count: int, texts: int) -> float:
    """The root of the inverse document frequency of a piece that stands in `count` of `texts` texts; above 0."""
    return sqrt(log(1 + (texts - count + 0.5) / (count + 0.5)))
