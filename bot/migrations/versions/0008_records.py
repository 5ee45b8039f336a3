"""Records are append-only, encrypted and sealed.

What earlier versions wrote in clear is encrypted here, under the key of who asked, in the shape of version 1.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.orm import Session

from kb.database import UtcDateTime
from learning.encryption import Vault

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BATCH = 500
_APPEND_ONLY = ("decisions", "decision_evidence", "record_seals")

#: The columns that stay as they were.
_KEPT = (
    "workspace",
    "id",
    "schema_version",
    "at",
    "channel",
    "thread",
    "ts",
    "conversation",
    "asker",
    "kind",
    "rule",
    "confidence",
    "model",
    "prompt_hash",
    "kb_version",
    "embedding",
    "ranking",
    "calibration",
    "code",
    "latency_ms",
    "signals",
)
_EVIDENCE = ("rank", "entry", "version", "score", "features", "used")


def upgrade() -> None:
    op.create_table(
        "record_heads",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("workspace", name=op.f("pk_record_heads")),
    )
    op.create_table(
        "record_seals",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("decision", sa.String(length=26), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "seq", name=op.f("pk_record_seals")),
        sa.UniqueConstraint("workspace", "decision", name=op.f("uq_record_seals_workspace_decision")),
    )
    _set_aside()
    _create_decisions()
    _carry_over()
    op.drop_table("decisions_in_clear")
    for table in _APPEND_ONLY:
        _make_append_only(table)


def downgrade() -> None:
    raise RuntimeError("What is encrypted and sealed does not become clear again; restore a back-up.")


def _set_aside() -> None:
    op.drop_index("ix_decisions_conversation", table_name="decisions")
    op.drop_index("ix_decisions_at", table_name="decisions")
    op.rename_table("decisions", "decisions_in_clear")
    if op.get_bind().dialect.name == "postgresql":  # SQLite's names of constraints are the table's own
        for name in ("pk_decisions", "uq_decisions_workspace_channel_ts"):
            op.execute(f"ALTER TABLE decisions_in_clear RENAME CONSTRAINT {name} TO {name}_in_clear")


def _create_decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=255), nullable=False),
        sa.Column("thread", sa.String(length=255), nullable=False),
        sa.Column("ts", sa.String(length=255), nullable=False),
        sa.Column("conversation", sa.String(length=26), nullable=True),
        sa.Column("asker", sa.String(length=26), nullable=True),
        sa.Column("parent", sa.String(length=255), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=255), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("model", sa.String(length=255), nullable=False),
        sa.Column("prompt_hash", sa.String(length=64), nullable=False),
        sa.Column("instructions", sa.Integer(), nullable=False),
        sa.Column("kb_version", sa.BigInteger(), nullable=False),
        sa.Column("embedding", sa.String(length=255), nullable=False),
        sa.Column("ranking", sa.String(length=255), nullable=False),
        sa.Column("calibration", sa.String(length=255), nullable=False),
        sa.Column("code", sa.String(length=255), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("finish_reason", sa.String(length=255), nullable=True),
        sa.Column("tokens_in", sa.Integer(), nullable=True),
        sa.Column("tokens_out", sa.Integer(), nullable=True),
        sa.Column("cost", sa.Float(), nullable=True),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("signals", sa.JSON(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("workspace", "channel", "ts", name=op.f("uq_decisions_workspace_channel_ts")),
    )
    op.create_index("ix_decisions_at", "decisions", ["workspace", "at"], unique=False)
    op.create_index("ix_decisions_conversation", "decisions", ["workspace", "conversation", "at"], unique=False)


def _carry_over() -> None:
    """Encrypt every record; a few at a time, because there may be many."""
    bind = op.get_bind()
    texts = (("question", sa.Text()), ("turns", sa.JSON()), ("answer", sa.Text()), ("facts", sa.JSON()))
    typed: dict[str, Any] = {"at": UtcDateTime(), "signals": sa.JSON()}
    clear = sa.table(
        "decisions_in_clear",
        *(sa.column(name, typed.get(name)) for name in _KEPT),
        *(sa.column(name, kind) for name, kind in texts),
    )
    vault: Vault | None = None
    after: tuple[str, str] = ("", "")
    order = sa.tuple_(clear.c.workspace, clear.c.id)
    while True:
        statement = sa.select(clear).where(order > after).order_by(clear.c.workspace, clear.c.id).limit(_BATCH)
        rows = bind.execute(statement).mappings().all()
        if not rows:
            return
        vault = vault or _vault()
        with Session(bind=bind, join_transaction_mode="create_savepoint") as session:
            new = [_encrypted(session, vault, dict(row)) for row in rows]
            session.commit()
        bind.execute(sa.insert(_decisions()), new)
        after = (rows[-1]["workspace"], rows[-1]["id"])


def _encrypted(session: Session, vault: Vault, row: Mapping[str, Any]) -> dict[str, Any]:
    facts = row["facts"]
    told = {"question": row["question"], "turns": row["turns"], "answer": row["answer"], "facts": facts}
    packed, bound_to = _canonical(told).decode(), f"decision|{row['id']}"
    payload = vault.encrypt(session, row["workspace"], row["asker"], packed, bound_to=bound_to, now=row["at"])
    new = {
        **{name: row[name] for name in _KEPT},
        "parent": None,
        "action": "",
        "instructions": 0,
        "tags": {},
        "finish_reason": facts.get("finish_reason"),
        "tokens_in": facts.get("tokens_in"),
        "tokens_out": facts.get("tokens_out"),
        "cost": None,
        "stages": {},
        "payload": payload,
    }
    return {**new, "digest": _digest(session, new)}


def _digest(session: Session, row: Mapping[str, Any]) -> str:
    typed: dict[str, Any] = {"features": sa.JSON(), "used": sa.Boolean()}
    evidence = sa.table(
        "decision_evidence",
        *(sa.column(name) for name in ("workspace", "decision")),
        *(sa.column(name, typed.get(name)) for name in _EVIDENCE),
    )
    mine = sa.select(*(evidence.c[name] for name in _EVIDENCE)).where(
        evidence.c.workspace == row["workspace"], evidence.c.decision == row["id"]
    )
    found = session.execute(mine.order_by(evidence.c.rank)).mappings()
    told = {
        "decision": {name: _told(value) for name, value in row.items()},
        "evidence": [dict(item) for item in found],
    }
    return hashlib.sha256(_canonical(told)).hexdigest()


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _vault() -> Vault:
    """The vault with the master key, as `bot.schema` was given it."""
    make = context.config.attributes.get("vault")
    if make is None:
        raise RuntimeError("The records here have to be encrypted: run `answerloop database upgrade`.")
    made: Vault = make()
    return made


def _decisions() -> sa.TableClause:
    typed: dict[str, Any] = {"at": UtcDateTime(), "signals": sa.JSON(), "tags": sa.JSON(), "stages": sa.JSON()}
    names = (
        *_KEPT,
        "parent",
        "action",
        "instructions",
        "tags",
        "finish_reason",
        "tokens_in",
        "tokens_out",
        "cost",
        "stages",
        "payload",
        "digest",
    )
    return sa.table("decisions", *(sa.column(name, typed.get(name)) for name in names))


def _make_append_only(table: str) -> None:
    refusal = "records are append-only"
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table}\nBEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$\n"
        f"BEGIN RAISE EXCEPTION '{refusal}'; END $$"
    )
    for act, each in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table}\nFOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )
