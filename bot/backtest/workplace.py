"""The workplace of a backtest: the real bot's services on a workspace that is gone afterwards, without Slack.

Always: nothing is read from or written to the live workspace; time and ids are made here, so that the same plan gives
the same result. What is left out is only what happens in Slack itself: nothing is posted, and everyone may read
everything.
"""

import contextlib
import hashlib
import random
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session
from ulid import ULID

from bot.assembly import passing_store, services
from bot.backtest.plan import Plan
from bot.services import Services
from bot.settings import Settings, alone
from bot.slack.connection import client
from bot.slack.identity import Channel, Identity, Profile
from kb.embedding import Embedder
from kb.ids import WorkspaceId
from learning.encryption import KEY_BYTES, Vault
from learning.people import Role

WORKSPACE = WorkspaceId("T0BACKTEST")
#: The places of the workspace; the names say what stands there.
CHANNEL, STAFF_ROOM, REVIEW_ROOM = "C0QUESTIONS", "C0STAFF", "C0REVIEW"
#: Who settles what is handed over, and who decides on proposals.
STAFF, ADMIN, BOT = "U0STAFF", "U0ADMIN", "U0BOT"
#: How many people ask, in turns.
ASKERS = 50
#: When the first question is asked, and how much later each next one. Any day would do.
_BEGIN, _BETWEEN = datetime(2026, 1, 1, tzinfo=UTC), timedelta(minutes=1)


@dataclass
class PassingClock:
    """Stands still while a question is dealt with."""

    now: datetime = _BEGIN

    def __call__(self) -> datetime:
        """The present moment."""
        return self.now

    def tick(self) -> None:
        """The next question comes."""
        self.now += _BETWEEN


class SeededIds:
    """Ids that count up from a number drawn with the seed; the product draws by ids whom it asks for a spot check."""

    def __init__(self, seed: int) -> None:
        self._next = random.Random(f"ids {seed}").getrandbits(80) << 40

    def __call__(self) -> str:
        """The next id."""
        self._next += 1
        return str(ULID.from_int(self._next))


class _SeededVault(Vault):
    """A vault whose placeholders for contact details are the same each time."""

    def workspace_key(self, session: Session, workspace: WorkspaceId, purpose: str, *, now: datetime) -> bytes:
        return hashlib.sha256(f"{workspace}|{purpose}".encode()).digest()


class _OpenPlace(Identity):
    """Everyone is a colleague and reads everything; nobody is asked."""

    def roles(self, user: str) -> frozenset[Role]:
        return {STAFF: frozenset({Role.USER, Role.STAFF}), ADMIN: frozenset(Role)}.get(user, frozenset({Role.USER}))

    def profile(self, user: str) -> Profile:
        return Profile(user, user, "", "UTC", guest=False, foreign=False)

    def channel(self, channel: str) -> Channel:
        return Channel(channel, channel, private=False, direct=False, shared=False)

    def held_by(self, user: str, audiences: frozenset[str]) -> frozenset[str]:
        return audiences

    def workspace(self) -> WorkspaceId:
        return WORKSPACE

    def bot_user(self) -> str:
        return BOT


@dataclass
class Errands:
    """`Work` that is kept for the caller: what the bot asked for after each act, in order, each once."""

    _asked: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def enqueue(
        self,
        session: Session,
        workflow: str,
        workflow_id: str,
        workspace: str,
        *ids: str,
        lane: str,
        since: datetime | None = None,
    ) -> None:
        """See `bot.workflows.work.Work.enqueue`."""
        self._asked.setdefault(workflow_id, (workflow, ids))

    def take(self) -> list[tuple[str, tuple[str, ...]]]:
        """What was asked for since the last time: the workflows and their ids."""
        found = list(self._asked.values())
        self._asked.clear()
        return found


@dataclass(frozen=True)
class Workplace:
    """The bot and its people."""

    services: Services
    clock: PassingClock
    errands: Errands


@contextlib.contextmanager
def workplace(embedder: Embedder, plan: Plan, *, english: bool) -> Iterator[Workplace]:
    """An empty workplace, in a folder that is removed at the end.

    Args:
        plan: the promise, the seed, and what admins are not asked about.
        english: whether the embedder reads English alone.
    """
    with tempfile.TemporaryDirectory(prefix="answerloop-backtest-") as name:
        settings = _settings(Path(name), plan, english=english)
        clock, ids, errands = PassingClock(), SeededIds(plan.seed), Errands()
        vault = _SeededVault(secrets.token_bytes(KEY_BYTES))
        with passing_store(settings, embedder, vault=vault, clock=clock, ids=ids) as opened:
            made = services(settings, opened, clock=clock, ids=ids, work=errands)
            yield Workplace(replace(made, identity=_OpenPlace(client(settings), settings)), clock, errands)


def _settings(folder: Path, plan: Plan, *, english: bool) -> Settings:
    return alone(
        data_dir=folder,
        embedding_model="" if english else "another",
        slack_bot_token="xoxb-none",
        # Where nothing listens: no test of the past may reach anybody.
        slack_base_url="http://127.0.0.1:9/",
        support_channel=STAFF_ROOM,
        review_channel=REVIEW_ROOM,
        staff=STAFF,
        admins=ADMIN,
        max_wrong=plan.max_wrong,
        near_wording=plan.near_wording,
    )
