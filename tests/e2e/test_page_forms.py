"""Buttons, menus and forms on the page, answered by a small Bolt app that is connected to the workspace as to Slack."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.sandbox import world
from bot.sandbox.server import serve
from tests.e2e.pages import BLOCKS, OPTIONS, PHONE, enter, launched, message, plain, profile, write

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with launched(chromium) as browser:
        yield browser


@pytest.fixture
def workspace() -> Iterator[str]:
    with serve() as url:
        yield url


@pytest.fixture
def web(workspace: str) -> WebClient:
    """The app's client of the workspace."""
    return WebClient(world.BOT_TOKEN, base_url=f"{workspace}/api/")


@pytest.fixture
def context(browser: Browser, workspace: str) -> Iterator[BrowserContext]:
    # After the workspace, so that it is closed before it.
    with profile(browser) as made:
        yield made


@pytest.fixture
def clicked(workspace: str, web: WebClient) -> Iterator[list[str]]:
    """A small app: a button opens a form, which objects to 'no', pushes a second form on 'more', and takes the rest."""
    heard: list[str] = []
    app = App(client=web, signing_secret=world.SIGNING_SECRET, token_verification_enabled=False)

    def form(title: str) -> dict[str, Any]:
        field = {"type": "plain_text_input", "action_id": "said"}
        kinds = {"type": "static_select", "action_id": "kind", "options": OPTIONS, "initial_option": OPTIONS[1]}
        blocks = [
            {"type": "input", "block_id": "said", "label": plain("What would be right?"), "element": field},
            {"type": "input", "block_id": "kind", "label": plain("Kind"), "element": kinds, "optional": True},
        ]
        look = {"type": "button", "action_id": "look", "text": plain("Look it up")}
        blocks.append({"type": "actions", "elements": [look]})
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
        chosen = action.get("selected_option") or {}
        ticked = [one["value"] for one in action.get("selected_options") or []]
        heard.append(f"{action['action_id']} {action.get('value') or chosen.get('value') or ','.join(ticked)}")
        ack()

    @app.action("look")
    def _look(ack: Ack, body: dict[str, Any]) -> None:
        heard.append(f"look {body['view']['state']['values']['said']['said']['value']}")
        ack()

    @app.view("form")
    def _form(ack: Ack, view: dict[str, Any]) -> None:
        values = view["state"]["values"]
        said = values["said"]["said"]["value"]
        if said == "no":
            ack(response_action="errors", errors={"said": "Please say more than no."})
        elif said == "more":
            ack(response_action="push", view=form("Second form"))
        else:
            heard.append(f"form {said} {values['kind']['kind']['selected_option']['value']}")
            ack()

    @app.shortcut("correct_this")
    def _shortcut(ack: Ack, shortcut: dict[str, Any]) -> None:
        heard.append(f"correct {shortcut['message']['text']}")
        ack()

    @app.command("/kb")
    def _command(ack: Ack, command: dict[str, Any]) -> None:
        ack(f"Heard {command['text']}")

    handler = SocketModeHandler(app, world.APP_TOKEN)
    handler.client.web_client = WebClient(world.APP_TOKEN, base_url=f"{workspace}/api/")
    handler.connect()
    yield heard
    handler.close()


def open_form(page: Page, web: WebClient) -> Locator:
    button = {"type": "button", "action_id": "open", "text": plain("Open the form")}
    web.chat_postMessage(channel="C0HELP", text="form", blocks=[{"type": "actions", "elements": [button]}])
    page.get_by_role("button", name="Open the form").last.click()
    dialog = page.get_by_role("dialog", name="First form")
    expect(dialog).to_be_visible()
    return dialog


def test_a_form_shows_its_errors_keeps_what_was_typed_and_holds_the_keyboard(
    context: BrowserContext, workspace: str, web: WebClient, clicked: list[str]
) -> None:
    page = enter(context, workspace, "uma", "C0HELP")
    dialog = open_form(page, web)
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
    dialog.get_by_role("button", name="Look it up").click()
    dialog.get_by_role("combobox", name="Kind").select_option("Low")
    dialog.get_by_role("button", name="Send").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert clicked == ["look The green sticker", "form The green sticker low"]

    page.set_viewport_size(PHONE)
    box = open_form(page, web).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_what_is_pressed_and_chosen_reaches_the_app_and_a_question_comes_before_a_dangerous_press(
    context: BrowserContext, workspace: str, web: WebClient, clicked: list[str]
) -> None:
    sure = {"title": plain("Really?"), "text": plain("It is gone then."), "confirm": plain("Yes"), "deny": plain("No")}
    blocks = [{**block, "block_id": f"b{place}"} for place, block in enumerate(BLOCKS)]
    blocks[5]["elements"] = [{**blocks[5]["elements"][0], "confirm": sure}, *blocks[5]["elements"][1:]]
    web.chat_postMessage(channel="C0HELP", text="an answer", blocks=blocks)
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
