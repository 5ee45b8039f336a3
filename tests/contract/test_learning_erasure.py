"""Erasing a person: their words go wherever they stand, what the workspace approved stays, on every engine."""

import pytest
from learning_world import World
from sqlalchemy import text

from kb.database import Sessions
from kb.ids import WorkspaceId
from learning import audit, conversations, erasure, feedback, people, proposals, recorder
from learning.conversations import Place
from learning.erasure import Forgotten
from learning.errors import Unknown
from learning.feedback import Reason
from learning.ids import DecisionId
from learning.proposals import Proposal, ProposalState
from learning.recorder import AnswerDecision, DecisionKind
from learning.redaction import redactor_for
from learning.review import approve

WORDS = "zwiebelfisch"


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


def forget(world: World) -> Forgotten:
    with world.sessions.begin() as session:
        return erasure.forget(session, world.workspace, world.uma, vault=world.vault, now=world.now)


def everything(world: World) -> str:
    """All that any table holds of the workspace, as text."""
    found = []
    with world.sessions() as session:
        for table in ("people", "messages", "explanations", "proposals", "decisions", "resolutions", "audit"):
            rows = session.execute(text(f"select * from {table} where workspace = :w"), {"w": world.workspace})
            found += [repr(tuple(row)) for row in rows]
    return "\n".join(found)


def decision(world: World) -> DecisionId:
    with world.sessions.begin() as session:
        redactor = redactor_for(session, world.workspace, world.vault, now=world.now)
        made = AnswerDecision(Place("C1", "1"), "1", DecisionKind.VERBATIM, "confident", "what?", asker=world.sam)
        return recorder.record(session, world.workspace, made, redactor=redactor, vault=world.vault, **world.stamps).id


def test_messages_and_comments_of_an_erased_person_are_emptied_and_others_stay(world: World) -> None:
    about = decision(world)
    with world.sessions.begin() as session:
        conversation = world.conversation(session)
        world.say(session, conversation, "1.000001", world.uma, WORDS)
        world.say(session, conversation, "1.000002", world.sam, "of somebody else")
        redactor = redactor_for(session, world.workspace, world.vault, now=world.now)
        told = {"reason": Reason.OTHER, "redactor": redactor, **world.stamps}
        feedback.explain(session, world.workspace, about, world.uma, comment=WORDS, correction=WORDS, **told)
        feedback.explain(session, world.workspace, about, world.sam, comment="of somebody else", **told)
    forgotten = forget(world)
    assert (forgotten.messages, forgotten.explanations) == (1, 1)
    assert WORDS not in everything(world) and "U-uma" not in everything(world)
    with world.sessions() as session:
        turns = conversations.turns(session, world.workspace, conversation.id, vault=world.vault)
        assert [turn.text for turn in turns] == [None, "of somebody else"]
        reasons = [one.comment for one in feedback.explanations(session, world.workspace, about)]
        assert sorted(reasons) == ["", "of somebody else"]


def test_what_was_proposed_in_their_words_alone_is_let_go_of_and_what_others_said_too_stays(world: World) -> None:
    with world.sessions.begin() as session:
        alone = world.propose(session, f"Where is the {WORDS}?", "There.", source=world.source(world.uma))
        both = world.propose(session, "Where is the desk?", "Here.", source=world.source(world.uma))
        world.propose(session, "Where is the desk?", "Here.", source=world.source(world.sam))
    assert forget(world).proposals == (alone.id,)
    assert WORDS not in everything(world)

    def now(one: Proposal) -> Proposal:
        with world.sessions() as session:
            return proposals.one(session, world.workspace, one.id)

    assert (now(alone).state, now(both).state) == (ProposalState.DROPPED, ProposalState.PENDING)
    assert now(both).draft.answer == "Here."


def test_what_was_approved_stays_and_is_named(world: World) -> None:
    with world.sessions.begin() as session:
        made = world.propose(session, "Where is the desk?", "Here.", source=world.source(world.uma))
        approve(
            session,
            world.workspace,
            made.id,
            world.admin(world.ada),
            shown=proposals.shown_hash(made),
            knowledge=world.knowledge,
            four_eyes=False,
            **world.stamps,
        )
        applied = proposals.one(session, world.workspace, made.id).applied
    assert applied is not None
    assert forget(world).entries == (applied.entry,)
    with world.sessions() as session:
        assert world.knowledge.get(session, world.workspace, applied.entry).answer == "Here."
        assert audit.records(session, world.workspace)[-1].action == "person.forget"
        assert audit.verify(session, world.workspace) is None


def test_somebody_unknown_cannot_be_erased_nor_somebody_of_another_workspace(world: World) -> None:
    other = WorkspaceId(f"{world.workspace}-2")
    with world.sessions.begin() as session, pytest.raises(Unknown):
        erasure.forget(session, other, world.uma, vault=world.vault, now=world.now)
    with world.sessions() as session:
        assert people.external_of(session, world.workspace, world.uma) == "U-uma"
