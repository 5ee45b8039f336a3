"""The stream: which past questions are asked in which order, what is known before the first, and what answers them.

Pure, and drawn with one seed: the same rows and the same plan give the same stream. What one topic's answer says never
holds a word of the topic's name, unless people wrote it: a name in the answer would help the search.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.backtest.plan import Plan
from bot.errors import Unusable
from bot.past import Past, PastQuestion
from kb.rows import LONGEST_ANSWER
from kb.text import has_words

_NUMBER = re.compile(r"\d{1,15}(?:\.\d+)?")
#: Says for each of several answers which earlier one says the same; the first of its kind is its own.
SameAnswers = Callable[[Sequence[str]], Sequence[int]]


@dataclass(frozen=True)
class Topic:
    """What several questions have in common: one right answer."""

    number: int
    answer: str


@dataclass(frozen=True)
class Question:
    """A question of the stream."""

    text: str
    #: The number of the topic whose answer is right; None where nothing answers it.
    topic: int | None


@dataclass(frozen=True)
class Stream:
    """What is known, and what is asked."""

    topics: tuple[Topic, ...]
    #: The wordings of the topics that are known at the start, by the topic's number.
    known: Mapping[int, tuple[str, ...]]
    #: In the order in which they are asked.
    questions: tuple[Question, ...]


def draw(past: Past, plan: Plan, same: SameAnswers) -> Stream:
    """The stream of a file.

    Args:
        same: which answers say the same; asked only where the file has no topics.

    Raises:
        Unusable: there are not two topics, nothing is left to be asked, or a time cannot be read.
    """
    numbers = _topics(past, same)
    topics = _answers(past, numbers)
    _check(past, topics)
    chance = random.Random(f"stream {plan.seed}")
    rows = list(range(len(past.questions)))
    chance.shuffle(rows)
    known_rows = _known(rows, numbers, len(topics), plan, chance)
    taken = {row for mine in known_rows.values() for row in mine}
    if past.questions[0].time is not None:
        rows = _by_time(past)
    asked = [row for row in rows if row not in taken][: plan.limit or None]
    if len(asked) < plan.periods:
        raise Unusable(
            f"{past.name}: {len(asked)} questions are left to be asked once {len(taken)} are known, too few for "
            f"{plan.periods} periods. Use a larger file, or a smaller --known-share."
        )
    return Stream(
        topics=topics,
        known={topic: tuple(past.questions[row].text for row in mine) for topic, mine in known_rows.items()},
        questions=tuple(Question(past.questions[row].text, numbers[row]) for row in asked),
    )


def _topics(past: Past, same: SameAnswers) -> list[int | None]:
    """The topic of each row by number, in the order in which they turn up; None outside."""
    keys = [None if one.outside else one.key for one in past.questions]
    distinct = list(dict.fromkeys(key for key in keys if key is not None))
    leaders = range(len(distinct)) if past.questions[0].topic is not None else same(distinct)
    numbers = {leader: number for number, leader in enumerate(dict.fromkeys(leaders), start=1)}
    topics = {key: numbers[leader] for key, leader in zip(distinct, leaders, strict=True)}
    return [None if key is None else topics[key] for key in keys]


def _answers(past: Past, numbers: Sequence[int | None]) -> tuple[Topic, ...]:
    """The topics with what people answer: what they answered most often, else a sentence of no meaning."""
    given: dict[int, Counter[str]] = {}
    for one, number in zip(past.questions, numbers, strict=True):
        if number is not None:
            said = given.setdefault(number, Counter())
            if one.answer is not None and has_words(one.answer):
                said[one.answer[:LONGEST_ANSWER]] += 1
    return tuple(
        Topic(number, said.most_common(1)[0][0] if said else f"This question is answered under topic number {number}.")
        for number, said in given.items()
    )


def _check(past: Past, topics: Sequence[Topic]) -> None:
    outside = sum(one.outside for one in past.questions)
    if not topics:
        raise Unusable(f"{past.name}: all {outside} rows are marked as outside; there is nothing that could be known.")
    if len(topics) == 1 and not outside:
        raise Unusable(
            f"{past.name}: all {len(past.questions)} rows have one topic, so every answer would be right. "
            "A backtest needs at least two topics, or questions that are outside (--outside)."
        )


def _known(
    rows: Sequence[int], numbers: Sequence[int | None], topics: int, plan: Plan, chance: random.Random
) -> dict[int, list[int]]:
    """For each topic that is known at the start the rows that make it known."""
    drawn = list(range(1, topics + 1))
    chance.shuffle(drawn)
    known: dict[int, list[int]] = {topic: [] for topic in drawn[: round(plan.known_share * topics)]}
    for row in rows:
        mine = known.get(numbers[row] or 0)
        if mine is not None and len(mine) < plan.known_phrasings:
            mine.append(row)
    return known


def _by_time(past: Past) -> list[int]:
    """The rows from the oldest to the newest; equal times keep the order of the file."""
    found = [(_time(past, one), row) for row, one in enumerate(past.questions)]
    return [row for _, row in sorted(found)]


def _time(past: Past, one: PastQuestion) -> float:
    """Seconds since 1970.

    Raises:
        Unusable: it is neither a number nor a date.
    """
    text = (one.time or "").strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Unusable(
            f"{past.name}, {one.position}: '{text[:40]}' is no time. Write times as 2026-03-31T09:30, or as a number."
        ) from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
