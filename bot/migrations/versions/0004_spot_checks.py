"""spot checks."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "spot_checks",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("decision", sa.String(length=26), nullable=False),
        sa.Column("chance", sa.Float(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.Column("by", sa.String(length=26), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("workspace", "id", name=op.f("pk_spot_checks")),
        sa.UniqueConstraint("workspace", "decision", name=op.f("uq_spot_checks_workspace_decision")),
    )
    op.create_index("ix_spot_checks_drawn_at", "spot_checks", ["workspace", "drawn_at"], unique=False)
    op.create_index("ix_choices_answered", "choices", ["workspace", "answered"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_choices_answered", table_name="choices")
    op.drop_index("ix_spot_checks_drawn_at", table_name="spot_checks")
    op.drop_table("spot_checks")
