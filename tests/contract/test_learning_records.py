"""The records: written once, encrypted, and a chain in which every tampering shows, on every engine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from learning_world import World
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kb.database import Sessions
from kb.ids import EntryId, new_ulid
from learning import erasure, recorder
from learning.conversations import Place
from learning.encryption import Vault
from learning.errors import Tampered, Unknown, Unreadable
from learning.ids import ConversationId, DecisionId, PersonId
from learning.recorder import AnswerDecision, Damage, DecisionKind, EvidenceItem, Head, RecordedDecision, Verified
from learning.recorder.digest import digest
from learning.redaction import redactor_for
from learning.tables import DecisionRow

TABLES = ("decisions", "decision_evidence", "record_seals")


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


def record(world: World, ts: str, *, asker: PersonId | None = None, **changes: object) -> RecordedDecision:
    decision = AnswerDecision(
        place=Place("C1", "100.000001"),
        ts=ts,
        kind=DecisionKind.VERBATIM,
        rule="confident",
        question=f"What about the zwiebelfisch {ts}?",
        evidence=(EvidenceItem(EntryId("E1"), 1, 0.8, {"nearest": 0.5}, used=True),),
        confidence=0.9,
        answer="It is a letter of another font.",
        asker=asker,
        **changes,  # type: ignore[arg-type]
    )
    world.wait(seconds=1)
    with world.sessions.begin() as session:
        redactor = redactor_for(session, world.workspace, world.vault, now=world.now)
        return recorder.record(session, world.workspace, decision, redactor=redactor, vault=world.vault, **world.stamps)


def seal(world: World) -> int:
    with world.sessions.begin() as session:
        return recorder.seal(session, world.workspace, now=world.now)


def verify(world: World, kept: Head | None = None) -> Verified:
    with world.sessions() as session:
        return recorder.verify(session, world.workspace, kept=kept)


@contextmanager
def unguarded(session: Session) -> Iterator[None]:
    """Somebody who may take the triggers away, and puts them back."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    found = session.execute(text("select name, sql from sqlite_master where type = 'trigger'")) if sqlite else ()
    triggers = [(row.name, row.sql) for row in found]
    for name, _ in triggers:
        session.execute(text(f"drop trigger {name}"))
    if not sqlite:
        for table in TABLES:
            session.execute(text(f"alter table {table} disable trigger user"))
    yield
    for _, sql in triggers:
        session.execute(text(sql))
    if not sqlite:
        for table in TABLES:
            session.execute(text(f"alter table {table} enable trigger user"))


def tamper(world: World, statement: str, **values: object) -> None:
    with world.sessions.begin() as session, unguarded(session):
        changed = session.execute(text(statement), {"w": world.workspace, **values})
        assert changed.rowcount > 0, "nothing was changed, so this shows nothing"  # type: ignore[attr-defined]


# --- written once ---


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("act", ["update {table} set workspace = workspace", "delete from {table}"])
def test_the_database_refuses_to_change_or_remove_a_record(world: World, table: str, act: str) -> None:
    made = record(world, "1")
    seal(world)
    with pytest.raises(DBAPIError, match="append-only"), world.sessions.begin() as session:
        session.execute(text(act.format(table=table) + " where workspace = :w"), {"w": world.workspace})
    with world.sessions() as session:
        assert recorder.one(session, world.workspace, made.id, vault=world.vault) == made
    assert verify(world).fault is None


@pytest.mark.parametrize("table", TABLES)
def test_postgres_refuses_to_empty_a_record_table(world: World, table: str) -> None:
    record(world, "1")
    if world.sessions.kw["bind"].dialect.name == "sqlite":
        return  # it knows no TRUNCATE
    with pytest.raises(DBAPIError, match="append-only"), world.sessions.begin() as session:
        session.execute(text(f"truncate {table}"))


# --- encrypted ---


def test_no_word_of_a_record_stands_in_clear(world: World) -> None:
    record(world, "1", asker=world.uma)
    record(world, "2")
    with world.sessions() as session:
        for table in TABLES:
            for row in session.execute(text(f"select * from {table} where workspace = :w"), {"w": world.workspace}):
                assert "zwiebelfisch" not in repr(tuple(row)), f"in {table}"


