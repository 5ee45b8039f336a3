"""Conversations, people and encryption, on every engine."""

import re
from datetime import timedelta

import pytest
from learning_world import World
from sqlalchemy import select, text

from kb.database import Sessions
from kb.ids import WorkspaceId, new_ulid
from learning import asides, conversations, people
from learning.conversations import MessageKind, Place, Privacy
from learning.encryption import Vault
from learning.errors import MasterKeyWrong, Tampered, Unknown
from learning.redaction import redactor_for
from learning.tables import MessageRow


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


def test_a_person_keeps_one_opaque_id(world: World) -> None:
    with world.sessions.begin() as session:
        again = world.person(session, "uma")
        elsewhere = people.person_for(session, WorkspaceId("T-other"), "U-uma", **world.stamps)
    assert again == world.uma != elsewhere


def test_a_place_holds_one_conversation(world: World) -> None:
    with world.sessions.begin() as session:
        first, second = world.conversation(session), world.conversation(session)
    assert first == second


def test_a_message_delivered_twice_is_kept_once(world: World) -> None:
    with world.sessions.begin() as session:
        conversation = world.conversation(session)
        world.say(session, conversation, "100.000002", world.uma, "Hello")
        world.say(session, conversation, "100.000002", world.uma, "Hello")
        turns = conversations.turns(session, world.workspace, conversation.id, vault=world.vault)
    assert [turn.text for turn in turns] == ["Hello"]


def test_turns_come_oldest_first_and_only_the_last_ones(world: World) -> None:
    with world.sessions.begin() as session:
        conversation = world.conversation(session)
        for number in (3, 1, 2):
            world.say(session, conversation, f"100.00000{number}", world.uma, f"text {number}")
        turns = conversations.turns(session, world.workspace, conversation.id, vault=world.vault, limit=2)
    assert [turn.text for turn in turns] == ["text 2", "text 3"]


def test_the_staff_room_stays_out_of_the_thread_unless_asked_for(world: World) -> None:
    with world.sessions.begin() as session:
        conversation = world.conversation(session)
        world.say(session, conversation, "100.000001", world.uma, "in the thread")
        room = Place("C-support", "200.000001")
        world.say(session, conversation, "200.000002", world.sam, "in the room", MessageKind.STAFF, room)
        thread = conversations.turns(session, world.workspace, conversation.id, vault=world.vault)
        both = conversations.turns(session, world.workspace, conversation.id, vault=world.vault, rooms=True)
    assert [turn.text for turn in thread] == ["in the thread"]
    assert [turn.text for turn in both] == ["in the thread", "in the room"]


def test_no_text_is_stored_in_the_clear(world: World) -> None:
    with world.sessions.begin() as session:
        conversation = world.conversation(session)
        world.say(session, conversation, "100.000002", world.uma, "a very particular sentence")
    with world.sessions() as session:
        row = session.scalars(select(MessageRow).where(MessageRow.workspace == world.workspace)).one()
    assert row.sealed is not None and b"particular" not in row.sealed


def test_edits_and_deletions_are_followed(world: World) -> None:
    with world.sessions.begin() as session:
        conversation = world.conversation(session)
        world.say(session, conversation, "100.000002", world.uma, "before")
        key = (session, world.workspace, "C1", "100.000002")
        assert conversations.edit_message(*key, "after", vault=world.vault, now=world.now)
        edited = conversations.message(*key, vault=world.vault)
        assert conversations.delete_message(*key, now=world.now)
        assert not conversations.delete_message(*key, now=world.now)
        assert not conversations.edit_message(*key, "too late", vault=world.vault, now=world.now)
        deleted = conversations.message(*key, vault=world.vault)
    assert edited is not None and (edited.text, edited.edited) == ("after", True)
    assert deleted is not None and (deleted.text, deleted.deleted) == (None, True)


def test_purging_takes_the_text_and_leaves_the_row(world: World) -> None:
    with world.sessions.begin() as session:
        conversation = world.conversation(session)
        world.say(session, conversation, "100.000002", world.uma, "old")
        world.wait(days=31)
        world.say(session, conversation, "100.000003", world.uma, "new")
        limit = world.now - timedelta(days=30)
        assert conversations.purge(session, world.workspace, older_than=limit) == 1
        assert conversations.purge(session, world.workspace, older_than=limit) == 0
        turns = conversations.turns(session, world.workspace, conversation.id, vault=world.vault)
    assert [turn.text for turn in turns] == [None, "new"]


