"""Every setting, its default and what it is for; the README's table is made from this class.

Precedence: environment, then `.env`, then what a workspace's admins changed (`bot.preferences`), then the default.
What an operator pins in the environment, nobody in Slack can change.
"""

import json
import re
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from bot.errors import Misconfigured
from learning.errors import NotUnderstood

if TYPE_CHECKING:  # settings are to be quick to load
    from learning.cohorts import Experiment
    from learning.redaction import Allowed


class ChannelMode(StrEnum):
    """What the bot does with messages in a channel it is in."""

    #: Answers every new message.
    EVERYTHING = "everything"
    #: Answers when mentioned, and follow-ups in threads it is in.
    MENTIONS = "mentions"
    #: Prepares answers as drafts that staff send.
    DRAFTS = "drafts"
    #: Says nothing.
    OFF = "off"


class Transport(StrEnum):
    """How events arrive from Slack."""

    SOCKET = "socket"
    HTTP = "http"


class ArmSettings(BaseModel):
    """One arm of a live experiment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: Its share of conversations, against the other arms' weights.
    weight: float = Field(1.0, gt=0)
    #: The chat model that answers in it; empty means the usual one.
    model_name: str = ""


class Settings(BaseSettings):
    """All settings; each is an `ANSWERLOOP_*` variable or a line of `.env`."""

    model_config = SettingsConfigDict(env_prefix="ANSWERLOOP_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(Path(".answerloop"), description="Folder for the database, the index and caches.")
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite in the data folder.")
    keys_url: str = Field(
        "",
        description="SQLAlchemy URL of a database for keys alone, kept out of back-ups; empty means `keys.db` in the "
        "data folder, or the database that ANSWERLOOP_DATABASE_URL names.",
    )
    chroma_url: str = Field("", description="URL of a Chroma server; empty means embedded, for one process.")
    embedding_model: str = Field(
        "", description="A sentence-transformers name or folder; empty means the packaged English model."
    )
    embedding_weights: Literal["fp32", "int8"] = Field(
        "fp32",
        description="fp32, or int8: twice as fast and a quarter of the size; see 'Small weights' for what it costs.",
    )
    embedding_threads: int = Field(1, ge=1, le=64, description="Threads that embed one question.")
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Key that wraps the keys of stored text, 32 bytes in base64; empty makes one in the data folder.",
    )

    slack_bot_token: SecretStr = Field(SecretStr(""), description="Bot token, begins with xoxb-.")
    slack_app_token: SecretStr = Field(SecretStr(""), description="App-level token for Socket Mode, begins with xapp-.")
    slack_signing_secret: SecretStr = Field(SecretStr(""), description="Signing secret; needed for HTTP only.")
    slack_transport: Transport = Field(Transport.SOCKET, description="`socket` or `http`.")
    slack_base_url: str = Field("https://slack.com/api/", description="Base of the Web API.")
    http_host: str = Field("127.0.0.1", description="Address to listen on for signed events over HTTP.")
    http_port: int = Field(3000, ge=0, le=65535, description="Port to listen on for signed events over HTTP.")

    support_channel: str = Field("", description="Channel id of the staff room, where handoff cards are posted.")
    review_channel: str = Field("", description="Channel id where admins review proposals.")
    staff: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(),
        description="Who is staff: user ids, channel ids (their members) or user-group ids, by commas.",
    )
    admins: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(),
        description="Who is admin: user ids, channel ids (their members) or user-group ids, by commas.",
    )
    four_eyes: bool = Field(False, description="The person whose words it was cannot alone approve a proposal.")
    channel_mode: ChannelMode = Field(
        ChannelMode.MENTIONS,
        description="What a channel does unless set: `everything`, `mentions`, `drafts`, `off`.",
    )
    support_hours: str = Field("Mon-Fri 09:00-17:00", description="When staff are there, for what askers are told.")
    support_time_zone: str = Field("UTC", description="Time zone of the support hours, an IANA name.")
    support_response_minutes: int = Field(60, ge=1, description="How soon somebody answers within support hours.")

    max_wrong: float = Field(
        0.03,
        gt=0,
        lt=1,
        description="The promise: which share of all questions may be answered wrongly. Thresholds follow it.",
    )
    answer_threshold: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Confidence from which an approved answer is given by itself; empty follows the promise.",
    )
    offer_threshold: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Probability that one of three questions is meant from which they are offered; empty follows the "
        "promise.",
    )
    spot_check_share: float = Field(
        0.03,
        ge=0,
        le=1,
        description="Share of answers given alone that staff are asked to judge, unsure ones more often, eight times "
        "as many until 150 are judged; 0: none.",
    )
    near_wording: float = Field(
        0.9,
        ge=0,
        le=1,
        description="Likeness from which a new wording of a known answer is too near to a known wording to ask admins "
        "about; 1: only equal ones.",
    )
    model_name: str = Field("gpt-5-mini", description="Chat model that writes answers from evidence.")
    model_base_url: str = Field(
        "", description="Any OpenAI-compatible URL; with a key or a URL set, answers are written."
    )
    model_api_key: SecretStr = Field(SecretStr(""), description="Key for the chat model.")
    model_price_input: float | None = Field(
        None, ge=0, description="What a million tokens that the model reads cost; with the next, records tell the cost."
    )
    model_price_output: float | None = Field(None, ge=0, description="What a million tokens that it writes cost.")
    model_reports_usage: bool = Field(
        False, description="Ask a server other than OpenAI's own for its count of tokens; some refuse that."
    )
    model_timeout_seconds: float = Field(30, gt=0, description="How long to wait for the chat model.")

    redaction_allowed: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(),
        description="Domains, e-mail addresses and phone numbers that are nobody's own and stay in records, by commas.",
    )
    redaction_model: str = Field(
        "",
        description="spaCy model, by name or folder, that finds names, streets and companies; needs the extra "
        "`presidio`. Empty means patterns and the workspace's own people only.",
    )
    experiments: Annotated[dict[str, dict[str, ArmSettings]], NoDecode] = Field(
        {},
        description="Live experiments, JSON: name to arms, each with a weight and, if another shall answer, a model, "
        'as in `{"writer": {"now": {"weight": 9}, "next": {"weight": 1, "model_name": "gpt-5"}}}`.',
    )
    tags: Annotated[dict[str, str], NoDecode] = Field(
        {}, description="What every record is tagged with, name=value by commas, to compare by hand."
    )

    workers: int = Field(8, ge=1, le=64, description="Workflows at once; database connections are sized with it.")
    takeover_seconds: float = Field(
        60, ge=5, description="Silence after which another process takes over the work of one that died."
    )
    daily_at: str = Field("0 7 * * *", description="When the daily message and clean-up are due, a cron line in UTC.")
    seal_at: str = Field("*/5 * * * *", description="When new records are chained, a cron line in UTC.")
    outcomes_at: str = Field(
        "20 * * * *", description="When it is looked for what became of answers, a cron line in UTC."
    )
    message_retention_days: int = Field(30, ge=1, description="How long the text of messages is kept.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR. Message text is never logged.")

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("it is one of DEBUG, INFO, WARNING, ERROR")
        return value.upper()

    @field_validator("experiments", mode="before")
    @classmethod
    def _json(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value or "{}")
        except ValueError:
            raise ValueError('it is no JSON; it should look like {"writer": {"now": {}, "next": {}}}') from None

    @field_validator("experiments")
    @classmethod
    def _balanced(cls, value: dict[str, dict[str, ArmSettings]]) -> dict[str, dict[str, ArmSettings]]:
        try:
            _experiments(value)
        except NotUnderstood as error:
            raise ValueError(str(error)) from None
        return value

    @field_validator("tags", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        found: dict[str, str] = {}
        for pair in filter(str.strip, value.split(",")):
            name, _, tagged = (piece.strip() for piece in pair.partition("="))
            if not name or not tagged or "=" in tagged:
                raise ValueError("it should look like release=summer,region=eu")
            found[name] = tagged
        return found

    @field_validator("staff", "admins", "redaction_allowed", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return frozenset(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("staff", "admins")
    @classmethod
    def _ids(cls, value: frozenset[str]) -> frozenset[str]:
        for one in sorted(value):
            if not re.fullmatch(r"[UWCGS][A-Z0-9]{2,}", one):
                raise ValueError(f"'{one}' is no id of a user, channel or user group, such as U012AB3CD")
        return value

    @field_validator("redaction_allowed")
    @classmethod
    def _allowable(cls, value: frozenset[str]) -> frozenset[str]:
        _allowed(value)
        return value

    @field_validator("support_channel", "review_channel")
    @classmethod
    def _channel_id(cls, value: str) -> str:
        if value and not re.fullmatch(r"[CG][A-Z0-9]{2,}", value):
            raise ValueError(f"'{value}' is no channel id, such as C012AB3CD; Slack shows it in the channel's details")
        return value

    @field_validator("chroma_url", "slack_base_url", "model_base_url")
    @classmethod
    def _url(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/]", value):
            raise ValueError(f"'{value}' is no URL; it begins with http:// or https://")
        return value

    @field_validator("slack_base_url")
    @classmethod
    def _folder(cls, value: str) -> str:
        return value.rstrip("/") + "/"

    @field_validator("daily_at", "seal_at", "outcomes_at")
    @classmethod
    def _cron_line(cls, value: str) -> str:
        if not re.fullmatch(r"(?:[\w*/,-]+ ){4,5}[\w*/,-]+", value.strip()):
            raise ValueError(f"'{value}' is no cron line; it should look like '0 7 * * *'")
        return value.strip()

    @model_validator(mode="after")
    def _what_experiments_need(self) -> "Settings":
        twice = sorted(self.tags.keys() & self.experiments.keys())
        if twice:
            raise ValueError(f"'{twice[0]}' is in ANSWERLOOP_TAGS and in ANSWERLOOP_EXPERIMENTS; name one otherwise.")
        other = any(arm.model_name for arms in self.experiments.values() for arm in arms.values())
        if other and not (self.model_base_url or self.model_api_key.get_secret_value()):
            raise ValueError(
                "ANSWERLOOP_EXPERIMENTS names a model, which needs ANSWERLOOP_MODEL_API_KEY or "
                "ANSWERLOOP_MODEL_BASE_URL."
            )
        return self

    @model_validator(mode="after")
    def _somewhere_for_drafts(self) -> "Settings":
        if self.channel_mode is ChannelMode.DRAFTS and not self.support_channel:
            raise ValueError("ANSWERLOOP_CHANNEL_MODE is drafts, which needs ANSWERLOOP_SUPPORT_CHANNEL.")
        return self

    @property
    def described_experiments(self) -> "tuple[Experiment, ...]":
        """The experiments, ready to tell arms."""
        return _experiments(self.experiments)

    @property
    def database(self) -> str:
        """The database's URL, SQLite in the data folder where none is set."""
        return self.database_url or f"sqlite:///{self.data_dir / 'answerloop.db'}"

    @property
    def allowed(self) -> "Allowed":
        """What may stand in records as it is."""
        return _allowed(self.redaction_allowed)

    @property
    def keys(self) -> str:
        """The URL of the keys' own database; empty where they stand in the other one."""
        return self.keys_url or ("" if self.database_url else f"sqlite:///{self.data_dir / 'keys.db'}")

    @property
    def message_retention(self) -> timedelta:
        """How long the text of messages is kept."""
        return timedelta(days=self.message_retention_days)


