"""The page in a real browser, for tests: a profile that notices every complaint, and what tests do on a page."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect, sync_playwright

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = ViewportSize(width=1360, height=860)
PHONE = ViewportSize(width=360, height=720)
#: Longest wait for anything on the page, in milliseconds.
PATIENCE = 6000


@contextmanager
def launched(chromium: str) -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def profile(browser: Browser, *, patience: int = PATIENCE) -> Iterator[BrowserContext]:
    """A fresh browser profile; what the page complains about, or asks of another machine, fails the test.

    Args:
        patience: longest wait for anything, in milliseconds.
    """
    complaints: list[str] = []
    made = browser.new_context(viewport=DESKTOP)
    made.set_default_timeout(patience)
    expect.set_options(timeout=patience)
    made.on("weberror", lambda error: complaints.append(str(error.error)))
    made.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    made.on("request", lambda asked: complaints.append(asked.url) if _is_away(asked.url) else None)
    yield made
    made.close()
    # A refused request is logged by the browser itself; what it means stands on the page.
    assert [one for one in complaints if "Failed to load resource" not in one] == []


def _is_away(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1", "data:", "blob:"))


def enter(context: BrowserContext, workspace: str, person: str, channel: str, rest: str = "") -> Page:
    page = context.new_page()
    page.goto(f"{workspace}/#/{person}/{channel}{rest}")
    expect(page.locator(f"[data-person=U0{person.upper()}]")).to_have_attribute("aria-pressed", "true")
    return page


def message(page: Page, text: str, *, pane: str = ".channel") -> Locator:
    return page.locator(f"{pane} article").filter(has_text=text)


def write(page: Page, text: str, *, pane: str = ".channel") -> None:
    page.locator(f"{pane} .composer-field").fill(text)
    page.keyboard.press("Enter")


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


OPTIONS = [{"text": plain("Low"), "value": "low"}, {"text": plain("High"), "value": "high"}]
EVIL = "<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>"

#: Every type of block and element that a message may hold.
BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": plain("A header :wave:")},
    {
        "type": "section",
        "text": {
            "type": "mrkdwn",
            "text": "*bold* _italic_ ~gone~ `code` <@U0SAM> <#C0HELP|help> <!channel>\n> quoted",
        },
        "accessory": {"type": "overflow", "action_id": "menu", "options": OPTIONS},
    },
    {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Field*\none"}, plain("field two")]},
    {"type": "divider"},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "<https://lumen.example|a source>"}]},
    {
        "type": "actions",
        "elements": [
            {"type": "button", "style": "primary", "text": plain("Do it"), "action_id": "do", "value": "1"},
            {"type": "static_select", "action_id": "one", "placeholder": plain("Pick one"), "options": OPTIONS},
            {"type": "multi_static_select", "action_id": "some", "placeholder": plain("Pick some"), "options": OPTIONS},
            {"type": "users_select", "action_id": "who", "placeholder": plain("Pick somebody")},
            {"type": "channels_select", "action_id": "where", "placeholder": plain("Pick a channel")},
            {"type": "datepicker", "action_id": "day", "placeholder": plain("Pick a day")},
            {"type": "checkboxes", "action_id": "ticks", "options": OPTIONS},
            {"type": "radio_buttons", "action_id": "radio", "options": OPTIONS},
        ],
    },
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "feedback",
                "positive_button": {"text": plain("Good"), "value": "up"},
                "negative_button": {"text": plain("Bad"), "value": "down"},
            }
        ],
    },
    {"type": "markdown", "text": f"## Title\n\n1. first\n   - inner\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n{EVIL}"},
    {"type": "image", "image_url": "https://elsewhere.example/x.png", "alt_text": "A picture from elsewhere"},
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "rich", "style": {"bold": True}},
                    {"type": "emoji", "name": "tada"},
                ],
            },
            {
                "type": "rich_text_list",
                "style": "bullet",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "an item"}]}],
            },
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "rich quote"}]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "rich code"}]},
        ],
    },
    {"type": "table", "rows": [[{"type": "raw_text", "text": "Head"}], [{"type": "raw_text", "text": "Cell"}]]},
    {
        "type": "data_visualization",
        "title": "Answers per day",
        "chart": {
            "type": "line",
            "axis_config": {"categories": ["Mon", "Tue"]},
            "series": [{"name": "All", "data": [{"label": "Mon", "value": 3}, {"label": "Tue", "value": 8}]}],
        },
    },
]
