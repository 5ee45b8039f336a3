"""Effects: one row under a stable key for everything the bot does to the outside world, on both engines."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import effects, schema
from bot.effects import EffectState
from kb.database import Sessions, make_sessions, open_engine
from kb.ids import WorkspaceId

WORKSPACE, OTHER = WorkspaceId("T1"), WorkspaceId("T2")
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def sessions(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sessions]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else f"sqlite:///{tmp_path / 'e.db'}"
    engine = open_engine(url)
    schema.metadata().create_all(engine)
    yield make_sessions(engine)
    engine.dispose()


def begin(sessions: Sessions, key: str = "key", *, now: datetime = NOW, channel: str = "C1") -> effects.Effect:
    with sessions.begin() as session:
        return effects.begin(session, WORKSPACE, key, "post", channel, now)


def finish(sessions: Sessions, key: str = "key", ts: str | None = "1.1", *, now: datetime = NOW) -> None:
    with sessions.begin() as session:
        effects.finish(session, WORKSPACE, key, now, ts)


def test_the_first_call_knows_of_no_earlier_one(sessions: Sessions) -> None:
    first = begin(sessions)
    assert (first.state, first.attempts, first.tried_before, first.ts) == (EffectState.BEGUN, 1, None, None)


def test_a_later_call_knows_when_the_one_before_may_have_got_through(sessions: Sessions) -> None:
    begin(sessions)
    second = begin(sessions, now=NOW + SECOND)
    third = begin(sessions, now=NOW + 2 * SECOND)
    assert (second.attempts, second.begun_at, second.tried_before) == (2, NOW, NOW)
    assert (third.attempts, third.begun_at, third.tried_before) == (3, NOW, NOW + SECOND)


def test_a_finished_effect_comes_back_as_it_is(sessions: Sessions) -> None:
    begin(sessions)
    finish(sessions)
    again = begin(sessions, now=NOW + SECOND, channel="C2")
    assert (again.state, again.attempts, again.channel, again.ts) == (EffectState.DONE, 1, "C1", "1.1")


def test_a_refused_call_counts_as_never_made(sessions: Sessions) -> None:
    begin(sessions)
    with sessions.begin() as session:
        effects.refused(session, WORKSPACE, "key")
    assert begin(sessions, now=NOW + SECOND).tried_before is None


def test_a_refusal_does_not_hide_an_earlier_call_that_may_have_got_through(sessions: Sessions) -> None:
    begin(sessions)
    begin(sessions, now=NOW + SECOND)
    with sessions.begin() as session:
        effects.refused(session, WORKSPACE, "key")
    assert begin(sessions, now=NOW + 2 * SECOND).tried_before is not None


def test_a_streams_place_is_known_before_it_is_finished(sessions: Sessions) -> None:
    begin(sessions)
    with sessions.begin() as session:
        effects.note_ts(session, WORKSPACE, "key", "5.5")
    with sessions() as session:
        found = effects.find(session, WORKSPACE, "key")
        assert found is not None and (found.state, found.ts) == (EffectState.BEGUN, "5.5")
        assert effects.posted_at(session, WORKSPACE, "C1", "5.5") == found
    finish(sessions, ts=None)
    with sessions() as session:
        found = effects.find(session, WORKSPACE, "key")
        assert found is not None and (found.state, found.ts) == (EffectState.DONE, "5.5")


def test_what_was_rolled_back_was_never_begun(sessions: Sessions) -> None:
    with pytest.raises(RuntimeError), sessions.begin() as session:
        effects.begin(session, WORKSPACE, "key", "post", "C1", NOW)
        raise RuntimeError("cut off")
    with sessions() as session:
        assert effects.find(session, WORKSPACE, "key") is None


def test_finished_effects_are_found_by_the_beginning_of_their_key_oldest_first(sessions: Sessions) -> None:
    for number, key in enumerate(("solved:2", "solved:1", "solved_x", "solv%d:1", "solved:3")):
        begin(sessions, key, now=NOW + number * SECOND)
        if key != "solved:3":
            finish(sessions, key, ts=f"{number}.0")
    with sessions() as session:
        assert [one.key for one in effects.find_all(session, WORKSPACE, "solved:")] == ["solved:2", "solved:1"]
        assert [one.key for one in effects.find_all(session, WORKSPACE, "solv%")] == ["solv%d:1"]


def test_workspaces_do_not_share_keys(sessions: Sessions) -> None:
    begin(sessions)
    finish(sessions)
    with sessions.begin() as session:
        theirs = effects.begin(session, OTHER, "key", "post", "C9", NOW)
        assert (theirs.state, theirs.channel) == (EffectState.BEGUN, "C9")
        assert effects.posted_at(session, OTHER, "C1", "1.1") is None