def test_erasing_a_person_makes_their_words_and_the_answers_to_them_unreadable(world: World) -> None:
    with world.sessions.begin() as session:
        conversation = world.conversation(session)
        world.say(session, conversation, "100.000002", world.uma, "mine")
        world.say(session, conversation, "100.000003", None, "you said: mine", MessageKind.BOT)
        world.say(session, conversation, "100.000004", world.sam, "another's", MessageKind.STAFF)
        people.erase(session, world.workspace, world.uma, vault=world.vault, now=world.now)
        turns = conversations.turns(session, world.workspace, conversation.id, vault=world.vault)
        with pytest.raises(Unknown):
            people.external_of(session, world.workspace, world.uma)
        assert world.person(session, "uma") != world.uma
    assert [turn.text for turn in turns] == [None, None, "another's"]


def test_words_of_an_erased_person_stay_unreadable_when_they_write_again(world: World) -> None:
    with world.sessions.begin() as session:
        conversation = world.conversation(session)
        world.say(session, conversation, "100.000002", world.uma, "before")
        people.erase(session, world.workspace, world.uma, vault=world.vault, now=world.now)
        world.say(session, conversation, "100.000003", world.uma, "after")
        turns = conversations.turns(session, world.workspace, conversation.id, vault=world.vault)
    assert [turn.text for turn in turns] == [None, "after"]


def test_a_text_moved_to_another_message_is_not_shown(world: World) -> None:
    with world.sessions.begin() as session:
        conversation = world.conversation(session)
        world.say(session, conversation, "100.000002", world.uma, "refund denied")
        world.say(session, conversation, "100.000003", world.uma, "refund granted")
        session.execute(
            text(
                "UPDATE messages SET sealed = (SELECT sealed FROM messages AS other WHERE other.workspace = :w "
                "AND other.ts = '100.000003') WHERE workspace = :w AND ts = '100.000002'"
            ),
            {"w": world.workspace},
        )
        with pytest.raises(Tampered):
            conversations.message(session, world.workspace, "C1", "100.000002", vault=world.vault)


def test_another_master_key_is_named_as_the_cause(world: World) -> None:
    with world.sessions.begin() as session:
        conversation = world.conversation(session)
        world.say(session, conversation, "100.000002", world.uma, "text")
        with pytest.raises(MasterKeyWrong):
            conversations.message(session, world.workspace, "C1", "100.000002", vault=Vault.from_secret("another one"))


def test_the_workspaces_own_people_are_redacted_by_name_until_they_are_erased(world: World) -> None:
    about = {"name": "umasun", "time_zone": "UTC", "guest": False, "foreign": False}
    other = WorkspaceId(f"{world.workspace}-2")
    with world.sessions.begin() as session:
        for workspace, name in ((world.workspace, "Uma Okafor"), (other, "Ilse Vandermeer")):
            person = people.person_for(session, workspace, "U-someone", now=world.now, ids=new_ulid)
            people.describe(session, workspace, person, full_name=name, now=world.now, **about)
    text = "uma okafor asked Ilse Vandermeer, and Okafor was thanked"

    def redacted() -> str:
        with world.sessions.begin() as session:
            return redactor_for(session, world.workspace, world.vault, now=world.now).redact(text)

    [first, second] = re.findall(r"\[PERSON_[0-9a-f]{12}\]", redacted())
    assert redacted() == f"{first} asked Ilse Vandermeer, and {second} was thanked" and first == second
    with world.sessions.begin() as session:
        known = people.find(session, world.workspace, "U-someone")
        people.erase(session, world.workspace, known, vault=world.vault, now=world.now)
    assert redacted() == text


