"""The local workspace's page in a real browser: what a person sees, by mouse, by keyboard and on a phone.

The workspace is the real one, in this process; where something has to answer a click, a small Bolt app is connected to
it as it would be to Slack.
"""

import os
import re
import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright
from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.sandbox import world
from bot.sandbox.server import serve

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1360, "height": 860}
PHONE = {"width": 360, "height": 720}
#: Longest wait for anything on the page, in milliseconds.
PATIENCE = 6000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = CHROMIUM if os.path.exists(CHROMIUM) else shutil.which("chromium")
    if found is None:
        reason = f"there is no Chromium at {CHROMIUM}: apt-get install chromium"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    # The Slack SDK would send even requests to this machine through a proxy.
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serve() as url:
        yield url


@pytest.fixture
def bot(workspace: str) -> WebClient:
    return WebClient(world.BOT_TOKEN, base_url=f"{workspace}/api/")


@pytest.fixture
def context(browser: Browser, workspace: str) -> Iterator[BrowserContext]:
    """A fresh browser profile, closed before the workspace; whatever the page complains about in it fails the test."""
    complaints: list[str] = []
    made = browser.new_context(viewport=DESKTOP)
    made.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    made.on("weberror", lambda error: complaints.append(str(error.error)))
    made.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    made.on("request", lambda asked: complaints.append(asked.url) if _is_away(asked.url) else None)
    yield made
    made.close()
    # A refused request is logged by the browser itself; those that tests provoke are answered on the page.
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


def test_every_kind_of_block_is_shown_and_foreign_text_stays_text(
    context: BrowserContext, workspace: str, bot: WebClient
) -> None:
    bot.chat_postMessage(channel="C0FINANCE", text="blocks", blocks=BLOCKS)
    bot.chat_postMessage(channel="C0FINANCE", text=f"evil {EVIL} <javascript:alert(1)|press me>")
    httpx.post(
        f"{workspace}/client/messages",
        json={"channel": "C0FINANCE", "text": f"typed {EVIL} [x](javascript:alert(1)) `a < b`"},
        headers={"Authorization": "Bearer xoxc-sandbox-uma"},
        trust_env=False,
    ).raise_for_status()
    page = enter(context, workspace, "uma", "C0FINANCE")
    card = message(page, "A header")

    for shown in (
        card.get_by_role("heading", name="A header"),
        card.locator("strong", has_text="bold"),
        card.locator("em", has_text="italic"),
        card.locator("s", has_text="gone"),
        card.locator("code", has_text="code").first,
        card.locator("blockquote", has_text="quoted").first,
        card.get_by_text("@sam"),
        card.get_by_role("button", name="#help"),
        card.get_by_text("@channel"),
        card.get_by_role("button", name="More actions").first,
        card.get_by_text("field two"),
        card.get_by_role("link", name="a source"),
        card.get_by_role("button", name="Do it"),
        card.get_by_role("combobox", name="Pick one"),
        card.get_by_role("combobox", name="Pick somebody"),
        card.get_by_role("combobox", name="Pick a channel"),
        card.get_by_text("Pick some", exact=True),
        card.get_by_label("Pick a day"),
        card.get_by_role("checkbox", name="High").first,
        card.get_by_role("radio", name="Low"),
        card.get_by_role("button", name="Good"),
        card.get_by_role("button", name="Bad"),
        card.get_by_role("heading", name="Title"),
        card.locator("ol > li > ul > li", has_text="inner"),
        card.get_by_role("cell", name="2", exact=True),
        card.get_by_role("link", name="A picture from elsewhere"),
        card.locator("li", has_text="an item"),
        card.locator("pre", has_text="rich code"),
        card.get_by_role("columnheader", name="Head"),
        card.locator("figure svg"),
        card.get_by_text("Answers per day"),
    ):
        expect(shown).to_be_visible()
    assert page.locator(".unknown").count() == 0
    expect(message(page, "typed")).to_contain_text(EVIL)
    expect(message(page, "evil")).to_contain_text(EVIL)
    assert page.evaluate("window.pwned") is None
    assert page.locator(".messages :is(img, script, iframe)").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0


