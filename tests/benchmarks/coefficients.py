"""Fits the coefficients that are shipped with `kb`, on public question sets.

    python -m tests.benchmarks.coefficients --data DIR

Ranking is a conditional logit (which candidate is the right one), confidence a logistic model (is the first one right).
Both weigh measurements of likeness positively only, so that nothing scores higher for being less alike. Families of
question sets count the same, however many questions they have. Banking77 and the fixtures are left out on purpose: they
measure.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

import kb
from kb.calibration import NONE_RIGHT, Examples, examples
from kb.confidence import COMPARED, NOVELTY, SIGNAL_NAMES, Measured, measure, shipped, three_inputs
from kb.ranking import COLUMNS, Numbers, Ranking, logistic
from tests.benchmarks import scenes
from tests.benchmarks.observing import Observed, Remembering, observe
from tests.benchmarks.scenes import Scene

_TARGET = Path(__file__).parents[2] / "kb" / "coefficients.json"
_RANKED_BY = ("nearest", "centroid", "answer", "vote", "keyword", "pairs", "coverage", "likelihood", "fit", "phrasings")
#: Many wordings may count against an entry: chance makes one of many near.
_FREE = ("phrasings",)
_PASSAGES_RANKED_BY = ("nearest", "centroid", "keyword", "coverage")
#: A wording that is the question comes first, whatever else is alike.
_EXACT_WEIGHT = 10.0
#: Only the candidates at the top are compared when the ranking is fitted.
_COMPARED = 20
_WEIGHT_OF_FAMILY = 500.0
_DECAY = 1.0

#: For each family of question sets what was observed.
Families = dict[str, list[Observed]]


def training(data: Path) -> Iterable[tuple[str, Scene]]:
    """The scenes to fit on, with their family."""
    for seed in (1, 2):
        for phrasings in (1, 3, 5, 10):
            for known in (0.15, 0.5, 0.9):
                yield (
                    "requests",
                    scenes.intents(data, "bitext_intents", phrasings=phrasings, known=known, questions=250, seed=seed),
                )
        for topics in (1, 3, 30, 100):
            yield "medical", scenes.medical(data, topics=topics, seed=seed)
    # What was asked often has many wordings and what is new has one: it shall not drown beside the others.
    for seed in (1, 2, 3, 4):
        for known in (0.3, 0.6, 0.9):
            yield (
                "uneven",
                scenes.intents(
                    data, "bitext_intents", phrasings=(1, 1, 2, 6, 15), known=known, questions=250, seed=seed
                ),
            )
    # A new workspace knows one or two things, and is asked everything else.
    for seed in (1, 2, 3):
        yield "new", scenes.covid(data, known=0.01, seed=seed)
        yield "new", scenes.intents(data, "bitext_intents", phrasings=1, known=0.04, questions=150, seed=seed)
    for seed in (1, 2, 3):
        for known in (0.05, 0.5, 0.85):
            yield "health", scenes.covid(data, known=known, seed=seed)


def with_foreign(scene: Scene, data: Path) -> Scene:
    """The scene, asked questions of other fields as well."""
    count = max(40, len(scene.questions) // 6)
    return Scene(
        scene.name, scene.entries, [*scene.questions, *scenes.foreign(data, count=count, seed=len(scene.name))]
    )


def fit_ranking(families: Families, names: Sequence[str]) -> Numbers:
    """The weights (columns,) under which the right candidate is likeliest to be the first."""
    columns = [COLUMNS.index(name) for name in names]
    sets: list[tuple[Numbers, int, float]] = []
    for observed in families.values():
        usable = [(each, each.right) for each in observed if each.right is not None and each.right < _COMPARED]
        for each, right in usable:
            sets.append((each.features[:_COMPARED, columns], right, _WEIGHT_OF_FAMILY / len(usable)))

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        total, slope = 0.5 * _DECAY * float(weights @ weights), _DECAY * weights
        for features, right, weight in sets:
            scores = features @ weights
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            total -= weight * float(np.log(shares[right] + 1e-300))
            slope = slope + weight * (shares @ features - features[right])
        return total, slope

    found = np.zeros(len(COLUMNS))
    bounds = [(None if name in _FREE else 0, None) for name in names]
    found[columns] = _minimum(loss, len(columns), bounds)
    return found


def fit_logistic(
    inputs: Numbers, right: Numbers, weight: Numbers, *, lowest: float | None = None, free: Sequence[str] = ()
) -> tuple[Numbers, float]:
    """Coefficients and bias of P(right | inputs): (n, k), (n,), (n,) to (k,) and a number.

    Args:
        lowest: what no coefficient may be below.
        free: the signals for which that does not hold.
    """
    rows = np.c_[inputs, np.ones(len(inputs))]

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        odds = rows @ weights
        slope = rows.T @ (weight * (logistic(odds) - right))
        slope[:-1] += _DECAY * weights[:-1]
        cost = weight @ (np.logaddexp(0, odds) - right * odds)
        return float(cost + 0.5 * _DECAY * weights[:-1] @ weights[:-1]), slope

    names = SIGNAL_NAMES if len(SIGNAL_NAMES) == inputs.shape[1] else ("",) * inputs.shape[1]
    bounds = [(None if name in free else lowest, None) for name in names]
    found = _minimum(loss, rows.shape[1], [*bounds, (None, None)])
    return found[:-1], float(found[-1])


def compared(observed: Sequence[Observed], weights: Numbers) -> Examples:
    """The searches as the calibration sees them; a question that is a wording has a rule of its own and is left out."""
    rows, right, novelty = [], [], []
    for each in observed:
        if not len(each.features):
            continue
        order = np.argsort(-(each.features @ weights), kind="stable")[:COMPARED]
        if each.features[order[0], COLUMNS.index("exact")]:
            continue
        place = [] if each.right is None else np.flatnonzero(order == each.right).tolist()
        rows.append(each.features[order])
        right.append(place[0] if place else NONE_RIGHT)
        novelty.append(each.novelty)
    return examples(rows, right, [False] * len(rows), novelty)


def first_hits(families: Families, weights: Numbers) -> tuple[Measured, Numbers, Numbers, Numbers]:
    """The measurements of each search, whether its first answer and one of its first three is right, and its weight."""
    parts, weight = [], []
    for observed in families.values():
        mine = compared(observed, weights)
        parts.append(mine)
        # How many questions have an answer is up to the scenes, and they are made so that both are common.
        weight.append(np.full(len(mine), _WEIGHT_OF_FAMILY / len(mine)))
    every = Examples(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Examples.__dataclass_fields__)
    )
    ranking = Ranking("", weights, shipped().ranking.passages)
    measured = measure(every.features, every.there, every.features @ weights, every.novelty, ranking.by_chance)
    first = (measured.first == every.right).astype(float)
    three = (measured.three == every.right[:, None]).any(axis=1).astype(float)
    return measured, first, three, np.concatenate(weight)


def fit_passages(families: Families, weights: Numbers) -> tuple[float, float]:
    """How a passage's linear score becomes the probability that it is the right one: scale and bias."""
    scores, right, weight = [], [], []
    for observed in families.values():
        mine = [(each, each.features @ weights) for each in observed if len(each.features)]
        is_right = np.array([int(np.argmax(linear)) == each.right for each, linear in mine])
        share = np.where(is_right, is_right.mean(), 1 - is_right.mean())
        scores += [[float(linear.max())] for _, linear in mine]
        right.append(is_right.astype(float))
        weight.append(0.5 * _WEIGHT_OF_FAMILY / len(mine) / share)
    found, bias = fit_logistic(np.array(scores), np.concatenate(right), np.concatenate(weight), lowest=0)
    return float(found[0]), bias


