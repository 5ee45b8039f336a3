"""The watch over workspaces sees what stays in one and what does not."""

from types import FunctionType

import pytest
from sqlalchemy import Engine, Select, create_engine, delete, exists, insert, or_, select, tuple_, union, update
from sqlalchemy.orm import Session, aliased

from kb.database import Base
from learning.tables import DecisionRow, VoteRow
from tests.one_workspace import EVERYWHERE, ROOT, astray

D, V = DecisionRow.__tablename__, VoteRow.__tablename__
OTHER = aliased(DecisionRow)
HERE = DecisionRow.workspace == "W1"
BOTH = DecisionRow.workspace == VoteRow.workspace


@pytest.fixture
def engine() -> Engine:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    return engine


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (select(DecisionRow), {D}),
        (select(DecisionRow.id).where(DecisionRow.id == "1"), {D}),
        (select(DecisionRow).where(HERE), set()),
        (select(DecisionRow).where(DecisionRow.workspace.in_(["W1"])), set()),
        (select(DecisionRow).where(tuple_(DecisionRow.workspace, DecisionRow.id) == ("W1", "1")), set()),
        (select(OTHER).where(OTHER.workspace == "W1"), set()),
        (select(DecisionRow, VoteRow).where(HERE), {V}),
        (select(DecisionRow, VoteRow).where(BOTH), {D, V}),
        (select(DecisionRow).join(VoteRow, BOTH).where(HERE), set()),
        (select(DecisionRow).where(HERE, exists().where(VoteRow.decision == DecisionRow.id)), {V}),
        (select(DecisionRow).where(HERE, exists().where(VoteRow.decision == DecisionRow.id, BOTH)), set()),
        (select(select(DecisionRow.id).subquery()), {D}),
        (select(DecisionRow, OTHER).where(HERE), {D}),
        (select(DecisionRow, OTHER).where(HERE, OTHER.workspace == DecisionRow.workspace), set()),
        (select(DecisionRow).where(or_(HERE, DecisionRow.id == "1")), {D}),
        (select(DecisionRow).where(DecisionRow.workspace != "W1"), {D}),
        (select(DecisionRow).order_by(HERE), {D}),
        (select(DecisionRow).where(DecisionRow.id.in_(select(OTHER.id).where(OTHER.workspace == "W1"))), {D}),
        (select(DecisionRow).where(HERE, DecisionRow.id.in_(select(VoteRow.decision))), {V}),
        (union(select(DecisionRow.id), select(VoteRow.decision).where(VoteRow.workspace == "W1")), {D}),
        (insert(VoteRow).from_select(["decision"], select(DecisionRow.id)), {D}),
        (update(VoteRow).values(rating="up"), {V}),
        (update(VoteRow).where(VoteRow.workspace == "W1").values(rating="up"), set()),
        (delete(VoteRow).where(VoteRow.person == "P1"), {V}),
        (delete(VoteRow).where(VoteRow.person == "P1", VoteRow.workspace == "W1"), set()),
    ],
)
def test_what_is_left_open_is_seen(statement: Select[tuple[object]], expected: set[str]) -> None:
    assert astray(statement) == expected


def _asks(engine: Engine) -> int:
    with Session(engine) as session:
        session.get(DecisionRow, ("W1", "1"))
        return len(session.scalars(select(DecisionRow)).all())


def _as_if_in(module: str, name: str = "asks") -> FunctionType:
    file = str(ROOT.joinpath(*module.split(".")).with_suffix(".py"))
    return FunctionType(_asks.__code__.replace(co_name=name, co_filename=file), globals())


def test_the_code_of_the_packages_is_stopped_and_named(engine: Engine, reached_out: list[str]) -> None:
    with pytest.raises(AssertionError, match="leaves the workspace of decisions open"):
        _as_if_in("learning.pretended")(engine)
    # Taken away, because the session ends with a look at it.
    assert reached_out.pop() == "learning.pretended.asks leaves the workspace of decisions open"


def test_tests_and_what_is_for_all_workspaces_may(engine: Engine, reached_out: list[str]) -> None:
    assert _asks(engine) == 0
    for one in EVERYWHERE:
        module, _, name = one.rpartition(".")
        assert _as_if_in(module, name)(engine) == 0
    assert reached_out == []


@pytest.mark.parametrize("one", EVERYWHERE)
def test_what_may_ask_about_all_exists(one: str) -> None:
    module, _, name = one.rpartition(".")
    assert callable(getattr(__import__(module, fromlist=[name]), name))
