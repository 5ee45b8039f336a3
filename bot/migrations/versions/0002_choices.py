"""choices."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "choices",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("decision", sa.String(length=26), nullable=False),
        sa.Column("person", sa.String(length=26), nullable=False),
        sa.Column("entry", sa.String(length=26), nullable=True),
        sa.Column("answered", sa.String(length=26), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "decision", "person", name=op.f("pk_choices")),
    )
    op.create_index("ix_choices_at", "choices", ["workspace", "at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_choices_at", table_name="choices")
    op.drop_table("choices")
