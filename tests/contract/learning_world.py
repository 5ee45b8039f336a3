"""A small world for the suites of `learning`: one workspace, a few people, a clock that stands still until moved."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import numpy as np
from sqlalchemy.orm import Session

from kb.database import Sessions
from kb.entries import Audience, Draft, Entry, Evidence, Hit, Provenance
from kb.ids import EntryId, WorkspaceId, new_ulid
from kb.knowledge import KnowledgeBase
from learning import conversations, handoffs, people, proposals, recorder
from learning.conversations import Conversation, MessageKind, Place, Privacy
from learning.encryption import Vault
from learning.handoffs import Handoff, HandoffReason
from learning.ids import PersonId
from learning.people import Actor, Role
from learning.proposals import Classified, Origin, Proposal, ProposalDraft, ProposalKind, Source
from learning.recorder import AnswerDecision, DecisionKind, EvidenceItem, RecordedDecision
from learning.redaction import redactor_for


class _NoIndex:
    """Changes never touch the index; whoever asks it here asks too much."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"A change asked the vector index for {name}.")


class _NoEmbedder:
    """Nothing is embedded inside a transaction."""

    model = "none"
    dimension = 1

    def embed(self, texts: Any) -> Any:
        raise AssertionError("A change embedded a text.")


@dataclass
class World:
    sessions: Sessions
    workspace: WorkspaceId = field(default_factory=lambda: WorkspaceId(f"T{uuid4().hex[:12]}"))
    now: datetime = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    vault: Vault = field(default_factory=lambda: Vault.from_secret("a secret for tests"))

    def __post_init__(self) -> None:
        self.knowledge = KnowledgeBase(
            sessions=self.sessions,
            index=_NoIndex(),
            embedder=_NoEmbedder(),
            clock=lambda: self.now,
            ids=new_ulid,
        )
        with self.sessions.begin() as session:
            self.uma = self.person(session, "uma")
            self.sam = self.person(session, "sam")
            self.tom = self.person(session, "tom")
            self.ada = self.person(session, "ada")
            self.ann = self.person(session, "ann")

    def person(self, session: Session, name: str) -> PersonId:
        return people.person_for(session, self.workspace, f"U-{name}", now=self.now, ids=new_ulid)

    @property
    def stamps(self) -> dict[str, Any]:
        return {"now": self.now, "ids": new_ulid}

    def wait(self, **length: float) -> None:
        self.now += timedelta(**length)

    def user(self, person: PersonId) -> Actor:
        return Actor(person)

    def staff(self, person: PersonId) -> Actor:
        return Actor(person, frozenset({Role.USER, Role.STAFF}))

    def admin(self, person: PersonId) -> Actor:
        return Actor(person, frozenset({Role.USER, Role.ADMIN}))

    def conversation(
        self, session: Session, *, thread: str = "100.000001", channel: str = "C1", privacy: Privacy = Privacy.OPEN
    ) -> Conversation:
        place = Place(channel, thread)
        return conversations.open_conversation(session, self.workspace, place, self.uma, privacy=privacy, **self.stamps)

    def say(
        self,
        session: Session,
        conversation: Conversation,
        ts: str,
        author: PersonId | None,
        text: str,
        kind: MessageKind = MessageKind.USER,
        place: Place | None = None,
    ) -> None:
        conversations.record_message(
            session,
            self.workspace,
            conversation.id,
            place=place or conversation.place,
            ts=ts,
            author=author,
            kind=kind,
            text=text,
            vault=self.vault,
            **self.stamps,
        )

    def handoff(self, session: Session, *, thread: str = "100.000001") -> Handoff:
        conversation = self.conversation(session, thread=thread)
        opened = handoffs.open_handoff(
            session,
            self.workspace,
            conversation.id,
            asker=self.uma,
            question=(conversation.place.channel, thread),
            reason=HandoffReason.BUTTON,
            **self.stamps,
        )
        return opened.handoff

    def decision(
        self,
        session: Session,
        ts: str = "100.000001",
        *,
        kind: DecisionKind = DecisionKind.VERBATIM,
        evidence: tuple[EntryId, ...] = (),
        **facts: Any,
    ) -> RecordedDecision:
        """What the bot decided on a question of Uma's; an answer says the first of what was found."""
        said = kind in (DecisionKind.VERBATIM, DecisionKind.GENERATED)
        given = {"place": Place("C1", ts), "rule": "for_a_test", "question": "What now?", "asker": self.uma}
        decision = AnswerDecision(
            ts=ts,
            kind=kind,
            evidence=tuple(EvidenceItem(one, 1, 0.5, used=said and one == evidence[0]) for one in evidence),
            **{**given, **facts},
        )
        redactor = redactor_for(session, self.workspace, self.vault, now=self.now)
        return recorder.record(session, self.workspace, decision, redactor=redactor, vault=self.vault, **self.stamps)

    def entry(self, session: Session, question: str, answer: str, audience: Audience | None = None) -> Entry:
        draft = Draft(question, answer, Provenance("ingest", source="faq.csv"), audience=audience or Audience())
        return self.knowledge.publish(session, self.workspace, draft, by=self.ada)

    def source(self, person: PersonId | None = None, **changes: Any) -> Source:
        given = {"origin": Origin.RESOLUTION, "person": person or self.sam, "place": Place("C1", "100.000001")}
        return Source(**{**given, **changes})

    def propose(
        self,
        session: Session,
        question: str = "How do I reset my password?",
        answer: str = "Under Settings, Security.",
        *,
        kind: ProposalKind = ProposalKind.NEW_ENTRY,
        target: Entry | None = None,
        source: Source | None = None,
        draft: ProposalDraft | None = None,
        needs_answer: bool = False,
    ) -> Proposal:
        version = None if target is None else proposals.Target(target.id, target.version)
        return proposals.propose(
            session,
            self.workspace,
            draft or ProposalDraft(question, answer),
            Classified(kind, version, "for a test"),
            source or self.source(),
            needs_answer=needs_answer,
            **self.stamps,
        ).proposal


def evidence(question: str, *entries: Entry, confidence: float = 0.0) -> Evidence:
    """What a search would have found: the given entries, best first."""
    hits = tuple(
        Hit(entry, float(score), entry.question)
        for entry, score in zip(entries, np.linspace(0.9, 0.1, max(len(entries), 1)), strict=False)
    )
    return Evidence(question, hits, confidence, "model", "ranking", "calibration")
