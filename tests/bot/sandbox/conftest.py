"""A local workspace for the tests, impatient enough that a redelivery takes no minute."""

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.sandbox.client import Workspace
from bot.sandbox.server import serve
from bot.sandbox.transport import Timing
from tests.bot.sandbox.raw_app import RawApp, Slack

ACK_SECONDS = 1.0
RETRIES = (0.0, 0.2, 0.4)


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    # The SDK takes a proxy from the environment, for addresses of this machine too.
    for name in [name for name in os.environ if name.lower() in ("http_proxy", "https_proxy", "all_proxy")]:
        del os.environ[name]
    timing = Timing(ack=timedelta(seconds=ACK_SECONDS), retries=tuple(timedelta(seconds=one) for one in RETRIES))
    with serve(timing=timing) as address:
        yield address


@pytest.fixture
def workspace(url: str) -> Iterator[Workspace]:
    with Workspace(url) as one:
        one.deliver_to("")
        one.timing(ack=ACK_SECONDS, retries=list(RETRIES), trigger=3)
        one.reset()
        yield one


@pytest.fixture
def slack(url: str, workspace: Workspace) -> Iterator[Slack]:
    with Slack(url) as one:
        yield one


@pytest.fixture
def app(slack: Slack) -> Iterator[RawApp]:
    with RawApp(slack) as one:
        yield one
