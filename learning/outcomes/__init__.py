"""Outcomes: what happened after an answer, found by the system: somebody came back, or nobody; people were called; what
they settled stayed so, or did not.

Each closed window is judged once. What is found says how it was found and what shows it; silence is unknown.
"""

from learning.outcomes.looking import BATCH, SaidAt, judge, keep, look, of, take_back
from learning.outcomes.values import (
    AFTER_ANSWER,
    AFTER_RESOLUTION,
    MEANINGS,
    Finding,
    Judged,
    Meaning,
    Outcome,
    OutcomeKind,
    Window,
)

__all__ = [
    "AFTER_ANSWER",
    "AFTER_RESOLUTION",
    "BATCH",
    "MEANINGS",
    "Finding",
    "Judged",
    "Meaning",
    "Outcome",
    "OutcomeKind",
    "SaidAt",
    "Window",
    "judge",
    "keep",
    "look",
    "of",
    "take_back",
]
