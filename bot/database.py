"""The database as every command opens it: brought to the newest revision, with the keys that open what is in it.

Where the database is the SQLite file in the data folder, the keys stand in a file of their own beside it, so that a
back-up of the one does not hold the other: restored, it would bring back the keys of people who were erased. With a
database elsewhere they stand in it, or where `ANSWERLOOP_KEYS_URL` says.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Engine, Table, event, inspect, select, text
from sqlalchemy.exc import ArgumentError, OperationalError

from bot import schema
from bot.errors import Misconfigured, NotReachable
from bot.secrets import master_key
from bot.settings import Settings
from kb.database import Base, Sessions, insert_missing, make_sessions, open_engine
from learning.encryption import Vault
from learning.tables import PersonKeyRow, WorkspaceKeyRow

#: The tables that stand in a database of keys.
_KEYS: tuple[type[Base], ...] = (PersonKeyRow, WorkspaceKeyRow)


@dataclass(frozen=True)
class Database:
    """The database, and the vault that opens what is encrypted in it."""

    engine: Engine
    sessions: Sessions
    vault: Vault
    #: The database of the keys; the other one where they stand in it.
    keys: Engine

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()
        self.keys.dispose()

    def scrub(self) -> None:
        """After an erasure: what a database keeps of deleted rows goes too."""
        if self.keys.dialect.name == "sqlite":
            with self.keys.connect() as connection:
                # Closed without a transaction of its own: in one, the log cannot be cut.
                raw = cast(Any, connection.connection.dbapi_connection)
                connection.rollback()
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            with self.keys.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM person_keys"))


def open_database(settings: Settings, *, connections: int = 5) -> Database:
    """Open the database, its schema brought up to date.

    Args:
        connections: how many are kept open.

    Raises:
        Misconfigured: the data folder or a URL is not usable.
        NotReachable: the database does not answer.
    """
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(f"The data folder {settings.data_dir} cannot be made: {error.strerror}.") from None
    engine = _engine(settings.database, "ANSWERLOOP_DATABASE_URL", connections)
    keys = _engine(settings.keys, "ANSWERLOOP_KEYS_URL", connections) if settings.keys else None
    vault = _Later(settings, keys)
    if keys is not None:
        with _reached("ANSWERLOOP_KEYS_URL"):
            _prepare(keys)
    with _reached("ANSWERLOOP_DATABASE_URL"):
        if keys is not None:
            _move_keys(engine, keys)
        schema.upgrade(engine, vault)
    return Database(engine, make_sessions(engine), vault(), keys or engine)


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database for as long as the block lasts."""
    found = open_database(settings)
    try:
        yield found
    finally:
        found.close()


@dataclass(frozen=True)
class _Later:
    """The vault, opened when it is asked for: the first start makes the master key."""

    settings: Settings
    keys: Engine | None

    def __call__(self) -> Vault:
        return Vault(master_key(self.settings), keys=None if self.keys is None else make_sessions(self.keys))


def _engine(url: str, setting: str, connections: int) -> Engine:
    try:
        return open_engine(url, pool_size=connections)
    except ArgumentError:
        raise Misconfigured(f"{setting} is not a database URL such as postgresql://host/name.") from None


@contextlib.contextmanager
def _reached(setting: str) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        cause = str(error.orig or error).strip().splitlines()[0]
        raise NotReachable(f"The database cannot be reached ({setting}): {cause}") from None


def _prepare(keys: Engine) -> None:
    """Make the tables of a database of keys."""
    if keys.dialect.name == "sqlite":
        event.listen(keys, "connect", _overwrite_what_is_deleted)
    Base.metadata.create_all(keys, tables=[cast(Table, row.__table__) for row in _KEYS])


def _move_keys(engine: Engine, keys: Engine) -> None:
    """Move keys that an earlier version kept beside what they open; the first of several to do so does it."""
    there = inspect(engine).get_table_names()
    for row in _KEYS:
        table = cast(Table, row.__table__)
        if table.name not in there:
            continue
        with engine.begin() as connection:
            found = [dict(one) for one in connection.execute(select(table)).mappings()]
            if found:
                with make_sessions(keys).begin() as session:
                    insert_missing(session, row, found)
                connection.execute(table.delete())


def _overwrite_what_is_deleted(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()
