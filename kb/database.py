"""The engine, the declarative base and the column types that all three packages share.

SQLite runs in WAL with `BEGIN IMMEDIATE`, so that a writer waits at its start and never fails half-way;
PostgreSQL is reached by URL. Times are stored in UTC and come back aware.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVarTuple

from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Result,
    String,
    create_engine,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.sql.selectable import TypedReturnsRows
from sqlalchemy.types import TypeDecorator

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


def insert_missing(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose key is not there yet and leave the others as they are; safe when two do it at once."""
    if not rows:
        return
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    session.execute(insert.on_conflict_do_nothing(), list(rows))


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


def _wait_for_no_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _begin_immediately(connection: Connection) -> None:
    reads_only = connection.get_execution_options().get("answerloop_reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
