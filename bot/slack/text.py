"""Text between Slack and us: escaping, Markdown to mrkdwn and back, and splitting at Slack's limits.

What always holds: text that passed `escape` or `to_mrkdwn` holds no Slack token (`<!channel>`, `<@U1>`, `<#C1>`) but
the links that `to_mrkdwn` itself wrote, and those show where they lead. `split` loses no word.
"""

import re
from collections.abc import Mapping
from typing import Final

from bot.slack.mrkdwn import escape, to_mrkdwn

__all__ = ["SECTION_LIMIT", "clip", "escape", "plain", "safe_markdown", "split", "to_markdown", "to_mrkdwn"]

#: Characters of one section's text (docs.slack.dev/reference/block-kit/blocks/section-block).
SECTION_LIMIT: Final = 3000

_TOKEN: Final = re.compile(r"<([^<>]*)>")
_SLACK_TOKEN: Final = re.compile(r"<(?=[!@#])")
_FENCE: Final = "```"
#: Where a text may be cut, best first: between paragraphs, lines, sentences, words.
_BOUNDARIES: Final = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…。！？])\s+"),
    re.compile(r"\s+"),
)
#: A cut must not fall inside an entity, a link or a code fence.
_UNBREAKABLE: Final = re.compile(r"&(?:amp|lt|gt);|<[^<>\n]*>|`+")


def plain(said: str, bot_user: str = "") -> str:
    """What a person said in Slack as a plain question: mentions of the bot gone, tokens read, entities undone.

    Args:
        said: Slack text as it arrives in an event.
        bot_user: the bot's user id; its mentions are taken out.
    """

    def read(match: re.Match[str]) -> str:
        target, _, label = match[1].partition("|")
        if target.startswith("@"):
            return "" if target[1:] == bot_user else f"@{label or 'someone'}"
        if target.startswith("#"):
            return f"#{label}" if label else "a channel"
        if target.startswith("!"):
            return label or f"@{target[1:].partition('^')[0]}"
        return label or target.removeprefix("mailto:").removeprefix("tel:")

    words = _unescape(_TOKEN.sub(read, said))
    return re.sub(r"[^\S\n]+", " ", words).strip()


def to_markdown(said: str, names: Mapping[str, str] | None = None) -> str:
    """What a person said in Slack as Markdown, for an answer drafted from their words.

    Args:
        said: Slack text as it arrives in an event.
        names: user id to display name, for the people mentioned.
    """
    known = names or {}

    def read(match: re.Match[str]) -> str:
        target, _, label = match[1].partition("|")
        if target.startswith("@"):
            return f"@{known.get(target[1:], label or 'someone')}"
        if target.startswith(("#", "!")):
            return plain(match[0])
        address = target.removeprefix("mailto:").removeprefix("tel:")
        return f"[{label}]({target})" if label and label not in {target, address} else address

    parts = said.split(_FENCE)
    for index in range(0, len(parts), 2):
        outside = re.sub(r"(?m)^(\s*)•\s+", r"\1- ", parts[index])
        outside = re.sub(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])", r"**\1**", outside)
        outside = re.sub(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])", r"~~\1~~", outside)
        parts[index] = _TOKEN.sub(read, outside)
    for index in range(1, len(parts), 2):
        parts[index] = "\n" + _TOKEN.sub(lambda token: plain(token[0]), parts[index]).strip("\n") + "\n"
    return _unescape(_FENCE.join(parts)).strip()


def safe_markdown(markdown: str) -> str:
    """Markdown for Slack's own Markdown fields (streamed answers), where entities may be shown as they stand.

    A word joiner, which nobody sees, parts `<` from the sign that would make it a mention.
    """
    return _SLACK_TOKEN.sub("<\u2060", markdown)


def clip(text: str, limit: int) -> str:
    """The text if it fits, else its beginning, cut at a word, with an ellipsis; for labels, never for answers."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    cut = head.rstrip() if text[limit - 1].isspace() else head.rsplit(maxsplit=1)[0] if " " in head else head
    return (cut if len(cut) * 2 > limit else head) + "…"


def split(text: str, limit: int = SECTION_LIMIT) -> tuple[str, ...]:
    """The text in parts of at most `limit` characters, cut where it hurts least; no word is lost.

    Args:
        text: mrkdwn or plain text.
        limit: characters per part, at least 40.

    Returns: the parts in order, none of them blank; empty for blank text. A code block that is cut is closed and
        opened again.
    """
    parts: list[str] = []
    rest = text.strip()
    while len(rest) > limit:
        at = _cut(rest, limit - 2 * len(_FENCE))
        head, rest = rest[:at].rstrip(), rest[at:].lstrip("\n") if rest[at : at + 1] == "\n" else rest[at:].lstrip(" ")
        if head.count(_FENCE) % 2:
            head, rest = f"{head}\n{_FENCE}", f"{_FENCE}\n{rest}"
        parts.append(head)
    return tuple(part for part in (*parts, rest) if part.strip())


def _cut(text: str, limit: int) -> int:
    """The best place to cut within the first `limit` characters; never at 0."""
    window = text[:limit]
    for boundary in _BOUNDARIES:
        places = [match.start() for match in boundary.finditer(window)]
        # A boundary in the first third would leave a nearly empty part behind.
        if places and places[-1] > limit // 3 and _inside(text, places[-1]) is None:
            return places[-1]
    # What fills everything before has to be cut.
    return _inside(text, limit) or limit


def _inside(text: str, at: int) -> int | None:
    """Where the entity or link that spans `at` begins; None where none does."""
    start = max(0, at - SECTION_LIMIT)
    for match in _UNBREAKABLE.finditer(text, start, at + SECTION_LIMIT):
        if match.start() < at < match.end():
            return match.start()
        if match.start() >= at:
            break
    return None


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
