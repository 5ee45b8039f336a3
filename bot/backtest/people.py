"""The people of a backtest: what they do is drawn with one seed, what they know of right and wrong is the truth."""

import random
from collections.abc import Sequence
from typing import TypeVar

from bot.backtest.plan import Plan
from bot.backtest.stream import Question, Topic
from learning.wording import plain_answer

_T = TypeVar("_T")

#: What people say to a question that nothing answers; nothing is learned from it.
OUT_OF_REACH = "This is not something that we can help with here."


class Truth:
    """Which answers are right."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._answers = {topic.number: topic.answer for topic in topics}
        self._plain = {number: plain_answer(answer) for number, answer in self._answers.items()}

    def answer(self, question: Question) -> str:
        """What people answer."""
        return OUT_OF_REACH if question.topic is None else self._answers[question.topic]

    def is_right(self, question: Question, answer: str) -> bool:
        """Whether an answer answers the question; nothing does where it is outside."""
        return question.topic is not None and plain_answer(answer) == self._plain[question.topic]


class People:
    """Askers and admins, who do what they do so often."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._chance = random.Random(f"people {plan.seed}")

    def votes(self, *, right: bool) -> bool:
        """Whether somebody who was answered says with a thumb what they think of it."""
        return self._does(self._plan.praise_share if right else self._plan.vote_share)

    def chooses(self, right: Sequence[_T], wrong: Sequence[_T]) -> _T | None:
        """Which of the questions offered somebody clicks; None for none of them."""
        if right:
            return right[0] if self._does(self._plan.click_share) else None
        return self._chance.choice(wrong) if self._does(self._plan.wrong_click_share) else None

    def approves(self) -> bool:
        """Whether an admin approves what is right."""
        return self._does(self._plan.approve_share)

    def _does(self, share: float) -> bool:
        return self._chance.random() < share