def test_messages_are_sent_changed_deleted_reacted_to_and_answered_before_other_peoples_eyes(
    context: BrowserContext, workspace: str
) -> None:
    uma = enter(context, workspace, "uma", "C0HELP")
    sam = enter(context, workspace, "sam", "C0RANDOM")

    write(uma, "Who knows *the* printer, @sam?")
    mine = message(uma, "the printer")
    expect(mine.locator("strong", has_text="the")).to_be_visible()
    help_in_list = sam.locator("[data-channel=help]")
    expect(help_in_list).to_contain_text("1 unread")
    help_in_list.click()
    theirs = message(sam, "the printer")
    expect(theirs.locator(".mention-me")).to_have_text("@sam")
    expect(help_in_list).not_to_contain_text("unread")

    theirs.hover()
    theirs.get_by_role("button", name="Add reaction").click()
    sam.get_by_role("searchbox", name="Search emoji").fill("tada")
    sam.keyboard.press("Enter")
    reaction = mine.get_by_role("button", name=re.compile("^tada, 1: Sam"))
    expect(reaction).to_be_visible()
    reaction.click()
    expect(theirs.get_by_role("button", name=re.compile("^tada, 2"))).to_be_visible()

    theirs.hover()
    theirs.get_by_role("button", name="Reply in thread").click()
    write(sam, "I do", pane=".thread")
    mine.get_by_role("button", name=re.compile("1 reply")).click()
    expect(message(uma, "I do", pane=".thread")).to_be_visible()

    mine.hover()
    mine.get_by_role("button", name="More actions").click()
    uma.get_by_role("menuitem", name="Edit message").click()
    edit = uma.get_by_role("textbox", name="Edit message")
    expect(edit).to_have_value("Who knows *the* printer, @sam?")
    edit.fill("Who knows the scanner?")
    edit.press("Enter")
    expect(message(sam, "scanner")).to_contain_text("(edited)")

    answer = message(sam, "I do", pane=".thread")
    answer.hover()
    answer.get_by_role("button", name="More actions").click()
    sam.get_by_role("menuitem", name="Delete message…").click()
    sam.get_by_role("button", name="Delete", exact=True).click()
    expect(message(uma, "I do", pane=".thread")).to_have_count(0)


@pytest.fixture
def clicked(workspace: str, bot: WebClient) -> Iterator[list[str]]:
    """A small app: a button opens a form, which objects to 'no', pushes a second form on 'more', and takes the rest."""
    heard: list[str] = []
    app = App(client=bot, signing_secret=world.SIGNING_SECRET, token_verification_enabled=False)

    def form(title: str) -> dict[str, Any]:
        field = {"type": "plain_text_input", "action_id": "said"}
        kinds = {"type": "static_select", "action_id": "kind", "options": OPTIONS, "initial_option": OPTIONS[1]}
        blocks = [
            {"type": "input", "block_id": "said", "label": plain("What would be right?"), "element": field},
            {"type": "input", "block_id": "kind", "label": plain("Kind"), "element": kinds, "optional": True},
        ]
        return {
            "type": "modal",
            "callback_id": "form",
            "title": plain(title),
            "submit": plain("Send"),
            "blocks": blocks,
        }

    @app.event(re.compile(".*"))
    def _event(ack: Ack) -> None:
        ack()

    @app.action("open")
    def _open(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=form("First form"))

    @app.action(re.compile("do|menu|ticks|feedback|one"))
    def _act(ack: Ack, action: dict[str, Any]) -> None:
        ack()
        chosen = action.get("selected_option") or {}
        ticked = [one["value"] for one in action.get("selected_options") or []]
        heard.append(f"{action['action_id']} {action.get('value') or chosen.get('value') or ','.join(ticked)}")

    @app.view("form")
    def _form(ack: Ack, view: dict[str, Any]) -> None:
        values = view["state"]["values"]
        said = values["said"]["said"]["value"]
        if said == "no":
            ack(response_action="errors", errors={"said": "Please say more than no."})
        elif said == "more":
            ack(response_action="push", view=form("Second form"))
        else:
            ack()
            heard.append(f"form {said} {values['kind']['kind']['selected_option']['value']}")

    @app.shortcut("correct_this")
    def _shortcut(ack: Ack, shortcut: dict[str, Any]) -> None:
        ack()
        heard.append(f"correct {shortcut['message']['text']}")

    @app.command("/kb")
    def _command(ack: Ack, command: dict[str, Any]) -> None:
        ack(f"Heard {command['text']}")

    handler = SocketModeHandler(app, world.APP_TOKEN)
    handler.client.web_client = WebClient(world.APP_TOKEN, base_url=f"{workspace}/api/")
    handler.connect()
    yield heard
    handler.close()


