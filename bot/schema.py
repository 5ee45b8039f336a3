"""The schema: every table of the three packages, brought to the newest revision by Alembic.

DBOS keeps tables of its own in the same database and migrates them itself; they are left alone here.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, MetaData, func, select

if TYPE_CHECKING:
    from learning.encryption import Vault

#: Names PostgreSQL's lock that is held while the schema changes; any number that nobody else uses.
UPGRADE_LOCK = 7_264_415_001


def metadata() -> MetaData:
    """The description of every table of ours."""
    import bot.tables
    import kb.tables
    import learning.tables
    from kb.database import Base

    assert bot.tables and kb.tables and learning.tables
    return Base.metadata


def is_ours(_object: Any, name: str | None, kind: str, reflected: bool, _compared: Any) -> bool:
    """Whether Alembic shall look at a table: those only the database knows belong to DBOS."""
    return not (kind == "table" and reflected and name not in metadata().tables)


def rendered(kind: str, value: Any, _context: Any) -> str | Literal[False]:
    """How a revision writes our own column types: as what the database sees, so that old revisions stay readable."""
    from kb.database import UtcDateTime

    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(value, UtcDateTime) else False


def upgrade(engine: Engine, vault: "Callable[[], Vault] | None" = None) -> None:
    """Bring the database to the newest revision; nothing where it is there already. Of several at once, one does it.

    Args:
        vault: opens the vault, for a revision that has to encrypt what an earlier one left in clear.
    """
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # SQLite lets only one begin
            connection.execute(select(func.pg_advisory_xact_lock(UPGRADE_LOCK)))
        command.upgrade(config(connection, vault), "head")


def config(connection: Any, vault: "Callable[[], Vault] | None" = None) -> Config:
    """Alembic's configuration for one open connection."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    found.attributes["connection"] = connection
    found.attributes["vault"] = vault
    return found


def revision(engine: Engine, message: str) -> None:
    """Write a revision with what the tables have and the database lacks; for whoever changes a table.

    Args:
        engine: a database at the newest revision.
        message: what the revision does; becomes its name.
    """
    with engine.begin() as connection:
        command.revision(config(connection), message=message, autogenerate=True)
