"""Calibration from labels: deterministic, undone by fitting again, honest about silence."""

import numpy as np
import pytest

import kb
from kb.calibration import (
    NONE_RIGHT,
    SHOWN_WRONG,
    UNKNOWN,
    Examples,
    Habits,
    examples,
    first_right,
    fit,
    fit_above,
    measured_of,
)
from kb.confidence import KNOT, coefficients_from, coefficients_to
from kb.ranking import COLUMNS, Numbers, logistic
from kb.whitening import even, learn

NEAREST = COLUMNS.index("nearest")


def world(count: int, seed: int, *, flattering: float = 0.0) -> tuple[list[Numbers], list[int]]:
    """Searches with four answers each, of which the nearer ones are likelier to be right, and which one was.

    Args:
        flattering: how much too good everything looks.
    """
    chance = np.random.default_rng(seed)
    rows, right = [], []
    for _ in range(count):
        features = np.zeros((4, len(COLUMNS)))
        strength = np.sort(chance.uniform(0.2, 0.8, size=4))[::-1]
        for name in ("nearest", "centroid", "vote", "keyword", "coverage"):
            features[:, COLUMNS.index(name)] = np.clip(strength + chance.normal(0, 0.05, 4) + flattering, 0, 1)
        features[:, COLUMNS.index("fit")] = -8 * (1 - strength)
        odds = 14 * (strength - 0.45)
        is_right = chance.uniform() < 1 / (1 + np.exp(-odds[0]))
        rows.append(features)
        right.append(0 if is_right else int(chance.choice([1, NONE_RIGHT])))
    return rows, right


def seen(rows: list[Numbers], right: list[int], given: list[bool] | None = None) -> Examples:
    return examples(rows, right, given or [False] * len(rows), [0.3] * len(rows))


def sure(coefficients: kb.Coefficients, of: Examples) -> Numbers:
    return logistic(coefficients.confidence.odds(measured_of(coefficients.ranking, of).signals))


def test_without_labels_nothing_moves() -> None:
    shipped = kb.shipped()
    fitted = fit(shipped, seen([], []), Habits(), shipped.novelty)
    assert np.array_equal(fitted.ranking.answers, shipped.ranking.answers)
    assert np.array_equal(fitted.confidence.weights, shipped.confidence.weights)


def test_the_same_labels_make_the_same_version_and_taking_one_back_undoes_it() -> None:
    rows, right = world(200, seed=1)
    before = fit(kb.shipped(), seen(rows, right), Habits(), 0.3)
    again = fit(kb.shipped(), seen(rows, right), Habits(), 0.3)
    assert before.confidence.version == again.confidence.version
    changed = fit(kb.shipped(), seen(rows, [SHOWN_WRONG, *right[1:]]), Habits(), 0.3)
    assert changed.confidence.version != before.confidence.version
    back = fit(kb.shipped(), seen(rows, right), Habits(), 0.3)
    assert np.array_equal(back.confidence.weights, before.confidence.weights)
    assert np.array_equal(back.ranking.answers, before.ranking.answers)


def test_coefficients_survive_their_json_form() -> None:
    fitted = fit(kb.shipped(), seen(*world(100, seed=2)), Habits(), 0.2)
    read = coefficients_from(coefficients_to(fitted))
    assert read.confidence.version == fitted.confidence.version and read.novelty == 0.2
    assert np.allclose(read.confidence.weights, fitted.confidence.weights)


@pytest.mark.parametrize("flattering", [0.0, 0.2, -0.15])
def test_labels_make_the_confidence_honest(flattering: float) -> None:
    """Whether or not things look better than they are: after some hundred labels what is said is what happens."""
    fitted = fit(kb.shipped(), seen(*world(800, seed=3, flattering=flattering)), Habits(), 0.3)
    later = seen(*world(4_000, seed=4, flattering=flattering))
    said, happened = sure(fitted, later), first_right(measured_of(fitted.ranking, later), later)
    # Four thousand draws have a standard error of at most 0.008 in all, and of about 0.02 in a fifth of them.
    assert abs(said.mean() - happened.mean()) < 0.03
    for part in np.array_split(np.argsort(said), 5):
        assert abs(said[part].mean() - happened[part].mean()) < 0.08