def open_form(page: Page, bot: WebClient) -> Locator:
    button = {"type": "button", "action_id": "open", "text": plain("Open the form")}
    bot.chat_postMessage(channel="C0HELP", text="form", blocks=[{"type": "actions", "elements": [button]}])
    page.get_by_role("button", name="Open the form").last.click()
    dialog = page.get_by_role("dialog", name="First form")
    expect(dialog).to_be_visible()
    return dialog


def test_a_form_shows_its_errors_keeps_what_was_typed_and_holds_the_keyboard(
    context: BrowserContext, workspace: str, bot: WebClient, clicked: list[str]
) -> None:
    page = enter(context, workspace, "uma", "C0HELP")
    dialog = open_form(page, bot)
    field = dialog.get_by_role("textbox", name="What would be right?")
    expect(field).to_be_focused()

    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_text("This is required.")).to_be_visible()
    field.fill("no")
    dialog.get_by_role("button", name="Send").click()
    expect(field).to_have_accessible_description("Please say more than no.")
    expect(field).to_have_value("no")
    expect(field).to_be_focused()
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")

    field.fill("more")
    dialog.get_by_role("button", name="Send").click()
    second = page.get_by_role("dialog", name="Second form")
    expect(second.get_by_role("textbox", name="What would be right?")).to_have_value("")
    page.keyboard.press("Escape")
    expect(field).to_have_value("more")
    field.fill("The green sticker")
    dialog.get_by_role("combobox", name="Kind").select_option("Low")
    dialog.get_by_role("button", name="Send").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert clicked == ["form The green sticker low"]

    open_form(page, bot)
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_what_is_pressed_and_chosen_reaches_the_app_and_a_question_comes_before_a_dangerous_press(
    context: BrowserContext, workspace: str, bot: WebClient, clicked: list[str]
) -> None:
    sure = {"title": plain("Really?"), "text": plain("It is gone then."), "confirm": plain("Yes"), "deny": plain("No")}
    blocks = [{**block, "block_id": f"b{place}"} for place, block in enumerate(BLOCKS)]
    blocks[5]["elements"] = [{**blocks[5]["elements"][0], "confirm": sure}, *blocks[5]["elements"][1:]]
    bot.chat_postMessage(channel="C0HELP", text="an answer", blocks=blocks)
    page = enter(context, workspace, "uma", "C0HELP")

    page.get_by_role("button", name="Do it").click()
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_role("button", name="Do it").click()
    page.get_by_role("button", name="Yes", exact=True).click()
    page.get_by_role("combobox", name="Pick one").select_option("High")
    page.get_by_role("checkbox", name="Low").last.check()
    page.get_by_role("button", name="Bad").click()
    expect(page.get_by_role("button", name="Bad")).to_have_attribute("aria-pressed", "true")
    page.locator(".section-side").get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Low").click()
    card = message(page, "A header")
    card.hover()
    card.locator(".toolbar").get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Correct this").click()
    write(page, "/kb ask where is it?")
    only_mine = message(page, "Heard ask where is it?")
    expect(only_mine).to_contain_text("Only visible to you")
    assert clicked == ["do 1", "one high", "ticks low", "feedback down", "menu low", "correct an answer"]


