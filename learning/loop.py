"""The learning loop as one object, for agents that are not ours: record, listen, propose, review.

Always: each method is one transaction of its own and commits it; searching and comparing happen before it, so that
nothing is embedded inside. Who wants several things in one transaction calls the functions of the modules.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from sqlalchemy.orm import Session

from kb.clock import Clock, utc_now
from kb.database import Sessions
from kb.entries import Entry, Evidence
from kb.ids import EntryId, IdSource, WorkspaceId, new_ulid
from learning import audit, choices, erasure, feedback, people, proposals, recorder, review
from learning.callbacks import DecisionRecorder, Price
from learning.choices import Choice
from learning.conversations import Place
from learning.encryption import Vault
from learning.erasure import Forgotten
from learning.errors import WrongState
from learning.feedback import Explanation, Rating, Reason, Tally, VoteChange
from learning.ids import DecisionId, PersonId, ProposalId, ReviewId
from learning.people import Actor
from learning.proposals import Nearness, Proposal, ProposalDraft, Proposed, Source, Target
from learning.recorder import AnswerDecision, RecordedDecision, Verified
from learning.redaction import Redaction, Redactor, redactor_for
from learning.replay import Replays
from learning.review import ConflictChoice, KnowledgeChanges, Review


class Knowledge(KnowledgeChanges, Protocol):
    """A knowledge base that can also be searched; `kb.knowledge.KnowledgeBase` is one."""

    def audiences(self, session: Session, workspace: WorkspaceId) -> frozenset[str]:
        """Every reference that any entry's audience names: who has them all may be shown everything."""
        ...

    def search(
        self, workspace: WorkspaceId, question: str, *, readers: frozenset[str] = frozenset(), limit: int | None = None
    ) -> Evidence:
        """What is known about a question."""
        ...

    def saying(self, session: Session, workspace: WorkspaceId, answer: str) -> tuple[Entry, ...]:
        """The live entries whose answer has these words in this order."""
        ...

    def similar(self, one: str, other: str) -> float:
        """How near two texts are, from -1 to 1."""
        ...