def test_a_payload_opens_only_in_its_own_record(world: World) -> None:
    first, second = (record(world, ts, asker=world.uma) for ts in ("1", "2"))
    moved = "update decisions set payload = (select o.payload from decisions o where o.workspace = :w and o.id = :a)"
    tamper(world, f"{moved} where workspace = :w and id = :b", a=first.id, b=second.id)
    with world.sessions() as session, pytest.raises(Tampered):
        recorder.one(session, world.workspace, second.id, vault=world.vault)


# --- the chain ---


def test_records_wait_and_are_sealed_in_their_order(world: World) -> None:
    made = [record(world, str(number)) for number in range(5)]
    assert (verify(world).sealed, verify(world).waiting) == (0, 5)
    with world.sessions.begin() as session:
        assert recorder.seal(session, world.workspace, now=world.now, limit=3) == 3
    assert (verify(world).sealed, verify(world).waiting) == (3, 2)
    assert seal(world) == 2 and seal(world) == 0
    with world.sessions() as session:
        order = text("select decision from record_seals where workspace = :w order by seq")
        assert list(session.scalars(order, {"w": world.workspace})) == [one.id for one in made]
    found = verify(world)
    assert (found.sealed, found.waiting, found.fault) == (5, 0, None)


def test_a_record_that_was_committed_late_is_sealed_after_the_others(world: World) -> None:
    late = DecisionId("00000000000000000000000000")
    for ts in ("1", "2"):
        record(world, ts)
    seal(world)
    ids, before = (lambda: late), world.now
    with world.sessions.begin() as session:
        redactor = redactor_for(session, world.workspace, world.vault, now=before)
        decision = AnswerDecision(Place("C1", "1"), "0", DecisionKind.ABSTAINED, "not_sure", "what?")
        recorder.record(session, world.workspace, decision, redactor=redactor, vault=world.vault, now=before, ids=ids)
    assert seal(world) == 1
    assert verify(world).fault is None


def test_a_record_from_before_a_clock_that_jumped_is_found_by_a_look_at_everything(world: World) -> None:
    record(world, "1")
    seal(world)
    world.wait(days=-3)
    record(world, "2")
    world.wait(days=3)
    assert seal(world) == 0 and verify(world).waiting == 1
    with world.sessions.begin() as session:
        assert recorder.seal(session, world.workspace, now=world.now, everything=True) == 1
    assert verify(world).fault is None


SECOND = "workspace = :w and id = :second"
CHANGES = {
    "the answer's kind": (f"update decisions set kind = 'abstained' where {SECOND}", Damage.CHANGED),
    "the confidence": (f"update decisions set confidence = 0.1 where {SECOND}", Damage.CHANGED),
    "what was written": (f"update decisions set payload = :bytes where {SECOND}", Damage.CHANGED),
    "the moment": (f"update decisions set at = :early where {SECOND}", Damage.CHANGED),
    "the evidence's use": (
        "update decision_evidence set used = not used where workspace = :w and decision = :second",
        Damage.CHANGED,
    ),
    "evidence taken away": (
        "delete from decision_evidence where workspace = :w and decision = :second",
        Damage.CHANGED,
    ),
    "a record taken away": (f"delete from decisions where {SECOND}", Damage.MISSING),
}
SEALS = {
    "a seal taken away": ("delete from record_seals where workspace = :w and seq = 2", Damage.MISSING),
    "a seal on another record": (
        "update record_seals set digest = previous where workspace = :w and seq = 2",
        Damage.REORDERED,
    ),
    "two seals exchanged": (
        "update record_seals set seq = case seq when 2 then -3 else -2 end where workspace = :w and seq in (2, 3)",
        Damage.REORDERED,
    ),
}


