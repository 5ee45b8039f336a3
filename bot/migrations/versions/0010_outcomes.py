"""outcomes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "outcomes",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("decision", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("began_by", sa.String(length=64), nullable=False),
        sa.Column("happened", sa.Boolean(), nullable=False),
        sa.Column("opens", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_by", sa.String(length=64), nullable=False),
        sa.Column("shown_by", sa.String(length=255), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "decision", "kind", "began_by", name=op.f("pk_outcomes")),
    )
    op.create_index("ix_outcomes_found_at", "outcomes", ["workspace", "found_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_outcomes_found_at", table_name="outcomes")
    op.drop_table("outcomes")
