"""What people have shown of the bot's decisions: which entry answered a question, or that the shown one did not.

Labels are read from where people's words are kept (choices, spot checks, votes), so that a vote taken back or a choice
found wrong is so here too. Only what a resolution showed is written here: it is known when staff's words are compared
with what is known, and nowhere else. Of several labels on one decision the strongest counts: a spot check that found
the answer right, then a resolution, a spot check that found it wrong, a choice, a vote. A thumbs-up is no label: praise
costs an attacker nothing, and spot checks tell what is right.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    select,
    union,
)
from sqlalchemy.orm import Session

from kb.database import rows_of
from kb.ids import EntryId, WorkspaceId
from learning.feedback import Rating
from learning.ids import DecisionId
from learning.proposals.values import Origin, ProposalState
from learning.rows import compare_and_set, insert_if_absent
from learning.spot_checks import Verdict
from learning.tables import ChoiceRow, LabelRow, ProposalRow, ProposalSourceRow, SpotCheckRow, VoteRow

#: How many ids go into one `IN (...)`.
_CHUNK = 500


class Shown(StrEnum):
    """What people have shown of a decision."""

    #: An entry is known to answer; it may or may not have been the first.
    ENTRY = "entry"
    #: Nothing that was known then answered it.
    NOTHING = "nothing"
    #: What was given first did not answer it; what does is not known.
    NOT_THE_FIRST = "not_the_first"


@dataclass(frozen=True)
class Label:
    """What is known of one decision."""

    decision: DecisionId
    #: None: nothing yet.
    shown: Shown | None = None
    #: Which entry answers, where one is known to.
    entry: EntryId | None = None
    #: Whether somebody voted the answer down at this moment.
    voted_down: bool = False
    #: Whether staff judged it in a spot check, and found it wrong.
    checked: bool = False
    checked_wrong: bool = False
    #: Whether the asker chose from the offered questions, and chose wrongly.
    chose: bool = False
    chose_wrong: bool = False


def settled(
    session: Session, workspace: WorkspaceId, decision: DecisionId, entry: EntryId | None, *, now: datetime
) -> None:
    """Keep what a resolution showed: the entry that says the same as staff did, or None where nothing known does."""
    key, shown = {"workspace": workspace, "decision": decision}, {"entry": entry, "at": now}
    if not insert_if_absent(session, LabelRow, {**key, **shown}):
        compare_and_set(session, LabelRow, key, shown)


def changed(session: Session, workspace: WorkspaceId, since: datetime) -> frozenset[DecisionId]:
    """The decisions of which anybody showed anything from `since` on."""
    found = rows_of(session, _changed_since(), {"workspace": workspace, "since": since})
    return frozenset(DecisionId(decision) for (decision,) in found if decision is not None)


def of(session: Session, workspace: WorkspaceId, decisions: Iterable[DecisionId]) -> dict[DecisionId, Label]:
    """What is known of decisions; those of which nothing is known are left out."""
    wanted = sorted(set(decisions))
    found: dict[DecisionId, Label] = {}
    for start in range(0, len(wanted), _CHUNK):
        found |= _of(session, workspace, wanted[start : start + _CHUNK])
    return found


def found_wrong(session: Session, workspace: WorkspaceId) -> tuple[int, int]:
    """How many answers spot checks ever found wrong, and how many of these are voted down."""
    found, of_them_voted_down = rows_of(session, _found_wrong(), {"workspace": workspace}).one()
    return int(found), int(of_them_voted_down)


def _of(session: Session, workspace: WorkspaceId, wanted: list[DecisionId]) -> dict[DecisionId, Label]:
    some = {"workspace": workspace, "decisions": wanted}
    down = {DecisionId(one) for (one,) in rows_of(session, _voted_down(), some)}
    checked = {DecisionId(one): verdict for one, verdict in rows_of(session, _checked(), some)}
    settled_by = {DecisionId(one): entry for one, entry in rows_of(session, _resolved(), some)}
    chosen, chosen_wrong = _choices(session, workspace, wanted)
    found: dict[DecisionId, Label] = {}
    for decision in down | checked.keys() | settled_by.keys() | chosen.keys():
        shown, entry = _strongest(decision, checked, settled_by, chosen, chosen_wrong, down)
        found[decision] = Label(
            decision,
            shown,
            entry,
            voted_down=decision in down,
            checked=decision in checked,
            checked_wrong=checked.get(decision) == Verdict.WRONG,
            chose=decision in chosen,
            chose_wrong=decision in chosen_wrong,
        )
    return found


def _strongest(
    decision: DecisionId,
    checked: dict[DecisionId, str | None],
    settled_by: dict[DecisionId, str | None],
    chosen: dict[DecisionId, str | None],
    chosen_wrong: set[DecisionId],
    down: set[DecisionId],
) -> tuple[Shown | None, EntryId | None]:
    if checked.get(decision) == Verdict.RIGHT:
        return Shown.ENTRY, None  # the first one: who reads this knows which that was
    if decision in settled_by:
        entry = settled_by[decision]
        return (Shown.NOTHING, None) if entry is None else (Shown.ENTRY, EntryId(entry))
    if checked.get(decision) == Verdict.WRONG:
        return Shown.NOT_THE_FIRST, None
    meant = chosen.get(decision)
    if meant is not None and decision not in chosen_wrong:
        return Shown.ENTRY, EntryId(meant)
    if decision in chosen and meant is None:
        # None of three: where the right one was further down, nobody has said so.
        return Shown.NOT_THE_FIRST, None
    return (Shown.NOT_THE_FIRST, None) if decision in down else (None, None)


def _choices(
    session: Session, workspace: WorkspaceId, wanted: list[DecisionId]
) -> tuple[dict[DecisionId, str | None], set[DecisionId]]:
    rows = rows_of(session, _chosen(), {"workspace": workspace, "decisions": wanted}).all()
    chosen = {DecisionId(decision): entry for decision, entry, _ in rows}
    answered = {"workspace": workspace, "decisions": [one for _, _, one in rows if one is not None]}
    if not answered["decisions"]:
        return chosen, set()
    votes, rejected = rows_of(session, _voted_down(), answered), rows_of(session, _rejected(), answered)
    refused = {one for found in (votes, rejected) for (one,) in found}
    wrong = {DecisionId(decision) for decision, _, one in rows if decision and one is not None and one in refused}
    return chosen, wrong


# What runs for every question is built once.


@cache
def _changed_since() -> CompoundSelect[str | None]:
    workspace: BindParameter[str] = bindparam("workspace")
    since: BindParameter[datetime] = bindparam("since")
    offered = select(ChoiceRow.decision)
    return union(
        select(LabelRow.decision).where(LabelRow.workspace == workspace, LabelRow.at >= since),
        offered.where(ChoiceRow.workspace == workspace, ChoiceRow.at >= since),
        select(SpotCheckRow.decision).where(SpotCheckRow.workspace == workspace, SpotCheckRow.at >= since),
        select(VoteRow.decision).where(VoteRow.workspace == workspace, VoteRow.at >= since),
        # A vote on a chosen answer, and a reviewer's no to its wording, speak of the decision that offered it.
        offered.join(VoteRow, _about_chosen(VoteRow)).where(VoteRow.workspace == workspace, VoteRow.at >= since),
        offered.join(ProposalSourceRow, _about_chosen(ProposalSourceRow))
        .join(ProposalRow, _same_proposal())
        .where(ProposalRow.workspace == workspace, ProposalRow.decided_at >= since),
    )


@cache
def _found_wrong() -> Select[int, int]:
    down = exists().where(
        VoteRow.workspace == SpotCheckRow.workspace,
        VoteRow.decision == SpotCheckRow.decision,
        VoteRow.rating == Rating.DOWN,
    )
    return select(func.count(), func.coalesce(func.sum(case((down, 1), else_=0)), 0)).where(
        SpotCheckRow.workspace == bindparam("workspace"), SpotCheckRow.verdict == Verdict.WRONG
    )


@cache
def _voted_down() -> Select[str]:
    return select(VoteRow.decision).where(*_some(VoteRow), VoteRow.rating == Rating.DOWN)


@cache
def _checked() -> Select[str, str | None]:
    verdicts = (Verdict.RIGHT, Verdict.WRONG)
    return select(SpotCheckRow.decision, SpotCheckRow.verdict).where(
        *_some(SpotCheckRow), SpotCheckRow.verdict.in_(verdicts)
    )


@cache
def _resolved() -> Select[str, str | None]:
    return select(LabelRow.decision, LabelRow.entry).where(*_some(LabelRow))


@cache
def _chosen() -> Select[str, str | None, str | None]:
    return select(ChoiceRow.decision, ChoiceRow.entry, ChoiceRow.answered).where(*_some(ChoiceRow))


@cache
def _rejected() -> Select[str | None]:
    return (
        select(ProposalSourceRow.decision)
        .join(ProposalRow, _same_proposal())
        .where(
            *_some(ProposalSourceRow),
            ProposalSourceRow.origin == Origin.CLICK,
            ProposalRow.state == ProposalState.REJECTED,
            ProposalRow.unneeded.is_(False),
        )
    )


def _some(
    table: type[VoteRow] | type[SpotCheckRow] | type[LabelRow] | type[ChoiceRow] | type[ProposalSourceRow],
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.workspace == bindparam("workspace"), table.decision.in_(bindparam("decisions", expanding=True))


def _about_chosen(table: type[VoteRow] | type[ProposalSourceRow]) -> ColumnElement[bool]:
    """That a row speaks of the answer to a chosen question."""
    return and_(ChoiceRow.workspace == table.workspace, ChoiceRow.answered == table.decision)


def _same_proposal() -> ColumnElement[bool]:
    return and_(ProposalRow.workspace == ProposalSourceRow.workspace, ProposalRow.id == ProposalSourceRow.proposal)