def fit(answers: Families, passages: Families) -> dict[str, object]:
    """The coefficients in the form in which they are shipped."""
    ranking = fit_ranking(answers, _RANKED_BY)
    ranking[COLUMNS.index("exact")] = _EXACT_WEIGHT
    measured, first, three, weight = first_hits(answers, ranking)
    middle, spread = measured.signals.mean(axis=0), measured.signals.std(axis=0) + 1e-6
    scaled = (measured.signals - middle) / spread
    confidence, bias = fit_logistic(scaled, first, weight, lowest=0, free=("phrasings", "novelty"))
    sure = logistic(scaled @ confidence + bias)
    inputs = three_inputs(sure, measured.mass)
    of_three, three_bias = fit_logistic(inputs[:, :2], three, weight, lowest=0)
    passage_ranking = fit_ranking(passages, _PASSAGES_RANKED_BY)
    scale, passage_bias = fit_passages(passages, passage_ranking)
    return {
        "made_by": "tests/benchmarks/coefficients.py",
        "made_from": "bitext_intents, covid_faq, covid_question_pairs, medquad_half, squad2_dev (half of the pages)",
        "novelty": NOVELTY,
        "ranking": {
            "version": "ranking-6",
            "answers": {"weights": _named(COLUMNS, ranking)},
            "passages": {
                "weights": _named(COLUMNS, passage_ranking),
                "scale": _short(scale),
                "bias": _short(passage_bias),
            },
        },
        "confidence": {
            "version": "prior-6",
            "weights": _named(SIGNAL_NAMES, confidence),
            "bias": _short(bias),
            "middle": _named(SIGNAL_NAMES, middle),
            "spread": _named(SIGNAL_NAMES, spread),
            "three": [*(_short(value) for value in of_three), _short(three_bias)],
        },
    }


def _minimum(
    loss: Callable[[Numbers], tuple[float, Numbers]], size: int, bounds: Sequence[tuple[float | None, float | None]]
) -> Numbers:
    return np.asarray(minimize(loss, np.zeros(size), jac=True, method="L-BFGS-B", bounds=bounds).x)


def _named(names: Sequence[str], values: Numbers) -> dict[str, float]:
    return {name: _short(value) for name, value in zip(names, values, strict=True) if abs(value) > 1e-6}


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def main() -> None:
    """Observe, fit, and write `kb/coefficients.json`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of public question sets")
    parser.add_argument("--cache", type=Path, default=Path(".answerloop/models"), help="where exported models are kept")
    parser.add_argument("--out", type=Path, default=_TARGET, help="the file to write")
    given = parser.parse_args()
    embedder = Remembering(kb.open_embedder(cache=given.cache, threads=2))
    answers: Families = {}
    for family, scene in training(given.data):
        # A workspace has no map at its start and one later on, and the prior serves both.
        for whitened in (False, True) if scene.name.startswith("bitext") else (False,):
            seen = observe(with_foreign(scene, given.data), embedder, shipped(), whitened=whitened)
            answers.setdefault(family, []).extend(seen)
    pages = scenes.passages(given.data, part=0, questions=1_500, seed=1)
    passages = {"passages": observe(pages, embedder, shipped())}
    print({family: len(observed) for family, observed in answers.items()}, Counter(len(p) for p in passages.values()))
    given.out.write_text(json.dumps(fit(answers, passages), indent=2) + "\n")
    print(given.out.read_text())


if __name__ == "__main__":
    main()
