"""What every tier shares: a PostgreSQL server, Chromium, a prepared embedding model, and what the demo knows.

Where a server or a browser is missing, tests that need it are skipped with the reason; under CI that is a failure.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from filelock import FileLock
from hypothesis import settings
from sqlalchemy import create_engine, text

from tests.one_workspace import watched

#: A server on which databases may be made; `.ci/run` sets it.
POSTGRES = os.environ.get("ANSWERLOOP_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")


def missing(reason: str) -> NoReturn:
    """Skip for a reason, or fail where everything has to be there."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; under CI nothing may be missing")
    pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI a skipped test has failed, whoever skipped it, so that it fails again when it is run again."""
    report = yield
    if report.skipped:
        _fail_under_ci(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself."""
    report = yield
    if report.skipped:
        _fail_under_ci(report)
    return report


def _fail_under_ci(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and under CI nothing may be skipped: {report.longreprtext}"


def pytest_configure() -> None:
    """Under CI the same commit gets the same verdict; elsewhere examples are new each time and may find more."""
    settings.register_profile("ci", derandomize=True)
    if os.environ.get("CI"):
        settings.load_profile("ci")


@pytest.fixture(scope="session", autouse=True)
def no_proxies() -> None:
    """The Slack SDK would send requests to this machine through a proxy."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        os.environ.pop(name, None)
        os.environ.pop(name.lower(), None)


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """URL of a PostgreSQL server."""
    engine = create_engine(_driver(POSTGRES))
    try:
        engine.connect().close()
    except Exception as error:
        missing(f"no PostgreSQL at {POSTGRES.rpartition('@')[2]} ({type(error).__name__})")
    finally:
        engine.dispose()
    return POSTGRES


@contextlib.contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """URL of a fresh database on a server, dropped afterwards."""
    name = f"answerloop_test_{uuid.uuid4().hex[:12]}"
    server = create_engine(_driver(server_url), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"create database {name} encoding 'UTF8' template template0"))
    try:
        yield f"{server_url.rpartition('/')[0]}/{name}"
    finally:
        with server.connect() as connection:
            connection.execute(text(f"drop database {name} with (force)"))
        server.dispose()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of a fresh database, dropped afterwards."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def reached_out() -> Iterator[list[str]]:
    """No statement that the packages execute in this process reaches into two workspaces; those that did."""
    with watched() as found:
        yield found
    assert not found


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        missing("no Chromium")
    return found


@pytest.fixture(scope="session")
def model_cache(pytestconfig: pytest.Config) -> Path:
    """A folder with the packaged model prepared for serving: exported once for all workers, and anew when the code
    that does so changes."""
    import kb.export
    from kb.embedding import open_embedder

    assert pytestconfig.cache is not None
    code = hashlib.sha256(Path(kb.export.__file__).read_bytes()).hexdigest()
    folder = Path(pytestconfig.cache.mkdir(f"models-{code[:12]}"))
    open_embedder(cache=folder)
    return folder


@pytest.fixture(scope="session")
def knowledge_folder(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Path:
    """A data folder in which the fictional company's knowledge has been ingested; copied, never used itself."""
    with _once_for_all_workers(tmp_path_factory, "knowledge") as folder:
        if not (folder / "ready").exists():
            ingest_fixtures(folder, model_cache)
            (folder / "ready").touch()
    return folder


@contextlib.contextmanager
def _once_for_all_workers(folders: pytest.TempPathFactory, name: str) -> Iterator[Path]:
    """A folder that all workers of this run share, held by one of them at a time."""
    base = folders.getbasetemp()
    shared = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / name
    shared.mkdir(exist_ok=True)
    with FileLock(shared.with_suffix(".lock")):
        yield shared


def ingest_fixtures(folder: Path, model_cache: Path) -> None:
    """Make a data folder that knows what the demo knows."""
    from bot.demo import FIXTURES, KNOWLEDGE
    from bot.sandbox import world

    (folder / "models").symlink_to(model_cache)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSWERLOOP_")}
    subprocess.run(
        [
            *(sys.executable, "-m", "bot.cli", "ingest", "--workspace", world.TEAM.id),
            *(str(FIXTURES / name) for name in KNOWLEDGE),
        ],
        env={**environment, "ANSWERLOOP_DATA_DIR": str(folder)},
        check=True,
        cwd=folder,
        capture_output=True,
        timeout=300,
    )


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")
