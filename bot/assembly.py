"""The composition root: the only place where services are built. Tests and every command call the same functions.

Sizes belong together: `workers` workflows run at once, the connection pool has room for them, for the listeners and
for DBOS, and embedding threads are few because many workflows embed at the same time.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from bot import preferences, schema
from bot.agent import Agent, AgentSettings
from bot.arms import Arms
from bot.database import Database, open_database
from bot.errors import Misconfigured
from bot.models import chat_model
from bot.services import Services
from bot.settings import Settings
from bot.slack.connection import LISTENERS, client
from bot.slack.delivery import Delivery
from bot.slack.identity import Identity
from bot.telemetry import Observer, nobody
from bot.workflows.work import DurableWork, Work
from kb.clock import Clock, utc_now
from kb.collections import served_before
from kb.database import Sessions, make_sessions, open_engine
from kb.embedding import Embedder, is_exported, open_embedder, open_exported
from kb.ids import IdSource, new_ulid
from kb.knowledge import KnowledgeBase
from kb.memory_index import MemoryIndex
from kb.vector_index import VectorIndex, open_index
from learning.calibration import Calibrator
from learning.encryption import Vault
from learning.redaction import Redaction
from learning.redaction.presidio import model_names

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

#: Connections besides those of workers and listeners: DBOS's own threads, signs of life, the owner's socket.
SPARE_CONNECTIONS = 8


@dataclass(frozen=True)
class Store:
    """The database and the knowledge base, without Slack: what the terminal's commands need."""

    settings: Settings
    database: Database
    index: VectorIndex
    knowledge: KnowledgeBase

    @property
    def engine(self) -> Engine:
        """The database's engine."""
        return self.database.engine

    @property
    def sessions(self) -> Sessions:
        """Sessions of the database."""
        return self.database.sessions

    def close(self) -> None:
        """Let go of the index and the connections."""
        self.index.close()
        self.database.close()


@contextlib.contextmanager
def store(settings: Settings, *, index: VectorIndex | None = None) -> Iterator[Store]:
    """The database and the knowledge base, opened and closed.

    Args:
        index: another than the settings' own.

    Raises:
        IndexLocked: another process owns the embedded index; the message says which.
        ModelMissing: the embedding model is not there; the message names the setting.
    """
    database = open_database(settings, connections=settings.workers + LISTENERS + SPARE_CONNECTIONS)
    index = index or open_index(settings.chroma_url or settings.data_dir / "index")
    sessions = database.sessions
    cache, threads = settings.data_dir / "models", settings.embedding_threads
    embedder = open_embedder(settings.embedding_model, cache=cache, threads=threads, weights=settings.embedding_weights)
    with sessions() as session:
        before = served_before(session, embedder.model)
    # After a change of model the old one answers until everything is embedded anew.
    previous = open_exported(before, cache=cache, threads=threads) if before else None
    knowledge = KnowledgeBase(
        sessions=sessions, index=index, embedder=embedder, previous=previous, clock=utc_now, ids=new_ulid
    )
    opened = Store(settings, database, index, knowledge)
    try:
        yield opened
    finally:
        opened.close()


def model(settings: Settings, name: str) -> "BaseChatModel | None":
    """A chat model by its name, at the server that the settings name; None where they name none."""
    return chat_model(
        name=name,
        base_url=settings.model_base_url,
        api_key=settings.model_api_key,
        timeout=timedelta(seconds=settings.model_timeout_seconds),
        report_usage=True if settings.model_reports_usage else None,
    )


def arms(settings: Settings) -> Arms:
    """The experiments that the settings describe."""
    models: dict[tuple[str, str], BaseChatModel] = {}
    for experiment, described in settings.experiments.items():
        for arm, one in described.items():
            if one.model_name and (made := model(settings, one.model_name)) is not None:
                models[experiment, arm] = made
    return Arms(settings.described_experiments, settings.tags, models)


def agent(settings: Settings) -> Agent:
    """The agent as the settings want it; without a model it writes nothing."""
    choices = AgentSettings(english_only=not settings.embedding_model)
    return Agent(settings=choices, model=model(settings, settings.model_name))


def redaction(settings: Settings) -> Redaction:
    """How texts are redacted, as the settings want it; with a model, names, streets and companies go as well.

    Raises:
        ModelNotThere: the model that the settings name, or what runs it, is not installed.
    """
    found = (model_names(settings.redaction_model),) if settings.redaction_model else ()
    return Redaction(allowed=settings.allowed, more=found)