def test_a_growing_answer_and_what_the_app_is_doing_are_shown_live(
    context: BrowserContext, workspace: str, bot: WebClient
) -> None:
    page = enter(context, workspace, "uma", "C0HELP")
    write(page, "@answerloop how?")
    question = message(page, "how?")
    expect(question).to_be_visible()
    ts = str(question.get_attribute("data-ts"))
    bot.api_call(
        "assistant.threads.setStatus", json={"channel_id": "C0HELP", "thread_ts": ts, "status": "is thinking…"}
    )
    expect(question.get_by_text("is thinking…")).to_be_visible()

    whom = {"recipient_user_id": "U0UMA", "recipient_team_id": world.TEAM.id}
    started = bot.chat_startStream(channel="C0HELP", thread_ts=ts, markdown_text="Open **id", **whom)
    # The thread of one's own question opens with the first reply.
    answer = page.locator(".thread article").nth(1)
    expect(answer).to_contain_text("Open **id")
    expect(page.get_by_text("is thinking…")).to_have_count(0)
    bot.chat_appendStream(channel="C0HELP", ts=started["ts"], markdown_text=".lumen.example** now")
    expect(answer.locator("strong")).to_have_text("id.lumen.example")
    expect(answer.locator(".growing")).to_be_visible()
    bot.chat_stopStream(channel="C0HELP", ts=started["ts"], blocks=[BLOCKS[6]])
    expect(answer.get_by_role("button", name="Good")).to_be_visible()
    expect(answer.locator("strong")).to_have_text("id.lumen.example")
    expect(page.locator(".growing")).to_have_count(0)

    bot.chat_postEphemeral(channel="C0HELP", user="U0UMA", text="Just for you")
    expect(message(page, "Just for you")).to_contain_text("Only visible to you")
    prompts = [{"title": "Ask about the VPN", "message": "How do I reset it?"}]
    bot.api_call("assistant.threads.setSuggestedPrompts", json={"channel_id": "D0UMA", "prompts": prompts})
    page.locator("[data-channel=dm]").click()
    page.get_by_role("button", name="Ask about the VPN").click()
    expect(message(page, "How do I reset it?")).to_be_visible()
    expect(page.get_by_role("button", name="Ask about the VPN")).to_have_count(0)
    bot.views_publish(user_id="U0UMA", view={"type": "home", "blocks": [{"type": "header", "text": plain("At home")}]})
    page.get_by_role("tab", name="Home").click()
    expect(page.get_by_role("heading", name="At home")).to_be_visible()


def test_after_a_break_the_page_shows_what_it_missed(context: BrowserContext) -> None:
    with serve() as first:
        port = int(first.rsplit(":", 1)[1])
        page = enter(context, first, "uma", "C0HELP")
    expect(page.get_by_text("Reconnecting…")).to_be_visible()
    with serve(port) as again:
        client = WebClient(world.BOT_TOKEN, base_url=f"{again}/api/")
        client.chat_postMessage(channel="C0HELP", text="Back again")
        expect(message(page, "Back again")).to_be_visible(timeout=20_000)
        expect(page.get_by_text("Reconnecting…")).to_have_count(0)
        client.chat_postMessage(channel="C0HELP", text="And live")
        expect(message(page, "And live")).to_be_visible()
        page.close()


def test_the_keyboard_alone_is_enough(context: BrowserContext, workspace: str, bot: WebClient) -> None:
    bot.chat_postMessage(channel="C0HELP", text="First words")
    page = enter(context, workspace, "uma", "C0FINANCE")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the messages")).to_be_focused()
    page.locator("[data-channel=finance]").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="help", exact=True)).to_be_visible()

    page.locator(".channel .composer-field").focus()
    page.keyboard.type("@ans")
    expect(page.get_by_role("option", name=re.compile("@answerloop"))).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    sent = message(page, "one")
    expect(sent.locator(".mention")).to_have_text("@answerloop")
    assert "one\ntwo" in sent.locator(".text").inner_text()

    page.locator(".channel .messages").focus()
    page.keyboard.press("ArrowUp")
    expect(sent).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(message(page, "First words")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("r")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(message(page, "First words").get_by_role("button", name=re.compile("^thumbs down, 1"))).to_be_visible()
    message(page, "First words").focus()
    page.keyboard.press("t")
    expect(page.locator(".thread .composer-field")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name="Thread")).to_have_count(0)
    for landmark in ("banner", "navigation", "main"):
        expect(page.get_by_role(landmark)).to_have_count(1)
    unnamed = "[...document.querySelectorAll('button, input, textarea, select')].filter((one) => one.checkVisibility()"
    unnamed += (
        " && !one.textContent.trim() && !one.ariaLabel && !one.labels?.length && !one.ariaLabelledByElements?.length)"
    )
    assert page.evaluate(f"{unnamed}.map((one) => one.outerHTML)") == []
    expect(page.locator("[aria-live=polite]")).to_have_count(1)


