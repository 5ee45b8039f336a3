"""The doctor: one check per part, each with a line that says what is wrong and what to do. Changes nothing in Slack."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.settings import Settings
from bot.slack import checks


@dataclass(frozen=True)
class Finding:
    """The outcome of one check."""

    what: str
    ok: bool
    #: What was found, or what to do.
    detail: str


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Check every part; one that fails does not keep the others from being checked."""
    every: dict[str, Callable[[Settings], str]] = {
        "database": _database,
        "model": _model,
        "index": _index,
        "Slack bot token": checks.bot_token,
        "Slack events": checks.events,
        "staff room": checks.staff_room,
        "review channel": checks.review_channel,
        "people": checks.people,
        "support hours": _hours,
        "language model": _language_model,
        "redaction": _redaction,
    }
    return tuple(_run(what, check, settings) for what, check in every.items())


def _run(what: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(what, True, check(settings))
    except Exception as error:  # whatever is wrong is what the operator wants to read
        return Finding(what, False, (str(error).strip() or type(error).__name__).splitlines()[0])


def _database(settings: Settings) -> str:
    from sqlalchemy import text

    from bot.database import opened

    with opened(settings) as database:
        with database.engine.connect() as connection:
            connection.execute(text("select 1"))
        kind, apart = database.engine.dialect.name, database.keys is not database.engine
    if apart:
        return f"{kind}, up to date; the keys are kept apart"
    return (
        f"{kind}, up to date; the keys stand in it, so that a restored back-up would bring back those of people who "
        "were erased: set ANSWERLOOP_KEYS_URL to keep them apart"
    )


def _model(settings: Settings) -> str:
    from kb.embedding import open_embedder

    embedder = open_embedder(
        settings.embedding_model, cache=settings.data_dir / "models", weights=settings.embedding_weights
    )
    return f"{embedder.model}, {embedder.dimension} dimensions"


def _index(settings: Settings) -> str:
    from kb.errors import IndexLocked
    from kb.vector_index import open_index

    try:
        index = open_index(settings.chroma_url or settings.data_dir / "index")
    except IndexLocked as error:
        return f"in use by the running bot ({error})"
    index.close()
    return "can be opened"


def _hours(settings: Settings) -> str:
    from bot.desk.hours import parse

    parse(settings.support_hours, settings.support_time_zone)
    return f"{settings.support_hours}, {settings.support_time_zone}"


def _language_model(settings: Settings) -> str:
    from openai import OpenAI

    key = settings.model_api_key.get_secret_value()
    if not key and not settings.model_base_url:
        return "none set: approved answers only, nothing is written"
    asked = OpenAI(api_key=key or "none", base_url=settings.model_base_url or None, timeout=10, max_retries=0)
    asked.models.list()
    return f"{settings.model_name} at {settings.model_base_url or 'the default URL'}"


def _redaction(settings: Settings) -> str:
    from bot.assembly import redaction

    redaction(settings)
    by = f"by patterns, names and the model {settings.redaction_model}" if settings.redaction_model else "by patterns"
    return f"{by}; {len(settings.redaction_allowed)} domains and addresses may stand"
