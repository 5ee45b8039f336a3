"""`answerloop manifest`: what Slack needs to know of the app."""

import json


def manifest(name: str = "Answerloop") -> None:
    """Print the app manifest to paste at api.slack.com/apps → Create New App → From a manifest."""
    from bot.slack.manifest import manifest as build

    print(json.dumps(build(name), indent=2))