@pytest.mark.parametrize("change", [*CHANGES, *SEALS])
def test_the_first_record_that_was_tampered_with_is_named(world: World, change: str) -> None:
    made = [record(world, str(number)) for number in range(4)]
    seal(world)
    statement, damage = (CHANGES | SEALS)[change]
    values: dict[str, object] = {"second": made[1].id, "bytes": b"other", "early": world.now - timedelta(days=9)}
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    if world.sessions.kw["bind"].dialect.name == "sqlite" and "early" in used:
        used["early"] = "2026-11-01 00:00:00.000000"
    tamper(world, statement, **used)
    if "seq = case" in statement:
        tamper(world, "update record_seals set seq = -seq where workspace = :w and seq < 0")
    fault = verify(world).fault
    assert fault is not None and (fault.damage, fault.seq) == (damage, 2)
    if change in CHANGES:
        assert fault.decision == made[1].id


@pytest.mark.parametrize("change", sorted(set(CHANGES) - {"a record taken away"}))
def test_a_record_that_waits_to_be_sealed_is_looked_at_too(world: World, change: str) -> None:
    record(world, "0")
    seal(world)
    made = [record(world, str(number)) for number in (1, 2)]
    statement, damage = CHANGES[change]
    values: dict[str, object] = {"second": made[1].id, "bytes": b"other", "early": world.now - timedelta(days=9)}
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    if world.sessions.kw["bind"].dialect.name == "sqlite" and "early" in used:
        used["early"] = "2026-11-01 00:00:00.000000"
    tamper(world, statement, **used)
    fault = verify(world).fault
    assert fault is not None and (fault.damage, fault.decision, fault.seq) == (damage, made[1].id, None)
    # Sealing it afterwards does not make it good.
    with world.sessions.begin() as session:
        recorder.seal(session, world.workspace, now=world.now, everything=True)
    fault = verify(world).fault
    assert fault is not None and (fault.damage, fault.decision, fault.seq) == (damage, made[1].id, 3)


def test_a_posted_record_that_vanished_before_it_was_sealed_is_missed(world: World) -> None:
    made = record(world, "1")
    with world.sessions.begin() as session:
        recorder.posted(session, world.workspace, made.id, place=Place("C1", "1"), ts="9", now=world.now)
    tamper(world, "delete from decisions where workspace = :w")
    fault = verify(world).fault
    assert fault is not None and (fault.damage, fault.decision) == (Damage.MISSING, made.id)


def test_an_end_cut_off_together_with_its_head_shows_against_a_kept_head(world: World) -> None:
    for number in range(3):
        record(world, str(number))
    seal(world)
    kept = verify(world).head
    tamper(world, "delete from decisions where workspace = :w and ts = '2'")
    tamper(world, "delete from record_seals where workspace = :w and seq = 3")
    fault = verify(world).fault
    assert fault is not None and (fault.damage, fault.seq) == (Damage.MISSING, 3)
    shorter = (
        "update record_heads set seq = 2,"
        " hash = (select hash from record_seals where workspace = :w and seq = 2) where workspace = :w"
    )
    tamper(world, shorter)
    assert verify(world).fault is None
    fault = verify(world, kept).fault
    assert fault is not None and (fault.damage, fault.seq) == (Damage.MISSING, 3)


