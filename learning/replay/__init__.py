"""Replay: recorded decisions decided again with another model, prompt, confidence or knowledge, and compared. Dry.

Always: a replay has no effect on the world. What decides again is given no means to post, to run a tool or to write
(`dry`); what it says is kept apart from the records (`store`), by an object that it never sees (`runner`). Comparison,
safety, verdict and estimate are pure.
"""

from learning.replay import store
from learning.replay.agents import ModelReplay, RunReader, run_reader
from learning.replay.comparison import SAYS_THE_SAME, compare
from learning.replay.dry import Dry, ReplayIsDry
from learning.replay.estimate import CHARACTERS_PER_TOKEN, Estimate, Expected, Price, estimate
from learning.replay.runner import AWAY_AFTER, Replays
from learning.replay.safety import Hazard, Safety, change, hazards
from learning.replay.store import newest
from learning.replay.tools import NOT_RECORDED, RecordedTools, ToolDifference, differences
from learning.replay.values import (
    Answered,
    Attempt,
    Case,
    Difference,
    NotReplayed,
    Progress,
    Replayer,
    Run,
    RunId,
    State,
    Used,
)
from learning.replay.verdict import Paired, Verdict, verdict

__all__ = [
    "AWAY_AFTER",
    "CHARACTERS_PER_TOKEN",
    "NOT_RECORDED",
    "SAYS_THE_SAME",
    "Answered",
    "Attempt",
    "Case",
    "Difference",
    "Dry",
    "Estimate",
    "Expected",
    "Hazard",
    "ModelReplay",
    "NotReplayed",
    "Paired",
    "Price",
    "Progress",
    "RecordedTools",
    "ReplayIsDry",
    "Replayer",
    "Replays",
    "Run",
    "RunId",
    "RunReader",
    "Safety",
    "State",
    "ToolDifference",
    "Used",
    "Verdict",
    "change",
    "compare",
    "differences",
    "estimate",
    "hazards",
    "newest",
    "run_reader",
    "store",
    "verdict",
]
