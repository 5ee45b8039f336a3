"""signals."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "signals",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("decision", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=26), nullable=True),
        sa.Column("found_by", sa.String(length=64), nullable=False),
        sa.Column("shown_by", sa.String(length=255), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "id", name=op.f("pk_signals")),
        sa.UniqueConstraint(
            "workspace", "decision", "kind", "shown_by", name=op.f("uq_signals_workspace_decision_kind_shown_by")
        ),
    )
    op.create_index("ix_signals_at", "signals", ["workspace", "at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_signals_at", table_name="signals")
    op.drop_table("signals")
