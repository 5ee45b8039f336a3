"""The engine, the declarative base and the column types that all three packages share.

SQLite runs in WAL with `BEGIN IMMEDIATE`, so that a writer waits at its start and never fails half-way;
PostgreSQL is reached by URL. Times are stored in UTC and come back aware. What must not write is given an engine on
which the database itself refuses it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVarTuple
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    ExceptionContext,
    Executable,
    MetaData,
    Result,
    String,
    create_engine,
    event,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.sql.selectable import TypedReturnsRows
from sqlalchemy.types import TypeDecorator

from kb.errors import ReadOnly

_Ts = TypeVarTuple("_Ts")

#: Sessions are made by the composition root and given to who needs them.
Sessions = sessionmaker[Session]

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The declarative base of every table, so that one metadata describes the whole schema."""

    metadata = MetaData(naming_convention=_NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC on both engines."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times; store the rest in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A naive datetime was given; times must be aware.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite drops the zone; what is stored is always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: What is said to who writes where nothing may be written: PostgreSQL's code, the beginning of SQLite's words.
_PG_READ_ONLY, _SQLITE_READ_ONLY = "25006", "attempt to write a readonly database"

#: Column types by meaning: ULIDs, workspace ids, opaque references (Slack `ts` and channels stay text).
Ulid = String(26)
Workspace = String(64)
Ref = String(255)


def open_engine(url: str, *, pool_size: int = 10, durable: bool = True) -> Engine:
    """An engine for `url` (SQLite or PostgreSQL), set up the way every part of Answerloop expects.

    Args:
        url: an SQLAlchemy URL; `postgresql://` is taken to mean psycopg 3.
        pool_size: connections kept open; sized with the number of workers.
        durable: False for a database that is thrown away: on SQLite, what is committed waits for no disk.

    Errors never show a statement's values: they may be what somebody wrote, and errors are logged.
    """
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
    if not url.startswith("sqlite"):
        # Said here, because a server without an encoding (SQL_ASCII) would give texts back as bytes.
        encoding = {"client_encoding": "utf8"}
        return create_engine(
            url, pool_size=pool_size, max_overflow=5, pool_pre_ping=True, hide_parameters=True, connect_args=encoding
        )
    engine = create_engine(url, pool_size=pool_size, max_overflow=5, connect_args={"timeout": 30}, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    if not durable:
        event.listen(engine, "connect", _wait_for_no_disk)
    event.listen(engine, "begin", _begin_immediately)
    return engine


def read_only(engine: Engine, *, pool_size: int = 10) -> Engine:
    """Another engine on the same database, with connections on which the database itself refuses every write.

    On SQLite the file is opened for reading alone; on PostgreSQL every transaction is a read-only one. Whoever tries to
    write gets `kb.errors.ReadOnly`.

    Args:
        engine: as `open_engine` gives it; SQLite must be in a file.
        pool_size: connections kept open.
    """
    if engine.dialect.name == "sqlite":
        file = quote(str(Path(engine.url.database or "").resolve()))
        url = URL.create("sqlite", database=f"file:{file}", query={"mode": "ro", "uri": "true"})
        made = create_engine(
            url, pool_size=pool_size, max_overflow=5, connect_args={"timeout": 30}, hide_parameters=True
        )
        event.listen(made, "connect", _leave_transactions_to_us)
        event.listen(made, "begin", _begin_to_read)
    else:
        options = {"client_encoding": "utf8", "options": "-c default_transaction_read_only=on"}
        made = create_engine(
            engine.url,
            pool_size=pool_size,
            max_overflow=5,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=options,
        )
    event.listen(made, "handle_error", _name_refused_writes)
    return made


def make_sessions(engine: Engine) -> Sessions:
    """A session factory; objects stay readable after commit because values, not rows, leave a session."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def reading(sessions: Sessions) -> Iterator[Session]:
    """A session that only reads: on SQLite it neither waits for a writer nor keeps one waiting."""
    with sessions() as session:
        session.connection(execution_options={"answerloop_reads_only": True})
        yield session
        session.rollback()


def rows_of(
    session: Session, statement: TypedReturnsRows[*_Ts], values: Mapping[str, Any] | None = None
) -> Result[*_Ts]:
    """Run a statement for plain rows: for what runs many times for each question, at half the price of objects.

    Args:
        values: of the statement's parameters, so that it can be built once.
    """
    session.flush()
    return session.connection().execute(statement, values)


def write(session: Session, statement: Executable, values: Mapping[str, Any]) -> CursorResult[Any]:
    """Run a statement that writes, without objects either: for what happens ten thousand times in one import.

    Args:
        values: of the statement's parameters, so that it can be built once.
    """
    session.flush()
    return session.connection().execute(statement, values)


def insert_missing(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose key is not there yet and leave the others as they are; safe when two do it at once."""
    if not rows:
        return
    session.execute(inserting(table, session.get_bind().dialect.name), list(rows))


def inserting(table: Any, dialect: str) -> Any:
    """The insertion, as a database's dialect puts it, that leaves a row whose key is there already as it is.

    Args:
        table: a table or the class of its rows.
        dialect: `sqlite` or `postgresql`.
    """
    if dialect != "postgresql":
        return sqlite.insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects import postgresql  # a tenth of the time that loading all of it takes

    return postgresql.insert(table).on_conflict_do_nothing()


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling is switched off, so that _begin_immediately alone begins them.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.execute("PRAGMA foreign_keys=ON")
    # An acknowledged event must survive a power cut.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _leave_transactions_to_us(connection: Any, _record: Any) -> None:
    connection.isolation_level = None


def _begin_to_read(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _name_refused_writes(context: ExceptionContext) -> None:
    error = context.original_exception
    if getattr(error, "sqlstate", None) == _PG_READ_ONLY or str(error).startswith(_SQLITE_READ_ONLY):
        raise ReadOnly("Nothing may be written here: this connection only reads.") from None


def _wait_for_no_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _begin_immediately(connection: Connection) -> None:
    reads_only = connection.get_execution_options().get("answerloop_reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
