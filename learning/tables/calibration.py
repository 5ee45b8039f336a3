"""Tables of what resolutions have shown of the bot's decisions, and of the budget over time."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from kb.database import Base, Ulid, UtcDateTime, Workspace


class LabelRow(Base):
    """Which known entry says what staff said to a question; the newest resolution counts."""

    __tablename__ = "labels"
    __table_args__ = (Index("ix_labels_at", "workspace", "at"),)

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    decision: Mapped[str] = mapped_column(Ulid, primary_key=True)
    #: None: nothing that was known.
    entry: Mapped[str | None] = mapped_column(Ulid)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class BudgetRow(Base):
    """What may be said alone from a moment on, and how the promise stood; rows are only ever added."""

    __tablename__ = "budgets"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[float] = mapped_column(Float)
    offer: Mapped[float] = mapped_column(Float)
    max_wrong: Mapped[float] = mapped_column(Float)
    asked: Mapped[int] = mapped_column(Integer)
    calibration: Mapped[int] = mapped_column(Integer)
    #: Estimate and the ends of its 95 % interval, each.
    wrong: Mapped[list[Any]] = mapped_column(JSON)
    voted_down: Mapped[list[Any]] = mapped_column(JSON)
    level: Mapped[float] = mapped_column(Float)
    answered_alone: Mapped[float] = mapped_column(Float)
    alarm: Mapped[str] = mapped_column(Text)
