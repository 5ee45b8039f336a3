"""What a Slack client makes of typed text: escapes, mentions and links, and the rich text that goes with it.

See https://docs.slack.dev/messaging/formatting-message-text: `&`, `<` and `>` are escaped, and only the client puts
`<@…>`, `<#…>` and `<!…>` into a message, so that nobody can type one.
"""

import re
from collections.abc import Mapping

from bot.sandbox.state import State
from bot.sandbox.wire import Json

_BROADCASTS = frozenset({"here", "channel", "everyone"})
_PIECE = re.compile(
    r"(?P<link>https?://[^\s<>|]+)"
    r"|(?P<mail>(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<![\w@])@(?P<at>[\w][\w.-]*)"
    r"|(?<![\w#])#(?P<hash>[\w][\w-]*)"
    r"|:(?P<emoji>[a-z0-9_+'-]+(?:::skin-tone-[2-6])?):"
)


def escaped(text: str) -> str:
    """`text` with the three characters escaped that Slack escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def typed(text: str, state: State) -> tuple[str, list[Json]]:
    """What is sent when a person types `text`.

    Returns: the message text with Slack's markup, and the rich text block that the client adds.
    """
    names = _Names(state)
    parts: list[str] = []
    elements: list[Json] = []
    end = 0
    for piece in _PIECE.finditer(text):
        found = names.markup(piece.groupdict(), piece.group())
        if found is None:
            continue
        _plain(text[end : piece.start()], parts, elements)
        parts.append(found[0])
        elements.append(found[1])
        end = piece.end()
    _plain(text[end:], parts, elements)
    block: Json = {
        "type": "rich_text",
        "block_id": state.new_id("b"),
        "elements": [{"type": "rich_text_section", "elements": elements}],
    }
    return "".join(parts), [block] if elements else []


def _plain(text: str, parts: list[str], elements: list[Json]) -> None:
    if text:
        parts.append(escaped(text))
        elements.append({"type": "text", "text": text})


class _Names:
    """Looks up what an @ or # names."""

    def __init__(self, state: State) -> None:
        self._people = {person.name.lower(): person.id for person in state.people.values()}
        self._groups = {group.handle.lower(): group.id for group in state.groups.values()}
        self._channels = {channel.name.lower(): channel.id for channel in state.channels.values() if channel.name}

    def markup(self, piece: Mapping[str, str | None], whole: str) -> tuple[str, Json] | None:
        """The markup and rich text element of one piece, or None where it is ordinary text."""
        if link := piece["link"]:
            return f"<{escaped(link)}>", {"type": "link", "url": link}
        if mail := piece["mail"]:
            return f"<mailto:{mail}|{mail}>", {"type": "link", "url": f"mailto:{mail}", "text": mail}
        if piece["emoji"]:
            return whole, {"type": "emoji", "name": piece["emoji"]}
        if name := piece["hash"]:
            channel = self._channels.get(name.lower())
            return (f"<#{channel}|{name}>", {"type": "channel", "channel_id": channel}) if channel else None
        return self._mention(piece["at"] or "")

    def _mention(self, name: str) -> tuple[str, Json] | None:
        trimmed = name.rstrip(".-")
        rest = name[len(trimmed) :]
        found: tuple[str, Json] | None = None
        if person := self._people.get(trimmed.lower()):
            found = f"<@{person}>", {"type": "user", "user_id": person}
        elif group := self._groups.get(trimmed.lower()):
            found = f"<!subteam^{group}>", {"type": "usergroup", "usergroup_id": group}
        elif trimmed.lower() in _BROADCASTS:
            found = f"<!{trimmed.lower()}>", {"type": "broadcast", "range": trimmed.lower()}
        return (found[0] + rest, found[1]) if found else None