def test_writers_do_not_wait_for_the_chain_and_sealers_take_turns(world: World) -> None:
    def write(writer: int) -> None:
        for number in range(5):
            record(world, f"{writer}-{number}")

    def chain() -> None:
        for _ in range(5):
            seal(world)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
    threads += [threading.Thread(target=chain) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal(world)
    found = verify(world)
    assert (found.sealed, found.waiting, found.fault) == (15, 0, None)


# --- erasure ---


def test_erasing_a_person_makes_their_records_unreadable_and_leaves_the_chain_whole(world: World) -> None:
    theirs, others, nobodys = (
        record(world, "1", asker=world.uma),
        record(world, "2", asker=world.sam),
        record(world, "3"),
    )
    seal(world)
    waits = record(world, "4", asker=world.uma)
    kept = verify(world).head
    with world.sessions.begin() as session:
        forgotten = erasure.forget(session, world.workspace, world.uma, vault=world.vault, now=world.now)
    assert forgotten.records == 2
    with world.sessions() as session:
        for one in (theirs, waits):
            found = recorder.one(session, world.workspace, one.id, vault=world.vault)
            assert found.erased and (found.decision.question, found.decision.answer) == ("", "")
            assert (found.kind, found.decision.rule, found.decision.confidence) == ("verbatim", "confident", 0.9)
            assert found.used, "what is counted stays"
        for one in (others, nobodys):
            assert recorder.one(session, world.workspace, one.id, vault=world.vault) == one
    assert verify(world, kept).fault is None
    seal(world)
    assert verify(world, kept).fault is None


def test_placeholders_outlive_the_person(world: World) -> None:
    """They are the workspace's, so that two records still tell that they name the same address."""
    before = record(world, "1", asker=world.sam, conversation=None).decision
    with world.sessions.begin() as session:
        first = redactor_for(session, world.workspace, world.vault, now=world.now).redact("uma@example.com")
        erasure.forget(session, world.workspace, world.uma, vault=world.vault, now=world.now)
        second = redactor_for(session, world.workspace, world.vault, now=world.now).redact("uma@example.com")
    assert first == second and before.question


# --- workspaces ---


def test_two_workspaces_records_never_meet(world: World) -> None:
    """Every query, asked in the one for what stands in the other."""
    other = World(world.sessions)
    other.vault = world.vault
    conversation = ConversationId("00000000000000000000000001")
    made = record(world, "1", asker=world.uma, conversation=conversation, parent="0")
    with world.sessions.begin() as session:
        recorder.posted(session, world.workspace, made.id, place=Place("C1", "1"), ts="9", now=world.now)
    record(other, "2")
    with world.sessions() as session:
        here, vault = (session, other.workspace), {"vault": world.vault}
        with pytest.raises(Unknown):
            recorder.one(*here, made.id, **vault)
        with pytest.raises(Unknown):
            recorder.known(*here, made.id)
        with pytest.raises(Unknown):
            recorder.posted(*here, made.id, place=Place("C1", "1"), ts="10", now=world.now)
        assert recorder.for_question(*here, "C1", "1", **vault) is None
        assert recorder.for_post(*here, "C1", "9", **vault) is None
        assert recorder.posts_of(*here, made.id) == ()
        assert recorder.in_conversation(*here, conversation, **vault) == ()
        since = world.now - timedelta(days=1)
        using = recorder.decisions_using(*here, EntryId("E1"), since=since, **vault)
        assert [one.decision.ts for one in using] == ["2"]
        assert [one.decision.ts for one in recorder.newest(*here, **vault)] == ["2"]
        assert recorder.under(*here, Place("C1", "100.000001"), "0", **vault) == ()
        assert recorder.head(*here).seq == 0
        assert {world.workspace, other.workspace} <= set(recorder.workspaces(session))
    assert seal(other) == 1
    assert (verify(world).sealed, verify(world).waiting) == (0, 1)
    assert (verify(other).sealed, verify(other).waiting) == (1, 0)
    tamper(world, "update decisions set kind = 'abstained' where workspace = :w")
    assert verify(world).fault is not None and verify(other).fault is None


def test_a_record_is_not_opened_by_another_workspaces_key(world: World) -> None:
    made = record(world, "1")
    with world.sessions() as session, pytest.raises(Exception, match="master key"):
        recorder.one(session, world.workspace, made.id, vault=Vault.from_secret("another one"))


def test_the_newest_records_are_read_from_the_end_and_on(world: World) -> None:
    made = [record(world, str(number), parent=str(number % 2)) for number in range(5)]
    with world.sessions() as session:
        here, vault = (session, world.workspace), {"vault": world.vault}
        page = recorder.newest(*here, **vault, limit=2)
        assert [one.id for one in page] == [made[4].id, made[3].id]
        rest = recorder.newest(*here, **vault, before=page[-1].id)
        assert [one.id for one in rest] == [made[2].id, made[1].id, made[0].id]
        assert recorder.newest(*here, **vault, kind=DecisionKind.TOOL_CALL) == ()
        under = recorder.under(*here, Place("C1", "100.000001"), "1", **vault)
        assert [one.id for one in under] == [made[1].id, made[3].id]


def test_where_a_clock_jumped_every_record_is_still_read_once_and_sealed(world: World) -> None:
    """Back by years, ahead by years, and right again; ids are in the order in which they were made."""
    jumps, made = (0, -900, 1_800, -900, 0, 1), []
    for number, days in enumerate(jumps):
        world.wait(days=days)
        made.append(record(world, str(number)))
    with world.sessions() as session:
        here, vault = (session, world.workspace), {"vault": world.vault}
        read: list[RecordedDecision] = []
        while page := recorder.newest(*here, **vault, limit=2, before=read[-1].id if read else None):
            read += page
        assert [one.at for one in read] == sorted((one.at for one in made), reverse=True)
        assert {one.id for one in read} == {one.id for one in made} and len(read) == len(made)
        with pytest.raises(Unknown, match="read on from"):
            recorder.newest(*here, **vault, before=DecisionId("01UNKNOWN"))
    with world.sessions.begin() as session:
        assert recorder.seal(session, world.workspace, now=world.now, everything=True) == len(made)
    found = verify(world)
    assert (found.sealed, found.waiting, found.fault) == (len(made), 0, None)


def in_another_shape(world: World, packed: str, schema_version: int) -> DecisionId:
    """A record that another version of the program wrote."""
    like, made = record(world, new_ulid()), DecisionId(new_ulid())
    with world.sessions.begin() as session:
        row = session.get(DecisionRow, (world.workspace, like.id))
        assert row is not None
        values = {column.key: getattr(row, column.key) for column in DecisionRow.__table__.columns}
        sealed = world.vault.encrypt(session, world.workspace, None, packed, bound_to=f"decision|{made}", now=world.now)
        changed = {**values, "id": made, "ts": made, "payload": sealed, "schema_version": schema_version}
        session.execute(insert(DecisionRow), [{**changed, "digest": digest(changed, [])}])
    return made


@pytest.mark.parametrize("packed", ['{"words": "elsewhere"}', "neither this nor that", "[]", '{"question": 1}'])
def test_a_record_that_cannot_be_read_is_named_and_hides_no_other_one(world: World, packed: str) -> None:
    odd, old = in_another_shape(world, packed, 1), '{"question": "q", "turns": ["t"], "answer": "a", "facts": {}}'
    first = in_another_shape(world, old, 1)
    well = record(world, "well")
    with world.sessions() as session:
        here, vault = (session, world.workspace), {"vault": world.vault}
        listed = {one.id: one for one in recorder.newest(*here, **vault)}
        assert odd in listed[odd].unread and "shape (1)" in listed[odd].unread and not listed[odd].erased
        assert listed[odd].decision.question == "" and listed[odd].decision.rule == "confident"
        assert listed[well.id] == well and listed[first].unread == "" and listed[first].decision.question == "q"
        with pytest.raises(Unreadable, match=odd):
            recorder.one(*here, odd, **vault)
        assert recorder.plain(*here, odd).decision.rule == "confident"
        assert [turn.text for turn in recorder.one(*here, first, **vault).decision.turns] == ["t"]
    seal(world)
    assert verify(world).fault is None, "a shape is no damage"


def test_a_record_that_was_changed_hides_no_other_one(world: World) -> None:
    first, second, well = (record(world, ts) for ts in ("1", "2", "3"))
    moved = "update decisions set payload = (select o.payload from decisions o where o.workspace = :w and o.id = :a)"
    tamper(world, f"{moved} where workspace = :w and id = :b", a=first.id, b=second.id)
    with world.sessions() as session:
        listed = recorder.newest(session, world.workspace, vault=world.vault)
    assert [one.id for one in listed] == [well.id, second.id, first.id]
    assert "changed outside" in listed[1].unread and (listed[0], listed[2]) == (well, first)