def test_a_phone_shows_one_pane_at_a_time_and_nothing_sticks_out(
    context: BrowserContext, workspace: str, bot: WebClient, clicked: list[str]
) -> None:
    posted = bot.chat_postMessage(channel="C0HELP", text="blocks", blocks=BLOCKS)
    bot.chat_postMessage(channel="C0HELP", text="x" * 400, thread_ts=posted["ts"])
    page = enter(context, workspace, "uma", "C0HELP")
    page.set_viewport_size(PHONE)

    def shows_only(pane: str) -> None:
        expect(page.locator(f".panes > .{pane}")).to_be_visible()
        assert page.locator(".panes > *:visible").count() == 1
        wide = page.evaluate("document.documentElement.scrollWidth")
        inside = page.evaluate(
            "Math.max(...[...document.querySelectorAll('.messages, .home')].map((e) => e.scrollWidth), 0)"
        )
        assert max(wide, inside) <= PHONE["width"]

    shows_only("channel")
    page.get_by_role("button", name="Back to channels").click()
    shows_only("sidebar")
    page.locator("[data-channel=help]").click()
    page.get_by_role("button", name=re.compile("1 reply")).click()
    shows_only("thread")
    page.get_by_role("button", name="Back to the channel").click()
    shows_only("channel")
    page.get_by_role("button", name="Guide").click()
    shows_only("guide")
    page.get_by_role("button", name="Put it in the composer").first.click()
    shows_only("channel")
    expect(page.locator(".composer-field")).to_have_value(re.compile("^@answerloop"))
    dialog = open_form(page, bot)
    box = dialog.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]


def test_dark_follows_the_system_until_a_person_chooses(browser: Browser, workspace: str) -> None:
    def lightness(page: Page) -> tuple[float, float]:
        """Of the ground and of the text on it, 0 to 255."""
        colours = page.evaluate(
            "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
        )
        ground, ink = (sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 3 for colour in colours)
        return ground, ink

    context = browser.new_context(color_scheme="dark", viewport=DESKTOP)
    page = enter(context, workspace, "uma", "C0HELP")
    ground, ink = lightness(page)
    assert ground < 60
    assert ink > 200
    page.get_by_role("button", name="Use light colours").click()
    page.reload()
    expect(page.get_by_role("button", name="Use dark colours")).to_be_visible()
    ground, ink = lightness(page)
    assert ground > 220
    assert ink < 60
    context.close()


def test_the_page_stays_where_one_was_and_shows_each_person_only_their_own(
    context: BrowserContext, workspace: str, bot: WebClient
) -> None:
    bot.chat_postMessage(channel="C0SUPPORT", text="For staff only")
    page = enter(context, workspace, "sam", "C0SUPPORT")
    expect(message(page, "For staff only")).to_be_visible()
    page.reload()
    expect(message(page, "For staff only")).to_be_visible()
    page.locator("[data-person=U0UMA]").click()
    expect(page.locator("[data-person=U0UMA]")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("For staff only")).to_have_count(0)
    expect(page.locator("[data-channel=support]")).to_have_count(0)
    # Something new where only staff look: their name is marked, and goes on being read as whose turn it is.
    bot.chat_postMessage(channel="C0SUPPORT", text="Another card")
    expect(page.locator("[data-person=U0SAM]")).to_contain_text("has news")
    link = bot.chat_getPermalink(
        channel="C0HELP", message_ts=bot.chat_postMessage(channel="C0HELP", text="Linked")["ts"]
    )
    bot.chat_postMessage(channel="C0FINANCE", text=f"See <{link['permalink']}|this message>")
    page.locator("[data-channel=finance]").click()
    page.get_by_role("link", name="this message").click()
    expect(message(page, "Linked")).to_be_focused()
