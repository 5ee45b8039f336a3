"""Cohorts: decisions that share versions or a tag, compared with intervals; and alarms where something changed.

`observed` reads what became of each question; everything else is pure.
"""

from learning.cohorts.alarms import LATELY, Alarm, AlarmKind, Shifted, alarms
from learning.cohorts.comparison import Comparison, Measure, Side, compare
from learning.cohorts.experiments import Experiment, arms
from learning.cohorts.observations import WINDOW, Checked, Observation
from learning.cohorts.reading import observed, standing_votes
from learning.cohorts.selection import Cohort, Selector, automatic, parse, tagged

__all__ = [
    "LATELY",
    "WINDOW",
    "Alarm",
    "AlarmKind",
    "Checked",
    "Cohort",
    "Comparison",
    "Experiment",
    "Measure",
    "Observation",
    "Selector",
    "Shifted",
    "Side",
    "alarms",
    "arms",
    "automatic",
    "compare",
    "observed",
    "parse",
    "standing_votes",
    "tagged",
]
