"""The workplace of a replay: what decides again, built on connections that only read; gone when the replay ends.

The knowledge base of a version is copied into a folder that is removed, and searched in memory, so that a replay works
beside a running bot and never touches its index.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bot import assembly, kept, schema
from bot.agent import Agent
from bot.agent.prompt import INSTRUCTIONS
from bot.database import Database
from bot.errors import BotError, Misconfigured
from bot.replay.decide import BotReplay, Budgets, DryServices
from bot.replay.setup import Setup, prompt_of
from bot.settings import Settings
from kb.clock import utc_now
from kb.database import Sessions, make_sessions, open_engine, read_only, reading
from kb.embedding import Embedder
from kb.ids import EntryId, WorkspaceId, new_ulid
from kb.knowledge import KnowledgeBase
from kb.memory_index import MemoryIndex
from kb.past import copy_at
from learning import budgets, recorder
from learning.budget import FIRST
from learning.encryption import Vault
from learning.recorder import DecisionKind, RecordedDecision
from learning.redaction import Redactor, redactor_for
from learning.replay import Attempt, ModelReplay, NotReplayed, Replayer, Replays, run_reader

#: How many budgets are looked back on; one is chosen at most every 25 questions.
_BUDGETS = 100_000
_AGENTS = frozenset({DecisionKind.MODEL_MESSAGE, DecisionKind.TOOL_CALL, DecisionKind.RULE_APPLIED})


@dataclass(frozen=True)
class Workplace:
    """What carries a replay out, and what writes down what came of it; the first never sees the second."""

    replayer: Replayer
    replays: Replays
    #: All that the bot's own answers are decided again with.
    services: DryServices


def redactor(settings: Settings, database: Database, workspace: WorkspaceId) -> Redactor:
    """The workspace's redactor, as its operator wants it."""
    with database.sessions.begin() as session:
        chosen = assembly.redaction(settings)
        return redactor_for(session, workspace, database.vault, now=utc_now(), redaction=chosen)


def writer(database: Database, workspace: WorkspaceId, clean: Redactor, embedder: Embedder | None = None) -> Replays:
    """What begins runs, keeps what comes of them and says what they show.

    Args:
        embedder: compares meanings; None for who only looks at what is kept.
    """

    def similar(one: str, other: str) -> float:
        assert embedder is not None
        first, second = embedder.embed([one, other])
        return float(first @ second)

    return Replays(
        workspace=workspace,
        sessions=database.sessions,
        vault=database.vault,
        redactor=clean,
        clock=utc_now,
        ids=new_ulid,
        similarity=None if embedder is None else similar,
    )


@contextlib.contextmanager
def workplace(
    settings: Settings, database: Database, workspace: WorkspaceId, setup: Setup, instructions: str
) -> Iterator[Workplace]:
    """Everything a replay needs, for as long as the block lasts.

    Args:
        instructions: in the place of the program's own; empty for those.

    Raises:
        Misconfigured: the setup names a model, and there is no server for it.
        NotRebuilt: the knowledge base cannot be given as it stood at the version that the setup names.
        ModelMissing: the embedding model is not there.
    """
    agent = agent_for(settings, setup, instructions)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="answerloop-replay-")))
        embedder = assembly.embedder_apart(settings, folder)
        live = read_only(database.engine)
        stack.callback(live.dispose)
        sessions = make_sessions(live)
        knowledge = None
        if setup.knowledge is not None:
            knowledge = stack.enter_context(_as_of(sessions, workspace, setup, embedder, folder))
        clean = redactor(settings, database, workspace)
        replays = writer(database, workspace, clean, embedder)
        services = DryServices(
            workspace=workspace,
            sessions=sessions,
            agent=agent,
            knowledge=knowledge,
            budgets=_budgets(sessions, workspace),
            redactor=clean,
            tried_before=lambda one: _tried_before(sessions, database.vault, workspace, one),
        )
        of_agents = None
        if agent.model is not None:
            of_agents = ModelReplay(
                agent.model,
                name=setup.model,
                run_of=run_reader(sessions, workspace, database.vault),
                redactor=clean,
                instructions=instructions,
                price=setup.price,
            )
        yield Workplace(_either(BotReplay(services, setup), of_agents), replays, services)


def agent_for(settings: Settings, setup: Setup, instructions: str) -> Agent:
    """The agent that decides again.

    Raises:
        Misconfigured: the setup names a model, and there is no server for it.
        BotError: the run was begun with another version of the program.
    """
    usual = assembly.agent(settings.model_copy(update={"model_name": setup.model}))
    made = replace(usual, model=usual.model if setup.model else None)
    if setup.model and made.model is None:
        raise Misconfigured(
            f"To replay with the model '{setup.model}' set ANSWERLOOP_MODEL_API_KEY or ANSWERLOOP_MODEL_BASE_URL; "
            "--model none replays without one."
        )
    if setup.code != kept.program() or setup.prompt != prompt_of(instructions):
        raise BotError(
            f"This replay was begun with version {setup.code} of the program or with another prompt of its; half of it "
            "cannot be compared with the other half. Begin a new one."
        )
    return replace(made, instructions=instructions or INSTRUCTIONS)


@contextlib.contextmanager
def _as_of(
    sessions: Sessions, workspace: WorkspaceId, setup: Setup, embedder: Embedder, folder: Path
) -> Iterator[KnowledgeBase]:
    """The knowledge base as it stood, on connections that only read the copy."""
    assert setup.knowledge is not None
    copy = open_engine(f"sqlite:///{folder / 'knowledge.db'}", durable=False)
    schema.metadata().create_all(copy)
    written, index = make_sessions(copy), MemoryIndex()
    copy_at(sessions, written, workspace, setup.knowledge, embedder, calibration=setup.calibration)
    filled = KnowledgeBase(sessions=written, index=index, embedder=embedder, clock=utc_now, ids=new_ulid)
    filled.apply_pending(workspace)
    reads = read_only(copy)
    try:
        yield KnowledgeBase(sessions=make_sessions(reads), index=index, embedder=embedder, clock=utc_now, ids=new_ulid)
    finally:
        reads.dispose()
        copy.dispose()


def _either(of_bot: Replayer, of_agents: Replayer | None) -> Replayer:
    """What decides answers of the bot again, and what decides messages of other agents' models again."""

    def decide(recorded: RecordedDecision) -> Attempt:
        if recorded.kind not in _AGENTS:
            return of_bot(recorded)
        if of_agents is None:
            raise NotReplayed("An agent's model spoke, and no model is given to speak in its place.")
        return of_agents(recorded)

    return decide


def _budgets(sessions: Sessions, workspace: WorkspaceId) -> Budgets:
    """The thresholds over time."""
    with reading(sessions) as session:
        found = budgets.history(session, workspace, _BUDGETS)
    return Budgets(tuple((one.at, one.thresholds) for one in reversed(found)), FIRST)


def _tried_before(
    sessions: Sessions, vault: Vault, workspace: WorkspaceId, recorded: RecordedDecision
) -> frozenset[EntryId]:
    """The entries that had been said to the same question when somebody asked for another answer."""
    decision = recorded.decision
    if decision.conversation is None:
        return frozenset()
    with reading(sessions) as session:
        found = recorder.in_conversation(session, workspace, decision.conversation, vault=vault)
    return frozenset(
        item.entry
        for one in found
        if one.at < recorded.at and decision.parent in (one.decision.ts, one.decision.parent)
        for item in one.used
    )
