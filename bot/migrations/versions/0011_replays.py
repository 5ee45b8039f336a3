"""replays."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "replay_runs",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("setup", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("workspace", "id", name=op.f("pk_replay_runs")),
    )
    op.create_table(
        "replay_cases",
        sa.Column("workspace", sa.String(length=64), nullable=False),
        sa.Column("run", sa.String(length=26), nullable=False),
        sa.Column("decision", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asker", sa.String(length=26), nullable=True),
        sa.Column("conversation", sa.String(length=26), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("workspace", "run", "decision", name=op.f("pk_replay_cases")),
    )
    op.create_index("ix_replay_cases_asker", "replay_cases", ["workspace", "asker"], unique=False)
    op.create_index("ix_replay_cases_position", "replay_cases", ["workspace", "run", "position"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_replay_cases_position", table_name="replay_cases")
    op.drop_index("ix_replay_cases_asker", table_name="replay_cases")
    op.drop_table("replay_cases")
    op.drop_table("replay_runs")