def embedder_apart(settings: Settings, folder: Path) -> Embedder:
    """The embedding model of the settings for work that leaves no trace: the live folder's export is read where there
    is one, and otherwise one is made in another folder.

    Args:
        folder: one that the caller removes.

    Raises:
        ModelMissing: the embedding model is not there; the message names the setting.
    """
    model, weights = settings.embedding_model, settings.embedding_weights
    live = settings.data_dir / "models"
    cache = live if is_exported(model, cache=live, weights=weights) else folder
    return open_embedder(model, cache=cache, threads=settings.embedding_threads, weights=weights)


@contextlib.contextmanager
def passing_store(
    settings: Settings, embedder: Embedder, *, vault: Vault, clock: Clock, ids: IdSource
) -> Iterator[Store]:
    """An empty database and knowledge base for what is tried out and thrown away; nothing of it survives a power cut.

    Args:
        settings: of which the data folder is one that the caller removes.
        vault: its keys stand in the same database.
    """
    engine = open_engine(settings.database, durable=False)
    schema.metadata().create_all(engine)
    sessions, index = make_sessions(engine), MemoryIndex()
    knowledge = KnowledgeBase(sessions=sessions, index=index, embedder=embedder, clock=clock, ids=ids)
    opened = Store(settings, Database(engine, sessions, vault, engine), index, knowledge)
    try:
        yield opened
    finally:
        opened.close()


def services(
    settings: Settings,
    opened: Store,
    observe: Observer = nobody,
    *,
    clock: Clock = utc_now,
    ids: IdSource = new_ulid,
    work: Work | None = None,
) -> Services:
    """Everything that the bot works with, on an opened store.

    Args:
        observe: is shown every decision once it is recorded.
        work: where work is handed over to, if it is not to be durable.
    """
    web = client(settings)
    sessions = opened.sessions
    return Services(
        settings=settings,
        clock=clock,
        ids=ids,
        engine=opened.engine,
        sessions=sessions,
        vault=opened.database.vault,
        redaction=redaction(settings),
        knowledge=opened.knowledge,
        agent=agent(settings),
        arms=arms(settings),
        calibrator=Calibrator(sessions=sessions, knowledge=opened.knowledge, clock=clock),
        work=work or DurableWork(opened.engine),
        client=web,
        identity=Identity(web, settings),
        delivery=Delivery(web, sessions, clock),
        observe=observe,
    )


@contextlib.contextmanager
def running(settings: Settings, observe: Observer = nobody) -> Iterator[tuple[Services, str]]:
    """The whole bot: workflows run, events arrive, other commands are answered; gives the URL of HTTP events.

    Args:
        observe: is shown every decision once it is recorded.

    Raises:
        Misconfigured: a setting is missing or unusable, or four eyes are asked for with fewer than two admins.
        NotReachable: Slack cannot be reached with these tokens.
    """
    from bot import owner, terminal
    from bot.desk import hours, names
    from bot.slack.app import build
    from bot.slack.connection import check, connected
    from bot.workflows import runtime
    from bot.workflows.registry import bodies, schedules

    hours.parse(settings.support_hours, settings.support_time_zone)
    check(settings)  # before the model is loaded, which takes a while
    with store(settings) as opened:
        made = services(settings, opened, observe)
        check_four_eyes(made)
        workspace = made.identity.workspace()
        app = build(made, signing_secret=settings.slack_signing_secret.get_secret_value())
        with contextlib.ExitStack() as stack:
            stack.enter_context(
                runtime.running(
                    opened.engine,
                    workspace,
                    bodies(made),
                    folder=settings.data_dir / "executors",
                    workers=settings.workers,
                    takeover=timedelta(seconds=settings.takeover_seconds),
                    schedules=schedules(made),
                )
            )
            with made.sessions.begin() as session:
                made.work.enqueue(session, names.INDEX, f"{workspace}:start:{made.ids()}", workspace, lane=names.INDEX)
            if not settings.chroma_url:
                stack.enter_context(owner.listen(settings.data_dir, terminal.requests(opened)))
            yield made, stack.enter_context(connected(app, settings))


def check_four_eyes(made: Services) -> None:
    """Four eyes need two people.

    Raises:
        Misconfigured: fewer than two admins are named.
    """
    with made.sessions() as session:
        wanted = preferences.effective(session, made.identity.workspace(), made.settings, "four_eyes")
    if wanted and len(made.identity.admins()) < 2:
        raise Misconfigured(
            "Four eyes are asked for, but ANSWERLOOP_ADMINS names fewer than two people; "
            "name another admin, or set ANSWERLOOP_FOUR_EYES=false."
        )
