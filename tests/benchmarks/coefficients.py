"""Fits the coefficients that are shipped with `kb`, on public question sets.

    python -m tests.benchmarks.coefficients --data DIR

Ranking is a conditional logit (which candidate is the right one), confidence a logistic model (is the first one right).
Both may only weigh measurements positively, so that nothing scores higher for being less alike. Families of question
sets count the same, however many questions they have, and right first hits as much as wrong ones. Banking77 and the
fixtures are left out on purpose: they measure.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

import kb
from kb.confidence import SIGNAL_NAMES, shipped, signals
from kb.ranking import COLUMNS, Numbers
from tests.benchmarks import scenes
from tests.benchmarks.observing import Observed, Remembering, observe
from tests.benchmarks.scenes import Scene

_TARGET = Path(__file__).parents[2] / "kb" / "coefficients.json"
_RANKED_BY = ("nearest", "centroid", "answer", "vote", "coverage")
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
                    scenes.intents(data, "bitext_intents", phrasings=phrasings, known=known, questions=400, seed=seed),
                )
        for topics in (3, 30, 100):
            yield "medical", scenes.medical(data, topics=topics, seed=seed)
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
    found[columns] = _minimum(loss, len(columns), [(0, None)] * len(columns))
    return found


def fit_logistic(measured: Numbers, right: Numbers, weight: Numbers) -> tuple[Numbers, float]:
    """Coefficients and bias of P(right | measured): (n, k), (n,), (n,) to (k,) and a number."""
    middle, spread = measured.mean(axis=0), measured.std(axis=0) + 1e-9
    rows = np.c_[(measured - middle) / spread, np.ones(len(measured))]

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        likely = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (weight * (likely - right))
        slope[:-1] += _DECAY * weights[:-1]
        cost = -(right * np.log(likely + 1e-12) + (1 - right) * np.log(1 - likely + 1e-12)) @ weight
        return float(cost + 0.5 * _DECAY * weights[:-1] @ weights[:-1]), slope

    found = _minimum(loss, rows.shape[1], [(0, None)] * (rows.shape[1] - 1) + [(None, None)])
    coefficients = found[:-1] / spread
    return coefficients, float(found[-1] - coefficients @ middle)


def first_hits(families: Families, weights: Numbers) -> tuple[list[tuple[Observed, int, Numbers]], Numbers, Numbers]:
    """Each search with its first hit and linear scores, whether that is right, and how much it counts."""
    found, right, weight = [], [], []
    for observed in families.values():
        mine = []
        for each in (each for each in observed if len(each.features)):
            linear = each.features @ weights
            best = int(np.argmax(linear))
            # A question that is a wording has a rule of its own.
            if not each.features[best, COLUMNS.index("exact")]:
                mine.append((each, best, linear))
        is_right = np.array([best == each.right for each, best, _ in mine])
        # How many questions have an answer is up to the scenes; count as if half of the first hits were right.
        share = np.where(is_right, is_right.mean(), 1 - is_right.mean())
        found += mine
        right.append(is_right.astype(float))
        weight.append(0.5 * _WEIGHT_OF_FAMILY / len(mine) / share)
    return found, np.concatenate(right), np.concatenate(weight)


def fit(answers: Families, passages: Families) -> dict[str, object]:
    """The coefficients in the form in which they are shipped."""
    ranking = fit_ranking(answers, _RANKED_BY)
    ranking[COLUMNS.index("exact")] = _EXACT_WEIGHT
    firsts, right, weight = first_hits(answers, ranking)
    alone, bias = fit_logistic(np.array([[linear[best]] for _, best, linear in firsts]), right, weight)
    sure = np.array([signals(best, each.features, linear) for each, best, linear in firsts])
    confidence, confidence_bias = fit_logistic(sure, right, weight)
    passage_ranking = fit_ranking(passages, _PASSAGES_RANKED_BY)
    found, found_right, found_weight = first_hits(passages, passage_ranking)
    found_alone, found_bias = fit_logistic(
        np.array([[linear[best]] for _, best, linear in found]), found_right, found_weight
    )
    return {
        "made_by": "tests/benchmarks/coefficients.py",
        "made_from": "bitext_intents, covid_faq, covid_question_pairs, medquad_half, squad2_dev (half of the pages)",
        "ranking": {
            "version": "ranking-1",
            "answers": {
                "weights": _named(COLUMNS, ranking),
                "scale": _short(alone[0]),
                "bias": _short(bias),
            },
            "passages": {
                "weights": _named(COLUMNS, passage_ranking),
                "scale": _short(found_alone[0]),
                "bias": _short(found_bias),
            },
        },
        "confidence": {
            "version": "prior-1",
            "weights": _named(SIGNAL_NAMES, confidence),
            "bias": _short(confidence_bias),
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
        answers.setdefault(family, []).extend(observe(with_foreign(scene, given.data), embedder, shipped()))
    pages = scenes.passages(given.data, part=0, questions=1_500, seed=1)
    passages = {"passages": observe(pages, embedder, shipped())}
    print({family: len(observed) for family, observed in answers.items()}, Counter(len(p) for p in passages.values()))
    given.out.write_text(json.dumps(fit(answers, passages), indent=2) + "\n")
    print(given.out.read_text())


if __name__ == "__main__":
    main()
