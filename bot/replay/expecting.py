"""Expecting: what a replay will read and write, from the records that it will replay."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from bot.agent import NOTHING_ASKED
from bot.agent.prompt import EVIDENCE_TEXT, INSTRUCTIONS, TURN_TEXT, TURNS
from bot.database import Database
from bot.replay.choosing import Chosen
from kb import changes
from kb.database import reading
from kb.ids import WorkspaceId
from learning import recorder
from learning.errors import Tampered
from learning.ids import DecisionId
from learning.recorder import AnswerDecision, DecisionKind
from learning.replay import Estimate, Expected, estimate

#: How many pieces of evidence a model is given (`bot.agent.AgentSettings.evidence_limit`).
_PIECES = 5
#: Words that stand around the data of a prompt, in characters.
_AROUND = 400

Report = Callable[[int, int], None]


def expect(database: Database, chosen: Chosen, *, at_once: int, report: Report) -> Estimate:
    """What a replay will take, if every case that may ask the model does."""
    setup = chosen.setup
    sized = []
    with reading(database.sessions) as session:
        for number, one in enumerate(chosen.decisions, start=1):
            sized.append(_expected(database, session, chosen, one) if setup.model else Expected(0))
            report(number, len(chosen.decisions))
    asking = [one for one in sized if one is not None]
    found = estimate(asking, model=bool(setup.model), price=setup.price, at_once=at_once)
    # What asks no model costs nothing and hardly any time, and is a case all the same.
    return Estimate(len(sized), found.tokens_in, found.tokens_out, found.cost, found.time, found.from_records)


def _expected(database: Database, session: Session, chosen: Chosen, decision: DecisionId) -> Expected | None:
    """What is known of one case; None where it will ask no model."""
    try:
        made = recorder.one(session, chosen.workspace, decision, vault=database.vault).decision
    except (Tampered, KeyError, TypeError, ValueError):
        return None  # the replay will say why it cannot be read
    setup = chosen.setup
    as_then = setup.knowledge is None and setup.answer_threshold is None
    if made.rule in NOTHING_ASKED or (as_then and made.kind is DecisionKind.VERBATIM):
        return None
    asked = made.versions.model != ""
    return Expected(
        characters=len(chosen.instructions or INSTRUCTIONS) + _AROUND + _data(session, chosen.workspace, made),
        tokens_in=made.model.tokens_in if asked else None,
        tokens_out=made.model.tokens_out if asked else None,
        took=made.stages.get("model") if asked else None,
    )


def _data(session: Session, workspace: WorkspaceId, made: AnswerDecision) -> int:
    """How long the data of a prompt is, in characters."""
    pieces = [(item.entry, item.version) for item in made.evidence[:_PIECES]]
    entries = changes.some(session, workspace, pieces).values()
    evidence = sum(len(one.question) + min(len(one.answer), EVIDENCE_TEXT) for one in entries)
    turns = sum(min(len(turn.text), TURN_TEXT) for turn in made.turns[-TURNS:])
    return 2 * len(made.question) + turns + evidence
