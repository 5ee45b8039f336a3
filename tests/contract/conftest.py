"""What every contract suite stands on: the same sessions on SQLite and on PostgreSQL."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import OperationalError

import kb.tables
import learning.tables
from kb.database import Base, Sessions, make_sessions, open_engine
from tests.conftest import missing

#: Importing the tables is what makes the shared metadata know them.
TABLES = (kb.tables, learning.tables)

#: A server on which a scratch database may be made; .ci/run sets it.
POSTGRES = os.environ.get("ANSWERLOOP_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")


@contextmanager
def scratch_postgres(encoding: str = "UTF8") -> Iterator[str]:
    """The URL of a new, empty database that is dropped at the end; skips where there is no server."""
    server = create_engine(
        POSTGRES.replace("postgresql://", "postgresql+psycopg://"),
        isolation_level="AUTOCOMMIT",
        connect_args={"connect_timeout": 3},
    )
    name = f"contract_{secrets.token_hex(6)}"
    try:
        with server.connect() as connection:
            # The C locale goes with every encoding.
            connection.exec_driver_sql(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
    except OperationalError:
        missing("no PostgreSQL server at ANSWERLOOP_TEST_POSTGRES")
    try:
        yield f"{POSTGRES.rpartition('/')[0]}/{name}"
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        server.dispose()


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on a new database that has every table; tests keep apart by workspace."""
    with scratch_postgres() if request.param == "postgres" else _sqlite(tmp_path_factory) as url:
        made = open_engine(url)
        Base.metadata.create_all(made)
        yield made
        made.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    return make_sessions(engine)


@contextmanager
def _sqlite(folders: pytest.TempPathFactory) -> Iterator[str]:
    yield f"sqlite:///{folders.mktemp('contract')}/contract.db"
