"""Statistics that this project leans on: pure functions from rows of numbers to values, without tables or services.

Every file is one idea and names its sources. Whatever can be wrong comes with an `Interval`; where there is too little
to say anything, `learning.errors.TooFew` says what is missing. What hangs together by conversation is in `clustered`,
what is looked at again and again in `sequential`.
"""

from learning.statistics import clustered, sequential
from learning.statistics.auroc import auroc
from learning.statistics.calibration import (
    CalibrationError,
    ReliabilityBin,
    brier_score,
    expected_calibration_error,
    reliability,
)
from learning.statistics.calibration_tests import FitTest, hosmer_lemeshow, in_the_large, spiegelhalter
from learning.statistics.drift import Adwin, Shift, shifts
from learning.statistics.interval import LEVEL, Interval
from learning.statistics.paired import PairedResult, mcnemar
from learning.statistics.proportions import clopper_pearson, newcombe, wilson
from learning.statistics.retrieval import accuracy, mean_reciprocal_rank, rank_of, recall_at
from learning.statistics.selective import RiskCurve, answered_at, risk_curve
from learning.statistics.voters import OneSided, ThinFeedback, Votes, one_sided, thin_feedback
from learning.statistics.weighted import share_of_all, share_of_drawn

__all__ = [
    "LEVEL",
    "Adwin",
    "CalibrationError",
    "FitTest",
    "Interval",
    "OneSided",
    "PairedResult",
    "ReliabilityBin",
    "RiskCurve",
    "Shift",
    "ThinFeedback",
    "Votes",
    "accuracy",
    "answered_at",
    "auroc",
    "brier_score",
    "clopper_pearson",
    "clustered",
    "expected_calibration_error",
    "hosmer_lemeshow",
    "in_the_large",
    "mcnemar",
    "mean_reciprocal_rank",
    "newcombe",
    "one_sided",
    "rank_of",
    "recall_at",
    "reliability",
    "risk_curve",
    "sequential",
    "share_of_all",
    "share_of_drawn",
    "shifts",
    "spiegelhalter",
    "thin_feedback",
    "wilson",
]
