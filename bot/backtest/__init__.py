"""Backtests: what the loop would have done on a team's past questions, told before anybody is answered.

The real code runs, on a workspace of its own: search, confidence, budget, handoffs, proposals, approvals, publishing.
Simulated are only the people, and what they do is written down in `bot.backtest.people` and in the plan.
"""

import tempfile
import time
from functools import partial
from pathlib import Path

from bot.assembly import embedder_apart
from bot.backtest.answers import same_answers
from bot.backtest.drive import Drive, Progress
from bot.backtest.embedding import Remembering
from bot.backtest.plan import Plan
from bot.backtest.report import Report, plain, report
from bot.backtest.stream import draw
from bot.backtest.workplace import workplace
from bot.past import Past
from bot.settings import Settings

__all__ = ["Plan", "Progress", "Report", "plain", "run"]


def run(settings: Settings, past: Past, plan: Plan, progress: Progress) -> Report:
    """Ask past questions as if the bot had been there.

    Args:
        settings: which embedding model; nothing else of the live workspace is looked at.
        progress: told how many questions have been asked and how many there are.

    Raises:
        Unusable: the past questions do not make a backtest; the message says why.
        ModelMissing: the embedding model is not there.
    """
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="answerloop-model-") as folder,
        Remembering(embedder_apart(settings, Path(folder))) as embedder,
    ):
        stream = draw(past, plan, partial(same_answers, embedder=embedder))
        embedder.begin([wording for wordings in stream.known.values() for wording in wordings])
        embedder.begin([topic.answer for topic in stream.topics])
        embedder.begin([question.text for question in stream.questions])
        english = not settings.embedding_model
        with workplace(embedder, plan, english=english) as place:
            tally = Drive(place, stream, plan).run(progress)
    seconds = time.monotonic() - started
    return report(plan, past.name, stream, tally, left_out=len(past.left_out), seconds=seconds)
