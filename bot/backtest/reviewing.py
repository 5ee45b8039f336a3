"""The admin of a backtest: reads each proposal, knows what is right, and decides as admins can decide."""

from collections.abc import Sequence

from bot.backtest.people import People, Truth
from bot.backtest.stream import Question
from bot.backtest.workplace import ADMIN, WORKSPACE
from bot.desk import proposals as desk
from bot.services import Services
from kb.database import reading
from learning import people, proposals
from learning.ids import ProposalId
from learning.people import Actor, Role
from learning.proposals import Proposal, ProposalKind
from learning.review import ConflictChoice

DOES_NOT_FIT, NOT_WANTED = "It does not fit.", "It is not needed."


class Reviewer:
    """Decides on proposals."""

    def __init__(self, services: Services, truth: Truth, askers: People) -> None:
        self._services = services
        self._truth = truth
        self._people = askers
        with services.sessions.begin() as session:
            person = people.person_for(session, WORKSPACE, ADMIN, now=services.clock(), ids=services.ids)
        self._actor = Actor(person, frozenset({Role.USER, Role.ADMIN}))

    def decide(self, proposal: ProposalId, questions: Sequence[Question]) -> None:
        """Approve a proposal or reject it; one that lost its ground meanwhile is left.

        Args:
            questions: those that speak for it.
        """
        with reading(self._services.sessions) as session:
            found, known = proposals.one(session, WORKSPACE, proposal), None
            if found.target is not None:
                known = self._services.knowledge.get(session, WORKSPACE, found.target.entry).answer
        if not found.pending:
            return
        right = bool(questions) and all(self._fits(found, known, question) for question in questions)
        if right and self._people.approves():
            shown = proposals.shown_hash(found)
            choice = ConflictChoice.KEEP_BOTH if found.kind is ProposalKind.CONFLICTS else None
            desk.approve(self._services, WORKSPACE, proposal, self._actor, shown, choice=choice)
        else:
            reason = NOT_WANTED if right else DOES_NOT_FIT
            shown = proposals.shown_hash(found)
            desk.reject(self._services, WORKSPACE, proposal, self._actor, shown, reason, unneeded=right)

    def _fits(self, found: Proposal, known: str | None, question: Question) -> bool:
        """Whether the change that is proposed is right.

        Where a near question has another answer, both are right and both are kept. An answer is never replaced: what is
        known is right for its own question.
        """
        if not self._truth.is_right(question, found.draft.answer):
            return False
        if found.kind is ProposalKind.CONFLICTS:
            return known is not None and not self._truth.is_right(question, known)
        return found.kind in (ProposalKind.NEW_ENTRY, ProposalKind.NEW_PHRASING)
