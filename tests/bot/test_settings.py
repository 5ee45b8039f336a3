"""Settings: environment over `.env` over what admins set over the default, and one clear line for what cannot work."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot import preferences
from bot.assembly import redaction
from bot.errors import Misconfigured
from bot.settings import ChannelMode, Settings, Transport, alone, load
from kb.database import Sessions
from kb.ids import WorkspaceId
from learning.errors import ModelNotThere
from learning.redaction import Allowed, Redactor

WORKSPACE, OTHER = WorkspaceId("T1"), WorkspaceId("T2")
NOW = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def somewhere_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `.env` and no settings but those of the test."""
    import os

    for name in list(os.environ):
        if name.startswith("ANSWERLOOP_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with sessions.begin() as opened:
        yield opened


def change(session: Session, name: str, value: Any, workspace: WorkspaceId = WORKSPACE) -> None:
    preferences.change(session, workspace, name, value, by="P1", now=NOW)


# --- precedence ---


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert load().workers == 8
    (tmp_path / ".env").write_text("ANSWERLOOP_WORKERS=5\nANSWERLOOP_HTTP_PORT=4000\nSOMETHING_ELSE=1\n")
    assert (load().workers, load().http_port) == (5, 4000)
    monkeypatch.setenv("ANSWERLOOP_WORKERS", "3")
    assert (load().workers, load().http_port) == (3, 4000)


def test_what_admins_set_wins_over_the_default_only(
    session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def effective() -> Any:
        return preferences.effective(session, WORKSPACE, load(), "channel_mode")

    assert effective() is ChannelMode.MENTIONS
    change(session, "channel_mode", "off")
    assert effective() is ChannelMode.OFF
    (tmp_path / ".env").write_text("ANSWERLOOP_CHANNEL_MODE=everything\n")
    assert effective() is ChannelMode.EVERYTHING
    monkeypatch.setenv("ANSWERLOOP_CHANNEL_MODE", "mentions")
    assert effective() is ChannelMode.MENTIONS


def test_what_the_operator_set_to_the_default_is_pinned_all_the_same(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(session, "four_eyes", True)
    assert preferences.effective(session, WORKSPACE, load(), "four_eyes") is True
    monkeypatch.setenv("ANSWERLOOP_FOUR_EYES", "false")
    assert preferences.effective(session, WORKSPACE, load(), "four_eyes") is False
    assert preferences.pinned(load()) == {"four_eyes"}


def test_each_workspace_has_its_own_preferences(session: Session) -> None:
    change(session, "support_hours", "Sat-Sun 10:00-12:00")
    assert preferences.effective(session, OTHER, load(), "support_hours") == "Mon-Fri 09:00-17:00"


def test_the_last_change_holds(session: Session) -> None:
    change(session, "support_time_zone", "Europe/Berlin")
    change(session, "support_time_zone", "Asia/Tokyo")
    assert preferences.effective(session, WORKSPACE, load(), "support_time_zone") == "Asia/Tokyo"


@pytest.mark.parametrize("name", ["slack_bot_token", "admins", "data_dir", "nonsense"])
def test_nobody_in_slack_can_change_what_is_the_operators(session: Session, name: str) -> None:
    with pytest.raises(KeyError):
        change(session, name, "x")
    with pytest.raises(KeyError):
        preferences.effective(session, WORKSPACE, load(), name)


def test_a_channel_follows_its_own_setting_then_the_workspaces(session: Session) -> None:
    def mode(channel: str) -> ChannelMode:
        return preferences.channel(session, WORKSPACE, load(), channel).mode

    def set_to(value: ChannelMode | None) -> None:
        preferences.set_channel(session, WORKSPACE, "C1", value, allow_shared=True, by="P1", now=NOW)

    change(session, "channel_mode", "everything")
    assert mode("C1") is ChannelMode.EVERYTHING
    set_to(ChannelMode.OFF)
    assert (mode("C1"), mode("C2")) == (ChannelMode.OFF, ChannelMode.EVERYTHING)
    set_to(None)
    assert mode("C1") is ChannelMode.EVERYTHING
    assert preferences.channel(session, WORKSPACE, load(), "C1").allow_shared
    assert not preferences.channel(session, WORKSPACE, load(), "C2").allow_shared


def test_the_demo_ignores_the_operators_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANSWERLOOP_WORKERS", "3")
    (tmp_path / ".env").write_text("ANSWERLOOP_HTTP_PORT=4000\n")
    assert (alone().workers, alone().http_port) == (8, 3000)


# --- what a value means ---


def test_names_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERLOOP_STAFF", " U012AB, S0SUPPORT ,,C0ROOM")
    assert load().staff == {"U012AB", "S0SUPPORT", "C0ROOM"}
    monkeypatch.setenv("ANSWERLOOP_STAFF", "")
    assert load().staff == frozenset()


def test_what_may_stand_in_records_is_a_list_of_domains_addresses_and_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERLOOP_REDACTION_ALLOWED", "acme.com, Desk@partner.example,+49 30 901820")
    kept = "jane@acme.com, desk@partner.example, 030 901820"
    assert Redactor(b"k" * 32, allowed=load().allowed).redact(kept) == kept
    assert redaction(load()).allowed == load().allowed != Allowed()


def test_a_model_for_redaction_that_is_not_there_is_said_before_anything_is_stored() -> None:
    with pytest.raises(ModelNotThere, match=r"answerloop\[presidio\]|no_such_model"):
        redaction(load(redaction_model="no_such_model"))


def test_tokens_and_keys_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SECRET_KEY", "MODEL_API_KEY"):
        monkeypatch.setenv(f"ANSWERLOOP_{name}", "hush-hush")
    assert "hush" not in repr(load()) and "hush" not in str(load().model_dump())


def test_the_base_of_the_web_api_ends_in_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERLOOP_SLACK_BASE_URL", "http://127.0.0.1:9/api")
    assert load().slack_base_url == "http://127.0.0.1:9/api/"


def test_the_database_is_in_the_data_folder_unless_it_is_named() -> None:
    assert load(data_dir=Path("here")).database == "sqlite:///here/answerloop.db"
    assert load(database_url="postgresql://x/y").database == "postgresql://x/y"


def test_experiments_and_tags_are_read_as_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERLOOP_EXPERIMENTS", '{"tone": {"warm": {"weight": 1}, "plain": {"weight": 3}}, "b": {}}')
    with pytest.raises(Misconfigured, match="'b' needs at least two arms"):
        load()
    monkeypatch.setenv("ANSWERLOOP_EXPERIMENTS", '{"tone": {"warm": {"weight": 1}, "plain": {"weight": 3}}}')
    monkeypatch.setenv("ANSWERLOOP_TAGS", "release = summer,region=eu")
    found = load()
    assert [(one.name, dict(one.weights)) for one in found.described_experiments] == [("tone", {"warm": 1, "plain": 3})]
    assert found.tags == {"release": "summer", "region": "eu"}
    monkeypatch.setenv("ANSWERLOOP_TAGS", "tone=warm")
    with pytest.raises(Misconfigured, match="'tone' is in ANSWERLOOP_TAGS and in ANSWERLOOP_EXPERIMENTS"):
        load()


def test_choices_are_named_as_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERLOOP_SLACK_TRANSPORT", "http")
    assert load().slack_transport is Transport.HTTP


# --- what cannot work ---


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKERS", "many"),
        ("WORKERS", "0"),
        ("WORKERS", ""),
        ("EMBEDDING_THREADS", "1000"),
        ("HTTP_PORT", "70000"),
        ("SLACK_TRANSPORT", "pigeon"),
        ("SLACK_BASE_URL", "slack.com/api"),
        ("CHROMA_URL", "localhost:8000"),
        ("MODEL_BASE_URL", "ftp://models"),
        ("CHANNEL_MODE", "sometimes"),
        ("CHANNEL_MODE", "drafts"),
        ("FOUR_EYES", "perhaps"),
        ("STAFF", "U012AB,sam"),
        ("ADMINS", "@ada"),
        ("REDACTION_ALLOWED", "acme"),
        ("REDACTION_ALLOWED", "acme.com,@"),
        ("SUPPORT_CHANNEL", "#support"),
        ("REVIEW_CHANNEL", "kb-review"),
        ("SUPPORT_RESPONSE_MINUTES", "-5"),
        ("ANSWER_THRESHOLD", "80"),
        ("OFFER_THRESHOLD", "nan"),
        ("MODEL_TIMEOUT_SECONDS", "0"),
        ("TAKEOVER_SECONDS", "1"),
        ("MESSAGE_RETENTION_DAYS", "0"),
        ("DAILY_AT", "at seven"),
        ("LOG_LEVEL", "LOUD"),
        ("EXPERIMENTS", "{"),
        ("EXPERIMENTS", '{"tone": {"alone": {}}}'),
        ("EXPERIMENTS", '{"tone": {"a": {}, "b": {"weight": 0}}}'),
        ("EXPERIMENTS", '{"tone": {"a": {}, "b": {"colour": "red"}}}'),
        ("EXPERIMENTS", '{"tone": {"a": {}, "b": {"model_name": "gpt-5"}}}'),
        ("TAGS", "release"),
        ("TAGS", "release=summer=2026"),
    ],
)
def test_an_unusable_value_is_one_line_that_names_the_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ANSWERLOOP_{name}", value)
    with pytest.raises(Misconfigured) as refused:
        load()
    line = str(refused.value)
    assert line.startswith(f"ANSWERLOOP_{name}")
    assert "\n" not in line and line.endswith(".") and not line.endswith("..")


def test_a_refused_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.secrets import master_key

    monkeypatch.setenv("ANSWERLOOP_SECRET_KEY", "hush-hush")
    with pytest.raises(Misconfigured, match="ANSWERLOOP_SECRET_KEY") as refused:
        master_key(load())
    assert "hush" not in str(refused.value)


def test_every_setting_says_what_it_is_for() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
