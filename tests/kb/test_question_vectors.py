"""What is promised of questions that are asked again: they cost no second embedding."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from kb.question_vectors import QuestionVectors
from kb.vectors import Vector


class Counting:
    """A model that remembers what it was asked to embed."""

    dimension = 2

    def __init__(self, model: str = "counting@1") -> None:
        self.model = model
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vector:
        self.asked.extend(texts)
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)


def test_a_question_asked_again_is_not_embedded_again() -> None:
    vectors, model = QuestionVectors(), Counting()
    first = vectors.of("How long?", model)
    assert np.array_equal(vectors.of("How long?", model), first)
    assert model.asked == ["How long?"]
    assert vectors.of("How much?", model) is not first


def test_who_has_other_things_to_do_meanwhile_gets_the_same_vector_and_every_error() -> None:
    class Broken(Counting):
        def embed(self, texts: Sequence[str]) -> Vector:
            raise RuntimeError("broken on purpose")

    def failing() -> None:
        raise LookupError("the work failed")

    vectors, model = QuestionVectors(), Counting()
    first, done = vectors.beside("How long?", model, lambda: "done")
    again, done_again = vectors.beside("How long?", model, lambda: "done again")
    assert (done, done_again) == ("done", "done again")
    assert np.array_equal(again, first)
    assert np.array_equal(vectors.of("How long?", model), first)
    assert model.asked == ["How long?"]
    with pytest.raises(RuntimeError, match="on purpose"):
        vectors.beside("How long?", Broken("broken@1"), lambda: "done")
    for question in ("How long?", "How much?"):
        with pytest.raises(LookupError, match="the work failed"):
            vectors.beside(question, model, failing)


def test_other_things_are_done_while_a_question_is_embedded() -> None:
    done = Event()

    class Waiting(Counting):
        def embed(self, texts: Sequence[str]) -> Vector:
            assert done.wait(10)
            return super().embed(texts)

    vector, _ = QuestionVectors().beside("How long?", Waiting(), done.set)
    assert vector.tolist() == [9.0, 1.0]


def test_another_model_embeds_for_itself() -> None:
    vectors, one, other = QuestionVectors(), Counting(), Counting("counting@2")
    vectors.of("How long?", one)
    vectors.of("How long?", other)
    assert one.asked == other.asked == ["How long?"]


def test_what_was_not_asked_for_longest_is_forgotten_first() -> None:
    vectors, model = QuestionVectors(most=2), Counting()
    for question in ("a", "b", "a", "c", "a", "b"):
        vectors.of(question, model)
    assert model.asked == ["a", "b", "c", "b"]


def test_nobody_can_change_what_is_remembered() -> None:
    vector = QuestionVectors().of("How long?", Counting())
    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 0.0


def test_many_threads_may_ask_at_once() -> None:
    vectors, model = QuestionVectors(most=8), Counting()
    questions = ["q" * (1 + number % 20) for number in range(2_000)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda text: vectors.of(text, model)[0], questions))
    assert found == [len(text) for text in questions]
