"""Signals: what behaviour said of a decision, each with how it was found.

Always: what shows a signal counts once, however often it is looked at; a signal says what happened and is no verdict.
That somebody left after an answer says nothing, and how long they wrote is no praise.

What somebody says after an answer is overheard (`overhear`), compared by its `subject`, judged (`hear`, pure) and kept
(`keep`).
"""

from learning.signals.asking import Before, Likeness, Limits, Own, subject
from learning.signals.hearing import Heard, hear
from learning.signals.listening import Overheard, keep, overhear
from learning.signals.store import Signal, SignalKind, between, note, of

__all__ = [
    "Before",
    "Heard",
    "Likeness",
    "Limits",
    "Overheard",
    "Own",
    "Signal",
    "SignalKind",
    "between",
    "hear",
    "keep",
    "note",
    "of",
    "overhear",
    "subject",
]
