"""`python -m bot.sandbox`: the local workspace as a process of its own."""

import argparse
import json
import sys
from datetime import timedelta

from bot.sandbox import world
from bot.sandbox.server import listen, server
from bot.sandbox.transport import Timing


def main() -> int:
    """Serve until interrupted; the first line printed is JSON with the address and the app's tokens."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description="A stand-in for Slack on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--request-url", default="", help="deliver over signed HTTP to this URL instead of Socket Mode")
    parser.add_argument("--ack-seconds", type=float, default=3.0, help="how long the app has to acknowledge")
    parser.add_argument("--retries", default="0,60,300", help="seconds before each further try, separated by commas")
    options = parser.parse_args()
    timing = Timing(
        ack=timedelta(seconds=options.ack_seconds),
        retries=tuple(timedelta(seconds=float(one)) for one in options.retries.split(",") if one),
    )
    try:
        listener = listen(options.port)
    except OSError as error:
        print(f"cannot listen on port {options.port}: {error.strerror}; choose another with --port", file=sys.stderr)
        return 1
    running, url = server(listener, timing=timing, request_url=options.request_url)
    started = {
        "url": url,
        "bot_token": world.BOT_TOKEN,
        "app_token": world.APP_TOKEN,
        "signing_secret": world.SIGNING_SECRET,
    }
    print(json.dumps(started), flush=True)
    running.run([listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
