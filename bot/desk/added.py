"""Entries written by hand: put aside until a workflow has compared them with what is known.

Searching and comparing take longer than a form may, so who wrote one is told the outcome by direct message.
"""

import json
from dataclasses import replace

from bot.desk import names
from bot.desk import proposals as desk
from bot.services import Services
from kb.ids import WorkspaceId
from learning import asides, proposals
from learning.conversations import Place, Privacy
from learning.errors import Unknown
from learning.ids import PersonId, ProposalId
from learning.people import Actor
from learning.proposals import Origin, ProposalDraft, Proposed, Source


def keep(services: Services, workspace: WorkspaceId, who: Actor, draft: ProposalDraft, waiting: str) -> None:
    """Keep what somebody wrote; it becomes a proposal.

    Args:
        waiting: the question that needed this answer, by its proposal's id; empty for none.
    """
    name = f"added:{services.ids()}"
    text = json.dumps({"question": draft.question, "answer": draft.answer, "phrasings": draft.phrasings})
    with services.sessions.begin() as session:
        now = services.clock()
        asides.put(session, workspace, name, who.person, text, vault=services.vault, now=now, ids=services.ids)
        workflow_id = f"{workspace}:{name}:learn"
        services.work.enqueue(
            session, names.LEARN_FROM_ENTRY, workflow_id, workspace, who.person, name, waiting, lane=names.LEARNING
        )


def propose(services: Services, workspace: WorkspaceId, person: PersonId, name: str, waiting: str) -> Proposed | None:
    """Propose what was put aside; None where it is known already.

    Raises:
        Unknown: the words are no longer there.
    """
    with services.sessions() as session:
        text = asides.read(session, workspace, name, vault=services.vault)
        question = proposals.one(session, workspace, ProposalId(waiting)) if waiting else None
    if text is None:
        raise Unknown("What was written is no longer kept; write it again.")
    kept = json.loads(text)
    draft = ProposalDraft(kept["question"], kept["answer"], tuple(kept["phrasings"]))
    source = Source(Origin.ADD_COMMAND, person, Place("added", name), Privacy.DIRECT)
    if question is not None:
        # It is about what somebody asked: where that was said, and who may be shown it, stays with it.
        source = replace(question.sources[0], origin=Origin.ADD_COMMAND, person=person)
        draft = replace(draft, audience=question.draft.audience)
    proposed = desk.added(services, workspace, draft, source)
    if proposed is not None and question is not None:
        with services.sessions.begin() as session:
            proposals.drop(session, workspace, question.id, reason="An answer was proposed.", now=services.clock())
    return proposed
