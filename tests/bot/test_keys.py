"""The database and its keys: kept apart, moved there once, and destroyed for good."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.database import Database, opened
from bot.records import forget
from bot.secrets import master_key
from bot.settings import Settings, alone
from kb.clock import utc_now
from kb.ids import WorkspaceId, new_ulid
from learning import conversations, people, recorder
from learning.conversations import Place
from learning.encryption import Vault
from learning.ids import PersonId
from learning.recorder import AnswerDecision, DecisionKind
from learning.redaction import redactor_for

WORKSPACE = WorkspaceId("T1")
PLACE = Place("C1", "1")


def settings(folder: Path) -> Settings:
    return alone(data_dir=folder)


def ask(database: Database, vault: Vault | None = None) -> PersonId:
    """Somebody asks; a record and a message are kept."""
    vault = vault or database.vault
    with database.sessions.begin() as session:
        person = people.person_for(session, WORKSPACE, "U1", now=utc_now(), ids=new_ulid)
        at = {"now": utc_now(), "ids": new_ulid}
        conversation = conversations.open_conversation(
            session, WORKSPACE, PLACE, person, privacy=conversations.Privacy.OPEN, **at
        )
        conversations.record_message(
            session,
            WORKSPACE,
            conversation.id,
            place=PLACE,
            ts="1",
            author=person,
            kind=conversations.MessageKind.USER,
            text="zwiebelfisch",
            vault=vault,
            **at,
        )
        redactor = redactor_for(session, WORKSPACE, vault, now=utc_now())
        decision = AnswerDecision(PLACE, "1", DecisionKind.ABSTAINED, "not_sure", "zwiebelfisch", asker=person)
        recorder.record(session, WORKSPACE, decision, redactor=redactor, vault=vault, **at)
    return person


def said(database: Database) -> tuple[str | None, str]:
    """What can be read of the message and of the record."""
    with database.sessions() as session:
        message = conversations.message(session, WORKSPACE, "C1", "1", vault=database.vault)
        record = recorder.for_question(session, WORKSPACE, "C1", "1", vault=database.vault)
    assert message is not None and record is not None
    return message.text, record.decision.question


def test_the_database_holds_no_key(tmp_path: Path) -> None:
    with opened(settings(tmp_path)) as database:
        ask(database)
        assert said(database) == ("zwiebelfisch", "zwiebelfisch")
        with database.engine.connect() as connection:
            for table in ("person_keys", "workspace_keys"):
                assert connection.execute(text(f"select count(*) from {table}")).scalar() == 0


def test_a_restored_back_up_of_the_database_does_not_bring_an_erased_person_back(tmp_path: Path) -> None:
    with opened(settings(tmp_path)) as database:
        ask(database)
    back_up = tmp_path / "back-up.db"
    shutil.copy(tmp_path / "answerloop.db", back_up)
    assert forget(settings(tmp_path), "", "U1")["records"] == 1
    for path in tmp_path.glob("answerloop.db*"):
        path.unlink()
    shutil.copy(back_up, tmp_path / "answerloop.db")
    with opened(settings(tmp_path)) as database:
        assert said(database) == (None, "")


def test_keys_that_an_earlier_version_kept_in_the_database_move_out_of_it(tmp_path: Path) -> None:
    given = settings(tmp_path)
    with opened(given) as database:
        ask(database, Vault(master_key(given)))  # as they were kept before
        with database.engine.connect() as connection:
            assert connection.execute(text("select count(*) from person_keys")).scalar() == 1
    with opened(given) as database:
        assert said(database) == ("zwiebelfisch", "zwiebelfisch")
        with database.engine.connect() as connection:
            assert connection.execute(text("select count(*) from person_keys")).scalar() == 0


@pytest.mark.postgres
def test_keys_may_stand_in_another_database_than_postgres(tmp_path: Path, postgres_url: str) -> None:
    together = alone(data_dir=tmp_path, database_url=postgres_url)
    apart = alone(data_dir=tmp_path, database_url=postgres_url, keys_url=f"sqlite:///{tmp_path / 'keys.db'}")
    with opened(together) as database:
        ask(database)
        assert database.keys is database.engine
    with opened(apart) as database:
        assert said(database) == ("zwiebelfisch", "zwiebelfisch")
        with database.engine.connect() as connection:
            assert connection.execute(text("select count(*) from person_keys")).scalar() == 0
    assert forget(apart, "", "U1")["records"] == 1
    with opened(apart) as database:
        assert said(database) == (None, "")


@pytest.mark.postgres
def test_erasing_on_postgres_leaves_no_dead_row_with_the_key(tmp_path: Path, postgres_url: str) -> None:
    together = alone(data_dir=tmp_path, database_url=postgres_url)
    with opened(together) as database:
        ask(database)
    forget(together, "", "U1")
    with opened(together) as database, database.engine.connect() as connection:
        size = connection.execute(text("select pg_relation_size('person_keys')")).scalar()
        assert size == 0, "the only key there was still takes up room"
        assert said(database) == (None, "")