def test_a_name_that_changes_is_redacted_from_then_on_and_everybody_has_both_of_theirs(world: World) -> None:
    about = {"time_zone": "UTC", "guest": False, "foreign": False, "now": world.now}
    here = world.workspace

    def redacted(words: str) -> str:
        with world.sessions.begin() as session:
            redactor = redactor_for(session, here, world.vault, now=world.now)
        return re.sub(r"_[0-9a-f]{12}", "", redactor.redact(words))

    with world.sessions.begin() as session:
        assert people.named(people.roll(session, WorkspaceId(f"{here}-empty"))) == ()
        people.describe(session, here, world.uma, name="umasun", full_name="Uma Okafor", **about)
        people.describe(session, here, world.tom, name="Tomasz", full_name="", **about)
        known = people.named(people.roll(session, here))
    assert set(known) == {("U-uma", "Uma Okafor"), ("U-uma", "umasun"), ("U-tom", "Tomasz")}
    assert redacted("Uma Okafor and Tomasz, not Ilse Vandermeer") == "[PERSON] and [PERSON], not Ilse Vandermeer"
    with world.sessions.begin() as session:
        people.describe(session, here, world.tom, name="Ilse Vandermeer", full_name="", **about)
    assert redacted("Uma Okafor and Tomasz, not Ilse Vandermeer") == "[PERSON] and Tomasz, not [PERSON]"


def test_the_redaction_key_is_the_workspaces_own_and_stays(world: World) -> None:
    with world.sessions.begin() as session:
        first = redactor_for(session, world.workspace, world.vault, now=world.now)
        again = redactor_for(session, world.workspace, world.vault, now=world.now)
        other = redactor_for(session, WorkspaceId(f"{world.workspace}-2"), world.vault, now=world.now)
    assert first.redact("a@b.com") == again.redact("a@b.com") != other.redact("a@b.com")


def test_who_spoke_to_the_bot_takes_part_and_staff_and_bystanders_do_not(world: World) -> None:
    with world.sessions.begin() as session:
        conversation = world.conversation(session)
        world.say(session, conversation, "100.000004", world.sam, "hello", MessageKind.STAFF)
        world.say(session, conversation, "100.000005", world.tom, "and for me?", MessageKind.USER)
        world.say(session, conversation, "100.000006", world.ada, "good to know", MessageKind.BYSTANDER)
        taking = [
            conversations.takes_part(session, world.workspace, conversation.id, person)
            for person in (world.uma, world.sam, world.tom, world.ada)
        ]
    assert taking == [True, False, True, False]


def test_the_conversation_just_before_is_the_same_persons_in_the_same_channel_and_not_too_old(world: World) -> None:
    with world.sessions.begin() as session:
        old = world.conversation(session, thread="100.000001", channel="D1")
        world.wait(minutes=20)
        since = world.now
        world.conversation(session, thread="100.000002", channel="D2")
        before = world.conversation(session, thread="100.000003", channel="D1")
        theirs = Place("D1", "100.000004")
        conversations.open_conversation(
            session, world.workspace, theirs, world.sam, privacy=Privacy.DIRECT, **world.stamps
        )
        now = world.conversation(session, thread="100.000005", channel="D1")
        assert conversations.begun_before(session, now, since=since) == before
        assert conversations.begun_before(session, before, since=since) is None
        assert conversations.begun_before(session, before, since=since - timedelta(hours=1)) == old


def test_what_is_put_aside_is_read_once_known_and_gone_afterwards(world: World) -> None:
    given = {"vault": world.vault, **world.stamps}
    with world.sessions.begin() as session:
        asides.put(session, world.workspace, "asked:1", world.uma, "Where is the ocelot?", **given)
        asides.put(session, world.workspace, "asked:1", world.uma, "Something else", **given)
        assert asides.read(session, world.workspace, "asked:1", vault=world.vault) == "Where is the ocelot?"
        assert asides.read(session, world.workspace, "asked:2", vault=world.vault) is None
        sealed = session.scalars(select(MessageRow.sealed).where(MessageRow.ts == "asked:1")).one()
        assert sealed is not None and b"ocelot" not in sealed
        asides.drop(session, world.workspace, "asked:1", now=world.now)
        assert asides.read(session, world.workspace, "asked:1", vault=world.vault) is None


def test_what_is_put_aside_goes_with_its_retention_and_with_its_author(world: World) -> None:
    given = {"vault": world.vault, **world.stamps}
    with world.sessions.begin() as session:
        asides.put(session, world.workspace, "asked:1", world.uma, "Where is the ocelot?", **given)
        asides.put(session, world.workspace, "asked:2", world.sam, "Where is the puma?", **given)
        people.erase(session, world.workspace, world.uma, vault=world.vault, now=world.now)
        assert asides.read(session, world.workspace, "asked:1", vault=world.vault) is None
        assert conversations.purge(session, world.workspace, older_than=world.now + timedelta(seconds=1)) == 2
        assert asides.read(session, world.workspace, "asked:2", vault=world.vault) is None
