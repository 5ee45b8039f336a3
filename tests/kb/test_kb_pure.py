"""The pure parts: text, points, keywords, ranking, confidence, and the JSON of a version."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

import kb
from kb import snapshots
from kb.confidence import SIGNAL_NAMES, Measured, measure
from kb.entries import EntryKind, EntryStatus
from kb.keywords import KeywordIndex
from kb.live_entries import LiveEntry
from kb.points import entry_of, points_of
from kb.ranking import COLUMNS, votes
from kb.text import has_words, normalise, sentences, stems, words
from kb.vocabulary import Vocabulary, words_of
from kb.word_likeness import WordLikeness

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def entry(
    question: str,
    answer: str = "See the help page.",
    *phrasings: str,
    kind: EntryKind = EntryKind.ANSWER,
    audience: kb.Audience = kb.EVERYONE,
) -> kb.Entry:
    content = kb.Draft(question, answer, kb.Provenance("ingest"), phrasings=phrasings, kind=kind, audience=audience)
    return kb.Entry(kb.WorkspaceId("T1"), kb.EntryId(kb.new_ulid()), 1, EntryStatus.LIVE, content, "ada", NOW)


def test_words_are_stemmed_and_scripts_without_spaces_are_cut_in_pairs() -> None:
    assert stems("Resetting passwords, the CAT's bowl") == ["reset", "password", "the", "cat", "bowl"]
    assert stems("再設定") == ["再設", "設定"]
    assert normalise("  HOW do I…  reset—it?! ") == "how do i reset it"


@given(some.text())
def test_no_text_upsets_the_reading_of_it(text: str) -> None:
    assert has_words(text) or not normalise(text).replace("_", "").strip() or ":" in text
    assert all(part.strip() for part in sentences(text))
    assert all(stems(text))


@given(some.text(), some.sampled_from(["{}?!", "  {}", "“{}”"]), some.sampled_from([str.lower, str.upper, str.title]))
def test_wordings_that_count_as_the_same_have_the_same_stems(text: str, form: str, case: Callable[[str], str]) -> None:
    other = form.format(case(text))
    if normalise(other) == normalise(text):
        assert stems(other) == stems(text)


@pytest.mark.parametrize(
    ("question", "worded"),
    [
        ("How do I reset my password?", True),
        ("how do i reset MY password", True),
        ("I lost my password", True),
        ("I\u2019ve lost it", True),
        ("How do I reset my passwords?", False),  # the same stems, other words
        ("How do I reset", False),
    ],
)
@pytest.mark.parametrize("others", [0, 30])
def test_a_question_is_worded_where_a_wording_is_it_but_for_case_and_punctuation(
    question: str, worded: bool, others: int
) -> None:
    more = [f"Wording number {number}" for number in range(others)]
    known = entry("How do I reset my password?", "See the help page.", "I lost my password!", "I've lost it", *more)
    vocabulary = Vocabulary()
    live = LiveEntry(known, words_of(known, vocabulary))
    assert live.is_worded(vocabulary.packed(stems(question)), normalise(question)) is worded
    assert [live.has_point(point.id) for point in points_of(known)] == [True] * (4 + others)
    assert not live.has_point(f"{known.id}:question:of-an-older-version")


def test_a_passage_is_no_wording() -> None:
    passage = entry("Passwords", "How do I reset my password?", kind=EntryKind.PASSAGE)
    vocabulary = Vocabulary()
    live = LiveEntry(passage, words_of(passage, vocabulary))
    assert not live.is_worded(vocabulary.packed(stems("Passwords")), normalise("Passwords"))


def test_sentences_are_whole_and_short_ones_are_joined() -> None:
    text = "First sentence is here. Yes. The second one is a bit longer!\n\n"
    text += "- an item of a long list\n- yet another list item"
    assert sentences(text) == (
        "First sentence is here.",
        "Yes. The second one is a bit longer!",
        "- an item of a long list",
        "- yet another list item",
    )
    assert sentences("Short.") == ("Short.",)


@given(some.text(min_size=1), some.lists(some.text()), some.text(min_size=1), some.none() | some.dates())
def test_a_version_reads_back_as_it_was_written(
    question: str, phrasings: list[str], answer: str, review_by: date | None
) -> None:
    origin = kb.Provenance("proposal", "a", "b", "c", "d", ("e", "f"), ("g",))
    draft = kb.Draft(question, answer, origin, tuple(phrasings), EntryKind.PASSAGE, review_by=review_by)
    draft = replace(draft, audience=kb.Audience(frozenset({"channel:C1", "group:S1"})))
    assert snapshots.from_json(snapshots.to_json(draft)) == draft


def test_the_same_content_makes_the_same_points_and_only_while_live() -> None:
    passage = entry("Care", "Oil it every year. Use linseed oil only.", kind=EntryKind.PASSAGE)
    points = points_of(passage)
    assert [point.role for point in points] == ["question", "answer", "sentence"]
    assert {entry_of(point.id) for point in points} == {passage.id}
    assert points_of(replace(passage, version=2)) == points
    assert points_of(replace(passage, status=EntryStatus.STOPPED)) == ()
    known = entry("Why?", "Because.", "How come?")
    assert [(point.role, point.text) for point in points_of(known)] == [
        ("question", "Why?"),
        ("question", "How come?"),
        ("answer", "Because."),
    ]


def index_of(*entries: kb.Entry) -> KeywordIndex:
    index = KeywordIndex()
    for each in entries:
        index.put(each, words_of(each, index.vocabulary))
    return index


def weights(index: KeywordIndex, *stems: str) -> list[float]:
    return index.weights(index.numbers(stems)).tolist()


def test_rare_words_tell_more_than_common_ones_and_stop_words_least() -> None:
    index = index_of(*(entry(f"The lamp number {number}") for number in range(20)), entry("The socket"))
    unheard_of, socket, lamp, the = weights(index, "unheard-of", "socket", "lamp", "the")
    assert unheard_of > socket > lamp > the > 0


def test_restricted_entries_change_no_weights_and_forgetting_restores_them() -> None:
    public = [entry(f"The lamp number {number}") for number in range(5)]
    index = index_of(*public)
    lamp = words_of(public[0], index.vocabulary).every

    def told() -> tuple[list[float], list[float]]:
        asked = WordLikeness(index, stems("a secret lamp"))
        return weights(index, "lamp", "secret"), asked.coverage([lamp]).tolist()

    before = told()
    hidden = entry("The secret lamp", audience=kb.Audience(frozenset({"channel:C1"})))
    index.put(hidden, words_of(hidden, index.vocabulary))
    assert told() == before
    assert index.nominate(["secret"], frozenset(), EntryKind.ANSWER, 5) == []
    assert index.nominate(["secret"], frozenset({"channel:C1"}), EntryKind.ANSWER, 5) == [hidden.id]
    shown = entry("Another secret lamp")
    index.put(shown, words_of(shown, index.vocabulary))
    assert weights(index, "secret") < before[0][1:]
    index.remove(shown.id)
    assert told() == before


_TEXTS = some.lists(some.sampled_from(["lamp", "socket", "the", "how", "order", "E27", "red"]), min_size=1).map(
    " ".join
)
_VERSIONS = some.builds(
    entry,
    _TEXTS,
    _TEXTS,
    kind=some.sampled_from(EntryKind),
    audience=some.sampled_from([kb.EVERYONE, kb.Audience(frozenset({"channel:C1"}))]),
)


@given(some.lists(some.tuples(some.integers(0, 5), some.none() | _VERSIONS)), _TEXTS)
def test_an_index_that_was_changed_finds_what_one_made_of_the_outcome_finds(
    changes: list[tuple[int, kb.Entry | None]], question: str
) -> None:
    ids = [kb.EntryId(f"{number:026}") for number in range(6)]
    changed, outcome = KeywordIndex(), dict[int, kb.Entry]()
    for number, version in changes:
        if version is None:
            changed.remove(ids[number])
            outcome.pop(number, None)
        else:
            changed.put(replace(version, id=ids[number]), words_of(version, changed.vocabulary))
            outcome[number] = version
    made = index_of(*(replace(version, id=ids[number]) for number, version in sorted(outcome.items())))

    def finds(index: KeywordIndex) -> object:
        readers = (frozenset[str](), frozenset({"channel:C1"}))
        asked = stems(question)
        likeness = WordLikeness(index, asked)
        texts = [words_of(version, index.vocabulary) for _, version in sorted(outcome.items())]
        wordings = [wording for each in texts for wording in each.wordings]
        return (
            [index.nominate(asked, some_readers, kind, 4) for some_readers in readers for kind in EntryKind],
            [sorted(index.admitted(some_readers, kind, 9) or ()) for some_readers in readers for kind in EntryKind],
            [index.saying(stems(version.answer)) for version in outcome.values()],
            weights(index, *asked),
            [cosines.tolist() for cosines in likeness.cosines(wordings)],
            likeness.coverage([each.every for each in texts]).tolist(),
            likeness.bm25([each.body for each in texts]).tolist(),
            index.typical_length,
        )

    assert finds(changed) == finds(made)


def test_who_shares_the_rarest_words_is_nominated_first() -> None:
    common = [entry(f"How do I order lamp {number}?") for number in range(30)]
    rare = entry("How do I order socket E27?")
    found = index_of(*common, rare).nominate(stems("order an E27 lamp"), frozenset(), EntryKind.ANSWER, 3)
    assert found[0] == rare.id
    assert len(found) == 3


def test_votes_are_shares_of_the_nearest_wordings() -> None:
    # The answers' texts lie between the wordings and have no vote.
    shares = votes(np.array([0.99, 0.9, 0.8, 0.99, 0.5]), np.array([3, 0, 0, 3, 1]), 3)
    assert shares.sum() == pytest.approx(1.0, abs=1e-3)
    assert shares[0] > 0.99
    assert shares[2] == 0.0
    assert votes(np.array([0.8, 0.8]), np.array([0, 1]), 2) == pytest.approx([0.5, 0.5], abs=1e-3)
    # The only entry there is does not win by being the only one.
    assert votes(np.array([0.3]), np.array([0]), 1)[0] < 0.1
    # Passages alone were found.
    assert votes(np.array([0.9, 0.8]), np.array([2, 2]), 2).tolist() == [0.0, 0.0]


def row(**features: float) -> list[float]:
    return [features.get(name, 0.0) for name in COLUMNS]


def test_being_more_alike_never_makes_a_score_or_the_confidence_smaller() -> None:
    shipped = kb.shipped()
    free = [COLUMNS.index("phrasings")]
    assert (np.delete(shipped.ranking.answers, free) >= 0).all()
    assert (shipped.ranking.passages.weights >= 0).all()
    free = [SIGNAL_NAMES.index(name) for name in ("phrasings", "novelty")]
    assert (np.delete(shipped.confidence.weights, free) >= 0).all()
    assert shipped.confidence.weights[SIGNAL_NAMES.index("novelty")] < 0


def test_confidence_is_a_probability_and_a_rival_lowers_it() -> None:
    shipped = kb.shipped()
    strong = row(nearest=0.8, centroid=0.8, vote=0.9, coverage=0.9, fit=-2.5)
    weak = row(nearest=0.2, centroid=0.2, vote=0.05, coverage=0.1, fit=-10.0)

    def sure(*rows: list[float], exact_claims: int = 0) -> float:
        features = np.array(rows)
        there, novelty = np.ones((1, len(rows)), dtype=bool), np.array([0.3])
        measured = measure(
            features[None], there, shipped.ranking.linear(features)[None], novelty, shipped.ranking.by_chance
        )
        assert measured.signals.shape == (1, len(SIGNAL_NAMES))
        return shipped.confidence.probability(measured.signals[0], exact_claims=exact_claims)

    assert 0.0 < sure(weak) < 0.1 < sure(strong, strong) < sure(strong, weak) <= sure(strong) < 1.0
    assert sure(weak, exact_claims=1) > 0.95
    assert sure(strong, exact_claims=2) < 0.5


def test_how_well_covered_rivals_are_is_measured_of_those_that_are_there_and_makes_surer() -> None:
    shipped, rivals = kb.shipped(), SIGNAL_NAMES.index("rivals")
    first = row(nearest=0.8, centroid=0.8, vote=0.9, coverage=0.9, fit=-2.5, phrasings=3.0)
    thin, thick = (row(nearest=0.2, centroid=0.2, fit=-10.0, phrasings=one) for one in (0.0, 2.0))

    def found(rows: list[list[float]], there: list[bool]) -> Measured:
        features = np.array([rows])
        return measure(
            features, np.array([there]), shipped.ranking.linear(features), np.array([0.3]), shipped.ranking.by_chance
        )

    assert found([first, thin, thick], [True, True, True]).signals[0, rivals] == pytest.approx(1.0)
    assert found([first, thin, thick], [True, True, False]).signals[0, rivals] == 0.0
    assert found([first, thin, thick], [True, False, False]).signals[0, rivals] == 0.0, "it is no rival of its own"
    # What else is measured follows from the order alone, which is the same.
    less, more = (found([first, one], [True, True]).signals[0] for one in (thin, thick))
    assert shipped.confidence.odds(np.where(np.arange(len(less)) == rivals, more, less)) > shipped.confidence.odds(less)


def test_coefficients_for_measurements_that_do_not_exist_are_refused() -> None:
    wrong = {
        "ranking": {
            "version": "x",
            "answers": {"weights": {"luck": 1}},
            "passages": {"weights": {}, "scale": 1, "bias": 0},
        },
        "confidence": {"version": "x", "weights": {}, "bias": 0},
    }
    with pytest.raises(ValueError, match="luck"):
        kb.coefficients_from(wrong)


@given(some.text(some.characters(max_codepoint=127)))
def test_plain_text_is_read_like_any_other(text: str) -> None:
    # The sign has a word's pairs of characters but none of its own, so that the other way of reading is taken.
    assert [*words(text), "再設"] == list(words(f"{text} 再設"))
