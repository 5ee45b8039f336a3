"""A local workspace and the bot's client in it, for tests of what talks to Slack."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from slack_sdk import WebClient
from sqlalchemy import Engine

from bot import schema
from bot.sandbox import world
from bot.sandbox.client import Workspace
from bot.sandbox.server import serve
from kb.database import Sessions, make_sessions, open_engine


@dataclass(frozen=True)
class Local:
    """The workspace, seen by people and by the bot."""

    url: str
    workspace: Workspace

    def client(self, kind: type[WebClient] = WebClient) -> WebClient:
        """A client with the bot's token, without retries of its own."""
        return kind(world.BOT_TOKEN, base_url=f"{self.url}/api/")


@pytest.fixture(scope="module")
def local() -> Iterator[Local]:
    """One workspace per module; tests keep apart by channels of their own."""
    with serve(0) as url, Workspace(url) as workspace:
        yield Local(url, workspace)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine(f"sqlite:///{tmp_path / 'bot.db'}")
    schema.metadata().create_all(made)
    yield made
    made.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    return make_sessions(engine)
