"""What the terminal's commands do with the knowledge base: by themselves, or through the owner of the index."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot import owner
from bot.agent import Reply
from bot.assembly import Store, agent, store
from bot.desk import promise
from bot.errors import BotError, NotReachable
from bot.settings import Settings
from kb.database import Sessions
from kb.errors import IndexLocked
from kb.ids import WorkspaceId
from kb.knowledge import KnowledgeBase
from kb.readings import Notice
from kb.vector_index import AwayIndex
from learning.budgets import history

#: Who changed what at the terminal, in the versions of entries.
OPERATOR = "operator"
#: Where knowledge goes before the bot has ever been connected to Slack.
FIRST_WORKSPACE = WorkspaceId("local")

Report = Callable[[int, int], None]


def ask(settings: Settings, question: str, workspace: str, report: Report | None = None) -> dict[str, Any]:
    """The reply to a question, as everyone in the workspace could see it.

    Args:
        report: told how far the index is, where it has to follow first.
    """
    arguments = {"question": question, "workspace": workspace}
    try:
        with store(settings) as opened:
            return _ask(opened, arguments, report)
    except IndexLocked as locked:
        return dict(_ask_owner(settings, locked, "ask", arguments))


def verify(settings: Settings, workspace: str) -> dict[str, Any]:
    """How the index compares with the database."""
    arguments = {"workspace": workspace}
    try:
        with store(settings) as opened:
            return _verify(opened, arguments)
    except IndexLocked as locked:
        return dict(_ask_owner(settings, locked, "verify", arguments))


def rebuild(settings: Settings, workspace: str, report: Report) -> dict[str, Any]:
    """Build the index anew."""
    try:
        with store(settings) as opened:
            return _rebuild(opened, {"workspace": workspace}, report)
    except IndexLocked as locked:
        return dict(_ask_owner(settings, locked, "rebuild", {"workspace": workspace}, timeout=3600))


def _ask_owner(
    settings: Settings, locked: IndexLocked, request: str, arguments: dict[str, Any], timeout: float = 60
) -> Any:
    """What the owner of the index answers.

    Raises:
        IndexLocked: it takes no requests (it is a command itself, or has just begun); the message says who it is.
    """
    try:
        return owner.ask(settings.data_dir, request, arguments, timeout=timeout)
    except NotReachable:
        raise locked from None


def requests(opened: Store) -> owner.Requests:
    """What the owner of the index does for other commands."""
    return {
        "ask": lambda arguments: _ask(opened, arguments, None),
        "verify": lambda arguments: _verify(opened, arguments),
        "rebuild": lambda arguments: _rebuild(opened, arguments, None),
        "apply": lambda arguments: opened.knowledge.apply_pending(WorkspaceId(arguments["workspace"])),
    }


def budgets(settings: Settings, workspace: str, limit: int) -> list[dict[str, Any]]:
    """The newest budgets of a workspace, newest first; the owner of the index is not needed for it."""
    with store(settings, index=AwayIndex()) as opened:
        named = only_workspace(opened, workspace)
        with opened.sessions() as session:
            found = history(session, named, limit)
    return [{**asdict(one), **asdict(one.thresholds), "at": one.at.isoformat(timespec="seconds")} for one in found]


def restore_calibration(settings: Settings, workspace: str, version: int) -> int:
    """Go back to an earlier fit; the number of the version that this makes."""
    with store(settings, index=AwayIndex()) as opened:
        named = only_workspace(opened, workspace)
        with opened.sessions.begin() as session:
            return opened.knowledge.restore_calibration(session, named, version).version


def only_workspace(opened: Store, named: str) -> WorkspaceId:
    """The named workspace, or the only one there is.

    Raises:
        BotError: there is none yet, or there are several.
    """
    if named:
        return WorkspaceId(named)
    with opened.sessions() as session:
        known = opened.knowledge.workspaces(session)
    if len(known) == 1:
        return known[0]
    if not known:
        raise BotError("Nothing is known yet. Ingest something first: answerloop ingest PATH")
    raise BotError(f"There are several workspaces; name one with --workspace: {', '.join(sorted(known))}")


def _ask(opened: Store, arguments: dict[str, Any], report: Report | None) -> dict[str, Any]:
    workspace = only_workspace(opened, arguments["workspace"])
    # After a change of model one question is no reason to embed everything anew; that is for serve, ingest and rebuild.
    opened.knowledge.apply_to_serving(workspace, report)
    with opened.sessions() as session:
        speaking = agent(opened.settings).within(promise.thresholds(session, workspace, opened.settings))
    reply = speaking.answer(arguments["question"], (), lambda question: opened.knowledge.search(workspace, question))
    return _shown(reply)


def _shown(reply: Reply) -> dict[str, Any]:
    return {
        "kind": str(reply.kind),
        "rule": str(reply.rule),
        "answer": reply.text,
        "confidence": reply.confidence,
        "sources": [asdict(source) for source in reply.sources],
        "nearest": [near.question for near in reply.nearest],
    }


def _verify(opened: Store, arguments: dict[str, Any]) -> dict[str, Any]:
    report = opened.knowledge.verify(only_workspace(opened, arguments["workspace"]))
    return {**asdict(report), "ok": report.ok}


def _rebuild(opened: Store, arguments: dict[str, Any], report: Report | None) -> dict[str, Any]:
    return asdict(opened.knowledge.rebuild(only_workspace(opened, arguments["workspace"]), report))


def ingest(
    settings: Settings, paths: Sequence[Path], workspace: str, *, prune: bool, overwrite: bool, report: Report
) -> dict[str, Any]:
    """Bring the knowledge base to what files say; where another process owns the index, it carries the changes."""
    try:
        with store(settings) as opened:
            named = _ingest_into(opened, settings, workspace)
            return ingest_files(opened.knowledge, opened.sessions, named, paths, prune, overwrite, report)
    except IndexLocked:
        return _ingest_beside_owner(settings, paths, workspace, prune, overwrite, report)


def ingest_files(
    knowledge: KnowledgeBase,
    sessions: Sessions,
    workspace: WorkspaceId,
    paths: Sequence[Path],
    prune: bool,
    overwrite: bool,
    report: Report,
    *,
    apply: bool = True,
) -> dict[str, Any]:
    """Run ingest and give its report as plain values."""
    from kb.ingest import IngestProgress, ingest

    def tell(progress: IngestProgress) -> None:
        report(progress.done, progress.total)

    found = ingest(
        knowledge,
        sessions,
        workspace,
        paths,
        by=OPERATOR,
        prune=prune,
        overwrite=overwrite,
        apply=apply,
        progress=tell,
    )
    plain = asdict(found)
    return {**plain, "kept": [_line(one) for one in found.kept], "failed": [_line(one) for one in found.failed]}


def _line(notice: Notice) -> str:
    where = f"{notice.source}, {notice.position}" if notice.position else notice.source
    return f"{where}: {notice.reason}"


def _ingest_beside_owner(
    settings: Settings, paths: Sequence[Path], workspace: str, prune: bool, overwrite: bool, report: Report
) -> dict[str, Any]:
    """The files are written to the database here; the process that owns the index lets it follow."""
    with store(settings, index=AwayIndex()) as opened:
        named = _ingest_into(opened, settings, workspace)
        found = ingest_files(opened.knowledge, opened.sessions, named, paths, prune, overwrite, report, apply=False)
    try:
        indexed = owner.ask(settings.data_dir, "apply", {"workspace": named}, timeout=3600)
    except NotReachable:
        away = "the process that holds the index does not answer; it will follow at its next start"
        return {**found, "indexed": 0, "not_indexed": away}
    return {**found, "indexed": indexed, "not_indexed": None}


def _ingest_into(opened: Store, settings: Settings, named: str) -> WorkspaceId:
    """The workspace that files go into: the named one, the token's, the only one there is, or a first one."""
    if named:
        return WorkspaceId(named)
    if settings.slack_bot_token.get_secret_value():
        from bot.slack.connection import client
        from bot.slack.identity import Identity, check

        web = client(settings)
        check(web)
        return Identity(web, settings).workspace()
    with opened.sessions() as session:
        known = opened.knowledge.workspaces(session)
    return only_workspace(opened, "") if known else FIRST_WORKSPACE
