"""Tables whose rows are written once: a trigger of the database refuses to change or to remove them.

It holds against mistakes of this program and of whoever else writes; against somebody who may drop a trigger stands
the chain (`learning.recorder.seals`).
"""

from sqlalchemy import DDL, Table, event

#: What the database says to who tries.
REFUSAL = "records are append-only"
_FUNCTION = "refuse_change"

_SQLITE = """\
CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table}
BEGIN SELECT RAISE(ABORT, '{refusal}'); END"""
_POSTGRES_FUNCTION = """\
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{refusal}'; END $$"""
_POSTGRES = """\
CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table}
FOR EACH {each} EXECUTE FUNCTION {function}()"""


def statements(table: str, dialect: str) -> tuple[str, ...]:
    """What makes a table append-only.

    Args:
        dialect: `sqlite` or `postgresql`.
    """
    names = {"table": table, "refusal": REFUSAL, "function": _FUNCTION}
    if dialect == "sqlite":
        return tuple(_SQLITE.format(act=act, **names) for act in ("update", "delete"))
    each = {"update": "ROW", "delete": "ROW", "truncate": "STATEMENT"}
    triggers = [_POSTGRES.format(act=act, each=one, **names) for act, one in each.items()]
    return (_POSTGRES_FUNCTION.format(**names), *triggers)


def append_only(table: Table) -> None:
    """Let the triggers be made together with the table."""
    for dialect in ("sqlite", "postgresql"):
        for statement in statements(table.name, dialect):
            made = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types
            event.listen(table, "after_create", made.execute_if(dialect=dialect))
