"""Erasing a person: their words go wherever they stand, what the workspace approved stays, on every engine."""

import numpy as np
import pytest
from learning_world import World
from sqlalchemy import text
from sqlalchemy.orm import Session

from kb import changes, vectors
from kb.database import Sessions
from kb.ids import WorkspaceId
from kb.text import text_hash
from learning import audit, conversations, erasure, feedback, people, proposals, recorder
from learning.conversations import Place
from learning.erasure import Forgotten
from learning.errors import Unknown
from learning.feedback import Reason
from learning.ids import DecisionId
from learning.proposals import Origin, Proposal, ProposalKind, ProposalState, Source
from learning.recorder import AnswerDecision, DecisionKind
from learning.redaction import redactor_for
from learning.review import approve, reject, undo

WORDS = "zwiebelfisch"


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


def approved(world: World, session: Session, one: Proposal) -> Proposal:
    found = proposals.one(session, world.workspace, one.id)
    shown = {"shown": proposals.shown_hash(found), "knowledge": world.knowledge, "four_eyes": False}
    return approve(session, world.workspace, one.id, world.admin(world.ada), **shown, **world.stamps)


def _corrects(world: World) -> Source:
    return world.source(world.uma, origin=Origin.CORRECTION)


def forget(world: World) -> Forgotten:
    with world.sessions.begin() as session:
        return erasure.forget(session, world.workspace, world.uma, vault=world.vault, now=world.now)


def everything(world: World) -> str:
    """All that any table holds of the workspace, as text."""
    found = []
    with world.sessions() as session:
        for table in (
            "people",
            "messages",
            "explanations",
            "proposals",
            "decisions",
            "resolutions",
            "audit",
            "entry_versions",
        ):
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


def test_what_was_approved_and_taken_back_goes_out_of_versions_and_vectors_and_the_rest_stays(world: World) -> None:
    asked, answer, wording = f"Where is the {WORDS}?", f"The {WORDS} is there.", f"the {WORDS} please, where?"
    with world.sessions.begin() as session:
        known = world.entry(session, "Where is the desk?", "Here.")
        theirs = [
            world.propose(session, asked, answer, source=world.source(world.uma)),
            world.propose(
                session, wording, "Here.", kind=ProposalKind.NEW_PHRASING, target=known, source=world.source(world.uma)
            ),
            world.propose(
                session, "Where is the desk?", answer, kind=ProposalKind.REPLACES, target=known, source=_corrects(world)
            ),
        ]
    for one in theirs:
        with world.sessions.begin() as session:
            made = approved(world, session, one)
            assert made.applied is not None
            undo(session, world.workspace, one.id, world.admin(world.ada), knowledge=world.knowledge, **world.stamps)
    texts = (asked, answer, wording, "Where is the desk?", "Here.")
    with world.sessions.begin() as session:
        vectors.remember(session, world.workspace, "m", {text_hash(one): np.ones(2, np.float32) for one in texts})
    assert WORDS in everything(world)

    assert forget(world).entries == ()
    assert WORDS not in everything(world)
    with world.sessions() as session:
        left = vectors.known(session, world.workspace, "m", [text_hash(one) for one in texts])
        assert left.keys() == {text_hash("Where is the desk?"), text_hash("Here.")}
        versions = [one.content for one in changes.history(session, world.workspace, known.id)]
        assert {one.question for one in versions} == {"Where is the desk?"} and versions[-1] == known.content
        assert audit.verify(session, world.workspace) is None


def test_words_that_are_in_use_again_or_that_another_entry_says_stay(world: World) -> None:
    wording = f"the {WORDS} please, where?"
    with world.sessions.begin() as session:
        known = world.entry(session, "Where is the desk?", "Here.")
        one = world.propose(
            session, wording, "Here.", kind=ProposalKind.NEW_PHRASING, target=known, source=world.source(world.uma)
        )
    with world.sessions.begin() as session:
        approved(world, session, one)
        undo(session, world.workspace, one.id, world.admin(world.ada), knowledge=world.knowledge, **world.stamps)
        world.knowledge.revise(session, world.workspace, known.id, known.with_phrasing(wording), by=world.ada)
        vectors.remember(session, world.workspace, "m", {text_hash(wording): np.ones(2, np.float32)})
    forget(world)
    with world.sessions() as session:
        assert wording in world.knowledge.get(session, world.workspace, known.id).wordings
        assert vectors.known(session, world.workspace, "m", [text_hash(wording)])


def test_the_reasons_that_an_erased_reviewer_gave_go(world: World) -> None:
    with world.sessions.begin() as session:
        one = world.propose(session, source=world.source(world.sam))
        shown = proposals.shown_hash(one)
        reject(session, world.workspace, one.id, world.admin(world.uma), shown=shown, reason=WORDS, **world.stamps)
    assert WORDS in everything(world)
    assert forget(world).proposals == ()
    assert WORDS not in everything(world)
    with world.sessions() as session:
        assert proposals.one(session, world.workspace, one.id).state is ProposalState.REJECTED


def test_somebody_unknown_cannot_be_erased_nor_somebody_of_another_workspace(world: World) -> None:
    other = WorkspaceId(f"{world.workspace}-2")
    with world.sessions.begin() as session, pytest.raises(Unknown):
        erasure.forget(session, other, world.uma, vault=world.vault, now=world.now)
    with world.sessions() as session:
        assert people.external_of(session, world.workspace, world.uma) == "U-uma"