def _allowed(entries: frozenset[str]) -> "Allowed":
    from learning.redaction import Allowed

    return Allowed.of(sorted(entries))


def _experiments(described: dict[str, dict[str, ArmSettings]]) -> "tuple[Experiment, ...]":
    if not described:
        return ()
    from learning.cohorts import Experiment

    return tuple(
        Experiment(name, {arm: one.weight for arm, one in arms.items()}) for name, arms in sorted(described.items())
    )


class _Alone(Settings):
    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def alone(**values: object) -> Settings:
    """Settings from these values and the defaults; the environment and `.env` have no say."""
    return _Alone.model_validate(values)


def load(**overrides: object) -> Settings:
    """Settings from the environment and `.env`; `overrides` win (tests and the demo).

    Raises:
        Misconfigured: a value is not usable; the message names the variable and what it should be.
    """
    from pydantic import ValidationError

    try:
        return Settings.model_validate(overrides)
    except ValidationError as error:
        first = error.errors()[0]
        said = first["msg"].removeprefix("Value error, ").rstrip(".")
        if first["loc"]:
            setting, *inside = map(str, first["loc"])
            said = ": ".join([f"ANSWERLOOP_{setting.upper()}", *([".".join(inside)] if inside else []), said])
        raise Misconfigured(f"{said}.") from None
