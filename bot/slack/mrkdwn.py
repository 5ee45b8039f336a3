"""Markdown to Slack's mrkdwn: a small renderer over markdown-it's tokens, in which everything is escaped.

Raw HTML is shown as text. A link whose label looks like another address shows both, so that no answer can hide where
it leads.
"""

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

_WEB: Final = re.compile(r"(?i)(?:https?://|mailto:)[^\s<>|]+")
_BARE_URL: Final = re.compile(r"(?i)\bhttps?://[^\s<>|`\"']+[^\s<>|`\"'.,;:!?)\]}]")
_LOOKS_LIKE_ADDRESS: Final = re.compile(r"(?i)://|^www\.|^[\w-]+(\.[\w-]+)+(/|$)|\S+@\S+\.\S+")
_MARKS: Final = {
    "strong_open": "*",
    "strong_close": "*",
    "em_open": "_",
    "em_close": "_",
    "s_open": "~",
    "s_close": "~",
}
#: A longer address or label is shown as words, so that no link is longer than what one section holds.
_LONGEST: Final = 1000
#: Deeper nesting than this is shown flat; it also bounds the recursion.
_DEEPEST: Final = 6


def escape(text: str) -> str:
    """Text in which Slack finds no mention, no link and no special command."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def to_mrkdwn(markdown: str) -> str:
    """Markdown as Slack's mrkdwn; tables become aligned code, headings bold lines."""
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 50}).enable(["table", "strikethrough"])
    return _Writer(parser.parse(markdown)).write()


class _Writer:
    """Walks the tokens once and collects blocks, each with the indent and quote marks that hold for it."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._blocks: list[str] = []
        #: One entry per open list: the next number, or None for bullets.
        self._lists: list[int | None] = []
        self._quotes = 0
        #: The bullet or number that the next line of text begins with.
        self._marker = ""
        #: Whether the block before belongs to a list, and to a quote.
        self._after_list = False
        self._after_quote = False
        self._cell = False
        self._row: list[str] = []
        self._rows: list[list[str]] = []
        self._heading = False

    def write(self) -> str:
        for token in self._tokens:
            self._take(token)
        return "\n".join(self._blocks).strip("\n")

    def _take(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self._lists.append(int(token.attrGet("start") or 1) if token.type.startswith("ordered") else None)
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                self._begin_item()
            case "blockquote_open":
                self._quotes += 1
            case "blockquote_close":
                self._quotes -= 1
            case "heading_open" | "heading_close":
                self._heading = token.type == "heading_open"
            case "tr_open":
                self._row = []
            case "tr_close":
                self._rows.append(self._row)
            case "table_close":
                self._add_table()
            case "th_open" | "td_open" | "th_close" | "td_close":
                self._cell = token.type.endswith("open")
            case "inline" if self._cell:
                self._row.append(_words(token.children or []))
            case "inline":
                said = inline(token.children or [])
                self._add(f"*{said.replace('*', '')}*" if self._heading and said else said)
            case "fence" | "code_block":
                self._add(_code(token.content))
            case "hr":
                self._add("———")
            case _:
                pass

    def _begin_item(self) -> None:
        number = self._lists[-1]
        self._marker = "• " if number is None else f"{number}. "
        if number is not None:
            self._lists[-1] = number + 1

    def _add(self, text: str) -> None:
        """Add a block; blocks stand apart by a blank line, items of a list do not."""
        indent = "    " * (min(len(self._lists), _DEEPEST) - 1) if self._lists else ""
        first = indent + self._marker if self._marker else indent + ("   " if self._lists else "")
        quote = "> " if self._quotes else ""
        lines = text.split("\n")
        hang = indent + "   " if self._lists else ""
        shown = [quote + first + lines[0], *(quote + ("" if "```" in text else hang) + line for line in lines[1:])]
        if self._blocks and not (self._marker and self._after_list):
            self._blocks.append(quote.strip() if self._after_quote else "")
        self._blocks.append("\n".join(shown))
        self._after_list, self._after_quote = bool(self._lists), self._quotes > 0
        self._marker = ""

    def _add_table(self) -> None:
        rows, self._rows = self._rows, []
        columns = max((len(row) for row in rows), default=0)
        widths = [max(len(row[at]) for row in rows if at < len(row)) for at in range(columns)]
        lines = ["  ".join(cell.ljust(widths[at]) for at, cell in enumerate(row)).rstrip() for row in rows]
        if len(lines) > 1:
            lines.insert(1, "  ".join("-" * width for width in widths))
        self._add(_code("\n".join(lines)))


def inline(tokens: list[Token]) -> str:
    """The inline part of a block as mrkdwn."""
    out: list[str] = []
    opened: list[tuple[str, int]] = []
    for token in tokens:
        if token.type == "text":
            out.append(_link_bare(token.content) if not opened else escape(token.content))
        elif token.type == "code_inline":
            out.append(f"`{escape(token.content.replace('`', chr(39)))}`")
        elif token.type in _MARKS:
            out.append(_MARKS[token.type])
        elif token.type in {"softbreak", "hardbreak"}:
            out.append("\n")
        elif token.type == "image":
            out.append(_link(str(token.attrGet("src") or ""), escape(token.content) or "image"))
        elif token.type == "link_open":
            opened.append((str(token.attrGet("href") or ""), len(out)))
        elif token.type == "link_close" and opened:
            url, start = opened.pop()
            label = "".join(out[start:])
            out[start:] = [_link(url, label)]
        else:
            out.append(escape(token.content))
    return "".join(out)


def _link(url: str, label: str) -> str:
    """A Slack link for web and mail addresses; anything else stays words. Nothing in it can end the link early."""
    label = re.sub(r"\s+", " ", label).replace("|", "¦").strip()
    shown_url = url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E").replace(" ", "%20")
    target = shown_url.replace("&", "&amp;")
    if not _WEB.fullmatch(shown_url) or "<" in label:
        return label
    if len(target) > _LONGEST:
        return f"{label} ({escape(url)})"
    words = label.replace("&amp;", "&")
    if not words or words in {url, url.removeprefix("mailto:")}:
        return f"<{target}>" if not url.startswith("mailto:") else f"<{target}|{escape(url.removeprefix('mailto:'))}>"
    if _LOOKS_LIKE_ADDRESS.search(words) or len(label) > _LONGEST:
        return f"{label} (<{target}>)"
    return f"<{target}|{label}>"


def _link_bare(text: str) -> str:
    """Plain text with its web addresses as links, everything else escaped."""
    out, last = [], 0
    for match in _BARE_URL.finditer(text):
        out.append(escape(text[last : match.start()]))
        target = match[0].replace("&", "&amp;")
        out.append(f"<{target}>" if len(target) <= _LONGEST else target)
        last = match.end()
    return "".join((*out, escape(text[last:])))


def _words(tokens: list[Token]) -> str:
    """The bare words of an inline part, for a table's cell."""
    return " ".join("".join(t.content if t.type != "softbreak" else " " for t in tokens).split())


def _code(content: str) -> str:
    """A code block; a fence inside it is broken up so that it cannot close the block."""
    return "```\n" + escape(content.rstrip("\n")).replace("```", "`\u2060``") + "\n```"
