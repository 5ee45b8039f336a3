"""settled along."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("resolutions", sa.Column("along", sa.String(length=26), nullable=True))
    op.create_index("ix_resolutions_along", "resolutions", ["workspace", "along"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_resolutions_along", table_name="resolutions")
    op.drop_column("resolutions", "along")
