"""The window in which a post can still stand twice: Slack has taken it, its answer was lost, and Slack shows it late.

For each lag the bot's delivery posts to the local workspace, the answer is cut off, and the same effect runs again
while the history shows only messages older than the lag. Printed: how many of the posts then stand twice, and how long
the second run took. Run as `python -m tests.benchmarks.kill_window [--posts N] [--json]`.
"""

import argparse
import contextlib
import json
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot import schema
from bot.sandbox import world
from bot.sandbox.client import Workspace
from bot.sandbox.server import serve
from bot.slack.delivery import Delivery
from bot.slack.lookup import SETTLE
from kb.clock import utc_now
from kb.database import Sessions, make_sessions, open_engine
from kb.ids import WorkspaceId

#: How late the history shows a message, in seconds.
LAGS = (0.0, 0.5, 1.0, 2.0, 2.5, 3.5, 5.0)
WORKSPACE = WorkspaceId(world.TEAM.id)


class _Late(WebClient):
    """Loses the answer of the first post; shows in the history only what is older than the lag."""

    lag: float = 0.0
    lost: bool = False

    def api_call(self, api_method: str, **options: Any) -> SlackResponse:
        answer = super().api_call(api_method, **options)
        if api_method == "chat.postMessage" and not self.lost:
            self.lost = True
            raise ConnectionResetError("cut off")
        if api_method == "conversations.history" and isinstance(answer.data, dict):
            answer.data["messages"] = [m for m in answer.data["messages"] if time.time() - float(m["ts"]) >= self.lag]
        return answer


def measure(url: str, workspace: Workspace, sessions: Sessions, lag: float, posts: int) -> dict[str, Any]:
    """How many of `posts` stand twice where the history is late by `lag` seconds."""

    def one(number: int) -> tuple[int, float]:
        channel = workspace.add_channel(f"window-{str(lag).replace('.', '-')}-{number}", ["U0UMA", world.BOT_USER])
        client = _Late(world.BOT_TOKEN, base_url=f"{url}/api/")
        client.lag = lag
        delivery = Delivery(client, sessions, utc_now)
        message = {"text": "an answer", "blocks": []}
        with contextlib.suppress(ConnectionResetError):
            delivery.post(WORKSPACE, f"{channel}:answer", channel, message)
        began = time.monotonic()
        delivery.post(WORKSPACE, f"{channel}:answer", channel, message)
        took = time.monotonic() - began
        return sum(one.by_app for one in workspace.person("uma").messages(channel)), took

    with ThreadPoolExecutor(posts) as pool:
        found = list(pool.map(one, range(posts)))
    return {
        "lag_seconds": lag,
        "posts": posts,
        "twice": sum(count > 1 for count, _ in found),
        "missing": sum(count == 0 for count, _ in found),
        "second_run_p50_seconds": round(statistics.median(took for _, took in found), 2),
    }


def main() -> None:
    """Print one line per lag."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.kill_window", description=__doc__)
    parser.add_argument("--posts", type=int, default=10, help="posts per lag")
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serve() as url, Workspace(url) as workspace:
        engine = open_engine(f"sqlite:///{Path(folder) / 'window.db'}", pool_size=options.posts + 5)
        schema.upgrade(engine)
        for lag in LAGS:
            found = measure(url, workspace, make_sessions(engine), lag, options.posts) | {
                "waits_seconds": SETTLE.total_seconds()
            }
            print(json.dumps(found) if options.json else "  ".join(f"{k} {v}" for k, v in found.items()), flush=True)
        engine.dispose()


if __name__ == "__main__":
    main()
