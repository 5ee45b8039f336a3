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

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select
from sqlalchemy.orm import Session

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
    statements = (
        select(LabelRow.decision).where(LabelRow.workspace == workspace, LabelRow.at >= since),
        select(ChoiceRow.decision).where(ChoiceRow.workspace == workspace, ChoiceRow.at >= since),
        select(SpotCheckRow.decision).where(SpotCheckRow.workspace == workspace, SpotCheckRow.at >= since),
        select(VoteRow.decision).where(VoteRow.workspace == workspace, VoteRow.at >= since),
        # A vote on a chosen answer, and a reviewer's no to its wording, speak of the decision that offered it.
        _offers(ChoiceRow.answered == VoteRow.decision, VoteRow).where(
            VoteRow.workspace == workspace, VoteRow.at >= since
        ),
        _offers(ChoiceRow.answered == ProposalSourceRow.decision, ProposalSourceRow)
        .join(ProposalRow, _same_proposal())
        .where(ProposalRow.workspace == workspace, ProposalRow.decided_at >= since),
    )
    return frozenset(DecisionId(found) for statement in statements for found in session.scalars(statement))


def of(session: Session, workspace: WorkspaceId, decisions: Iterable[DecisionId]) -> dict[DecisionId, Label]:
    """What is known of decisions; those of which nothing is known are left out."""
    wanted = sorted(set(decisions))
    found: dict[DecisionId, Label] = {}
    for start in range(0, len(wanted), _CHUNK):
        found |= _of(session, workspace, wanted[start : start + _CHUNK])
    return found


def found_wrong(session: Session, workspace: WorkspaceId) -> tuple[int, int]:
    """How many answers spot checks ever found wrong, and how many of these are voted down."""
    down = exists().where(
        VoteRow.workspace == SpotCheckRow.workspace,
        VoteRow.decision == SpotCheckRow.decision,
        VoteRow.rating == Rating.DOWN,
    )
    statement = select(func.count(), func.coalesce(func.sum(case((down, 1), else_=0)), 0)).where(
        SpotCheckRow.workspace == workspace, SpotCheckRow.verdict == Verdict.WRONG
    )
    found, of_them_voted_down = session.execute(statement).one()
    return int(found), int(of_them_voted_down)


def _of(session: Session, workspace: WorkspaceId, wanted: list[DecisionId]) -> dict[DecisionId, Label]:
    votes = select(VoteRow.decision).where(
        VoteRow.workspace == workspace, VoteRow.decision.in_(wanted), VoteRow.rating == Rating.DOWN
    )
    down = {DecisionId(one) for one in session.scalars(votes)}
    checks = select(SpotCheckRow.decision, SpotCheckRow.verdict).where(
        SpotCheckRow.workspace == workspace,
        SpotCheckRow.decision.in_(wanted),
        SpotCheckRow.verdict.in_((Verdict.RIGHT, Verdict.WRONG)),
    )
    checked = {DecisionId(one): verdict for one, verdict in session.execute(checks)}
    resolved = select(LabelRow.decision, LabelRow.entry).where(
        LabelRow.workspace == workspace, LabelRow.decision.in_(wanted)
    )
    settled_by = {DecisionId(one): entry for one, entry in session.execute(resolved)}
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
    statement = select(ChoiceRow.decision, ChoiceRow.entry, ChoiceRow.answered).where(
        ChoiceRow.workspace == workspace, ChoiceRow.decision.in_(wanted)
    )
    rows = [tuple(row) for row in session.execute(statement)]
    chosen = {DecisionId(decision): entry for decision, entry, _ in rows if decision is not None}
    answered = [one for _, _, one in rows if one is not None]
    votes = select(VoteRow.decision).where(
        VoteRow.workspace == workspace, VoteRow.decision.in_(answered), VoteRow.rating == Rating.DOWN
    )
    rejected = (
        select(ProposalSourceRow.decision)
        .join(ProposalRow, _same_proposal())
        .where(
            ProposalSourceRow.workspace == workspace,
            ProposalSourceRow.decision.in_(answered),
            ProposalSourceRow.origin == Origin.CLICK,
            ProposalRow.state == ProposalState.REJECTED,
            ProposalRow.unneeded.is_(False),
        )
    )
    refused = {*session.scalars(votes), *session.scalars(rejected)}
    wrong = {DecisionId(decision) for decision, _, one in rows if decision and one is not None and one in refused}
    return chosen, wrong


def _offers(on: ColumnElement[bool], table: type[VoteRow] | type[ProposalSourceRow]) -> Select[str]:
    """The decisions that offered what was chosen, joined with a table that speaks of the chosen answer."""
    same = and_(ChoiceRow.workspace == table.workspace, on)
    return select(ChoiceRow.decision).join(table, same)


def _same_proposal() -> ColumnElement[bool]:
    return and_(ProposalRow.workspace == ProposalSourceRow.workspace, ProposalRow.id == ProposalSourceRow.proposal)