def test_what_was_true_of_thin_knowledge_does_not_weigh_on_thick() -> None:
    """Rivals with one wording make answers that look the same right less often than rivals with twenty do."""
    chance, rows, right = np.random.default_rng(9), [], []
    for number in range(2_400):
        features = world(1, seed=number)[0][0]
        covered = number >= 1_200
        features[0, COLUMNS.index("phrasings")] = np.log(5)
        features[1:, COLUMNS.index("phrasings")] = np.log(20) if covered else 0.0
        rows.append(features)
        right.append(0 if chance.uniform() < (0.95 if covered else 0.7) else NONE_RIGHT)
    learned_from = [number for number in range(2_400) if number % 2]
    fitted = fit(
        kb.shipped(), seen([rows[one] for one in learned_from], [right[one] for one in learned_from]), Habits(), 0.3
    )
    thin, thick = (sure(fitted, seen(part, [UNKNOWN] * len(part))).mean() for part in (rows[:1_200:2], rows[1_200::2]))
    assert abs(thin - 0.7) < 0.04 and abs(thick - 0.95) < 0.03


@pytest.mark.parametrize(("steeper", "least", "most"), [(0.8, 0.5, 0.9), (0.0, -0.1, 0.1), (-0.4, -0.45, -0.2)])
def test_what_is_said_alone_has_an_honesty_of_its_own(steeper: float, least: float, most: float) -> None:
    """Above the knot answers may be right more or less often than those below it let expect."""
    found = []
    for seed in range(8):
        chance = np.random.default_rng(seed)
        odds = chance.uniform(-3, 4, size=6_000)
        true = odds + steeper * np.maximum(odds - KNOT, 0)
        right = (chance.uniform(size=len(odds)) < logistic(true)).astype(float)
        # Nobody says anything of most answers above, and a quarter of the wrong ones is voted down.
        right[(odds > KNOT) & ((right == 1) | (chance.uniform(size=len(odds)) > 0.25))] = np.nan
        found.append(fit_above(odds, right, Habits(voted_down=0.25)))
    assert least <= np.mean(found) <= most


def test_silence_is_not_praise() -> None:
    """A quarter of the wrong answers is voted down and nothing else is said: the rest of them is still expected."""
    chance = np.random.default_rng(5)
    rows, right = world(3_000, seed=6)
    told = [SHOWN_WRONG if one != 0 and chance.uniform() < 0.25 else UNKNOWN for one in right]
    given = seen(rows, told, [True] * len(rows))
    expected = (1 - sure(fit(kb.shipped(), given, Habits(voted_down=0.25), 0.3), given)).mean()
    taken_for_praise = fit(kb.shipped(), seen(rows, [0 if one == UNKNOWN else one for one in told]), Habits(), 0.3)
    wrong = np.mean([one != 0 for one in right])
    assert abs(expected - wrong) < 0.1
    assert (1 - sure(taken_for_praise, given)).mean() < wrong / 2


def test_no_label_makes_likeness_count_against_an_answer() -> None:
    rows, _ = world(300, seed=7)
    upside_down = fit(kb.shipped(), seen(rows, [3] * len(rows)), Habits(), 0.3)
    likeness = np.delete(upside_down.ranking.answers, COLUMNS.index("phrasings"))
    assert (likeness >= 0).all()


def test_the_map_brings_wordings_of_one_entry_together() -> None:
    chance = np.random.default_rng(8)
    noisy = np.zeros(16)
    noisy[:4] = 1.0  # wordings of one entry differ in these directions, entries in the others
    entries = []
    for _ in range(60):
        middle = np.where(noisy, 0.0, chance.normal(0, 1, 16))
        entries.append((middle + noisy * chance.normal(0, 1, (6, 16))).astype(np.float32))
    found = learn(entries, 16)

    def ratio(mapped: list[Numbers]) -> float:
        within = np.mean([each.var(axis=0).sum() for each in mapped])
        return float(within / np.var([each.mean(axis=0) for each in mapped], axis=0).sum())

    assert ratio([found.apply(each) for each in entries]) < 0.5 * ratio(entries)
    assert learn(entries, 16).version == found.version
    assert learn([each[:1] for each in entries], 16).version == even(16).version
