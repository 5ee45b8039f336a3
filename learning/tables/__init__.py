"""Every table that `learning` owns. Importing this package is enough for the shared metadata to describe them.

The workspace leads every primary key and unique constraint. Rows never leave the library: functions return values.
"""

from learning.tables.calibration import BudgetRow, LabelRow
from learning.tables.changes import (
    AuditHeadRow,
    AuditRow,
    ProposalRow,
    ProposalSourceRow,
    ReviewRow,
)
from learning.tables.decisions import (
    ChoiceRow,
    DecisionEvidenceRow,
    DecisionPostRow,
    DecisionRow,
    ExplanationRow,
    OutcomeRow,
    RecordHeadRow,
    RecordSealRow,
    SignalRow,
    SpotCheckRow,
    VoteChangeRow,
    VoteRow,
)
from learning.tables.replays import ReplayCaseRow, ReplayRunRow
from learning.tables.talk import (
    ConversationRow,
    HandoffChangeRow,
    HandoffRow,
    MessageRow,
    PersonKeyRow,
    PersonRow,
    ResolutionRow,
    WorkspaceKeyRow,
)

__all__ = [
    "AuditHeadRow",
    "AuditRow",
    "BudgetRow",
    "ChoiceRow",
    "ConversationRow",
    "DecisionEvidenceRow",
    "DecisionPostRow",
    "DecisionRow",
    "ExplanationRow",
    "HandoffChangeRow",
    "HandoffRow",
    "LabelRow",
    "MessageRow",
    "OutcomeRow",
    "PersonKeyRow",
    "PersonRow",
    "ProposalRow",
    "ProposalSourceRow",
    "RecordHeadRow",
    "RecordSealRow",
    "ReplayCaseRow",
    "ReplayRunRow",
    "ResolutionRow",
    "ReviewRow",
    "SignalRow",
    "SpotCheckRow",
    "VoteChangeRow",
    "VoteRow",
    "WorkspaceKeyRow",
]