class LearningLoop:
    """Records an agent's decisions in one workspace, takes feedback, and carries approved changes to what it knows."""

    def __init__(
        self,
        *,
        workspace: str,
        sessions: Sessions,
        vault: Vault,
        knowledge: Knowledge,
        four_eyes: bool = False,
        nearness: Nearness | None = None,
        redaction: Redaction | None = None,
        clock: Clock = utc_now,
        ids: IdSource = new_ulid,
    ) -> None:
        """Put the parts together; nothing is read or written yet.

        Args:
            workspace: the tenant; every row belongs to it.
            sessions: of a database that holds the tables of `kb` and `learning`.
            vault: holds the master key.
            four_eyes: whether people may not approve what is made of their own words.
            nearness: from which likeness on texts count as near; None for what fits cosines of sentence embeddings.
            redaction: how records are redacted; None for the usual.
        """
        self._workspace = WorkspaceId(workspace)
        self._sessions = sessions
        self._vault = vault
        self._knowledge = knowledge
        self._four_eyes = four_eyes
        self._nearness = nearness
        self._redaction = redaction
        self._clock = clock
        self._ids = ids

    def person(self, external: str) -> PersonId:
        """The opaque id of an outside user."""
        with self._transaction() as session:
            return people.person_for(session, self._workspace, external, now=self._clock(), ids=self._ids)

    def callback(
        self,
        place: Place,
        *,
        asker: PersonId | None = None,
        code: str = "",
        instructions: int = 0,
        tags: Mapping[str, str] | None = None,
        prices: Mapping[str, Price] | None = None,
    ) -> DecisionRecorder:
        """A LangChain callback handler that records what an agent does at a place.

        Args:
            code: version of the agent.
            instructions: version of its system text; 0 where it has none.
            tags: experiment to the arm that the conversation is in.
            prices: what a million tokens read and written cost, by name of the model.
        """
        return DecisionRecorder(
            self.record,
            place=place,
            asker=asker,
            code=code,
            clock=self._clock,
            instructions=instructions,
            tags=tags,
            prices=prices,
        )

    def record(self, decision: AnswerDecision) -> RecordedDecision:
        """Record a decision, redacted; the first record of a message stands."""
        with self._transaction() as session:
            redactor = self._redactor(session)
            return recorder.record(
                session,
                self._workspace,
                decision,
                redactor=redactor,
                vault=self._vault,
                now=self._clock(),
                ids=self._ids,
            )

    def decision(self, decision: DecisionId) -> RecordedDecision:
        """A decision by its id.

        Raises:
            Unknown: there is no such decision.
        """
        with self._transaction() as session:
            return recorder.one(session, self._workspace, decision, vault=self._vault)

    def seal_records(self) -> int:
        """Give the records that wait their places in the chain; how many there were. Call it now and then."""
        sealed = 0
        while True:
            with self._transaction() as session:
                more = recorder.seal(session, self._workspace, now=self._clock())
            sealed += more
            if more < recorder.BATCH:
                return sealed

    def verify_records(self) -> Verified:
        """Look whether every record still is what was written."""
        with self._transaction() as session:
            return recorder.verify(session, self._workspace)

    def forget(self, person: PersonId) -> Forgotten:
        """Erase a person: who they are, their key and with it all their words; records stay, unreadable.

        Raises:
            Unknown: there is no such person.
        """
        with self._transaction() as session:
            return erasure.forget(session, self._workspace, person, vault=self._vault, now=self._clock())

    def vote(self, decision: DecisionId, person: PersonId, rating: Rating | None) -> VoteChange:
        """Give, change or take back a vote on an answer.

        Raises:
            Unknown: there is no such decision.
        """
        with self._transaction() as session:
            return feedback.vote(
                session,
                self._workspace,
                decision,
                person,
                rating,
                via="library",
                now=self._clock(),
                ids=self._ids,
            )

    def explain(
        self, decision: DecisionId, person: PersonId, reason: Reason, comment: str = "", correction: str = ""
    ) -> Explanation:
        """Keep why an answer was wanting, redacted; a correction is proposed with `propose`.

        Raises:
            Unknown: there is no such decision.
        """
        with self._transaction() as session:
            return feedback.explain(
                session,
                self._workspace,
                decision,
                person,
                reason=reason,
                comment=comment,
                correction=correction,
                redactor=self._redactor(session),
                now=self._clock(),
                ids=self._ids,
            )

    def choose(
        self, decision: DecisionId, person: PersonId, entry: EntryId | None, answered: DecisionId | None = None
    ) -> Choice:
        """Keep which of the questions that a decision offered was meant; None for none of them.

        Args:
            answered: the decision that gives the entry's answer; voted down by this person, it was a wrong click.

        Raises:
            Unknown, NotAllowed, WrongState: as `choices.choose` says.
        """
        with self._transaction() as session:
            return choices.choose(
                session, self._workspace, decision, person, entry, answered=answered, now=self._clock()
            )

    def judge(self, decision: DecisionId, person: PersonId, reason: Reason, comment: str = "") -> VoteChange:
        """Say in one word what a decision was, a tool call or an applied rule included; it counts as a vote.

        Raises:
            Unknown: there is no such decision.
        """
        with self._transaction() as session:
            return feedback.judge(
                session,
                self._workspace,
                decision,
                person,
                reason,
                comment=comment,
                via="library",
                redactor=self._redactor(session),
                now=self._clock(),
                ids=self._ids,
            )

    def tally(self, decision: DecisionId) -> Tally:
        """The live votes on an answer."""
        with self._transaction() as session:
            return feedback.tally(session, self._workspace, decision)

    def propose(self, draft: ProposalDraft, source: Source, *, corrected: Target | None = None) -> Proposed | None:
        """Propose what somebody said, typed against what is known.

        Args:
            draft: the question as it was asked, the answer as it should be.
            source: where it comes from; `Origin.CORRECTION` for a correction.
            corrected: the version that was shown and corrected.

        Returns:
            The proposal; None where it is known already.
        """
        with self._transaction() as session:
            everyone = self._knowledge.audiences(session, self._workspace)
        evidence = self._knowledge.search(self._workspace, draft.question, readers=everyone)
        similarity = self._knowledge.similar
        with self._transaction() as session:
            saying = self._knowledge.saying(session, self._workspace, draft.answer) if draft.answer else ()
        classified = proposals.classify(
            draft,
            evidence,
            origin=source.origin,
            corrected=corrected,
            similarity=similarity,
            nearness=self._nearness,
            saying=saying,
        )
        if classified.kind is None:
            return None
        with self._transaction() as session:
            target = classified.target
            entry = None if target is None else self._knowledge.get(session, self._workspace, target.entry)
            waiting = proposals.waiting(session, self._workspace, kind=classified.kind)
        prepared = proposals.prepare(draft, classified, entry, source)
        joins = proposals.nearest_pending(prepared, waiting, similarity, origin=source.origin, nearness=self._nearness)
        with self._transaction() as session:
            return proposals.propose(
                session,
                self._workspace,
                prepared,
                classified,
                source,
                joins=joins,
                now=self._clock(),
                ids=self._ids,
            )

    def waiting(self) -> tuple[Proposal, ...]:
        """The proposals that wait for a person, oldest first."""
        with self._transaction() as session:
            return proposals.waiting(session, self._workspace)

    def approve(
        self,
        proposal: ProposalId,
        actor: Actor,
        *,
        shown: str,
        edited: ProposalDraft | None = None,
        choice: ConflictChoice | None = None,
    ) -> Proposal:
        """Approve a proposal; the change is in SQL when this returns and in the index after `apply_pending`.

        Raises:
            NotAllowed, AlreadyDecided, Stale, WrongState: as `review.approve` says.
        """
        with self._transaction() as session:
            return review.approve(
                session,
                self._workspace,
                proposal,
                actor,
                shown=shown,
                edited=edited,
                choice=choice,
                four_eyes=self._four_eyes,
                knowledge=self._knowledge,
                now=self._clock(),
                ids=self._ids,
            )

    def reject(
        self, proposal: ProposalId, actor: Actor, *, shown: str, reason: str, unneeded: bool = False
    ) -> Proposal:
        """Reject a proposal for good.

        Args:
            unneeded: whether it is right, only not needed.

        Raises:
            NotAllowed, AlreadyDecided, Stale: as `review.reject` says.
        """
        with self._transaction() as session:
            return review.reject(
                session,
                self._workspace,
                proposal,
                actor,
                shown=shown,
                reason=reason,
                unneeded=unneeded,
                now=self._clock(),
                ids=self._ids,
            )

    def undo(self, proposal: ProposalId, actor: Actor) -> Proposal:
        """Take an approval back.

        Raises:
            NotAllowed, AlreadyDecided, Stale, WrongState: as `review.undo` says.
        """
        with self._transaction() as session:
            return review.undo(
                session,
                self._workspace,
                proposal,
                actor,
                knowledge=self._knowledge,
                now=self._clock(),
                ids=self._ids,
            )

    def stop(self, entry: EntryId, actor: Actor) -> Review:
        """Take an entry out of use at once.

        Raises:
            NotAllowed, AlreadyDecided, Unknown: as `review.stop_entry` says.
        """
        with self._transaction() as session:
            return review.stop_entry(
                session,
                self._workspace,
                entry,
                actor,
                knowledge=self._knowledge,
                now=self._clock(),
                ids=self._ids,
            )

    def undo_stop(self, stop: ReviewId, actor: Actor) -> Review:
        """Put an entry back.

        Raises:
            NotAllowed, AlreadyDecided, Stale, Unknown: as `review.undo_stop` says.
        """
        with self._transaction() as session:
            return review.undo_stop(
                session,
                self._workspace,
                stop,
                actor,
                knowledge=self._knowledge,
                now=self._clock(),
                ids=self._ids,
            )

    def replays(self) -> Replays:
        """Replays of what was recorded: begun, carried out with a replayer such as `learning.replay.ModelReplay`, and
        judged; nothing but what they show is written."""
        with self._transaction() as session:
            redactor = self._redactor(session)
        return Replays(
            workspace=self._workspace,
            sessions=self._sessions,
            vault=self._vault,
            redactor=redactor,
            clock=self._clock,
            ids=self._ids,
            similarity=self._knowledge.similar,
        )

    def verify_audit(self) -> None:
        """Recompute the audit trail.

        Raises:
            WrongState: a record is missing or was changed; the message names it.
        """
        with self._transaction() as session:
            broken = audit.verify(session, self._workspace)
        if broken is not None:
            raise WrongState(f"The audit trail is broken at record {broken}; compare with a backup.")

    def _redactor(self, session: Session) -> Redactor:
        now = self._clock()
        return redactor_for(session, self._workspace, self._vault, now=now, redaction=self._redaction)

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with self._sessions.begin() as session:
            yield session
