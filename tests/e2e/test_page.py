"""The local workspace's page in a real browser: what a person sees, by mouse, by keyboard and on a phone."""

import re
import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from slack_sdk import WebClient

from bot.sandbox import world
from bot.sandbox.server import serve
from tests.e2e.pages import BLOCKS, DESKTOP, EVIL, PHONE, enter, launched, message, plain, profile, write

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


def test_every_kind_of_block_is_shown_and_foreign_text_stays_text(
    context: BrowserContext, workspace: str, web: WebClient
) -> None:
    web.chat_postMessage(channel="C0FINANCE", text="blocks", blocks=BLOCKS)
    web.chat_postMessage(channel="C0FINANCE", text=f"evil {EVIL} <javascript:alert(1)|press me>")
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


def test_a_growing_answer_and_what_the_app_is_doing_are_shown_live(
    context: BrowserContext, workspace: str, web: WebClient
) -> None:
    page = enter(context, workspace, "uma", "C0HELP")
    write(page, "@answerloop how?")
    question = message(page, "how?")
    expect(question).to_be_visible()
    ts = str(question.get_attribute("data-ts"))
    web.api_call(
        "assistant.threads.setStatus", json={"channel_id": "C0HELP", "thread_ts": ts, "status": "is thinking…"}
    )
    expect(question.get_by_text("is thinking…")).to_be_visible()

    whom = {"recipient_user_id": "U0UMA", "recipient_team_id": world.TEAM.id}
    started = web.chat_startStream(channel="C0HELP", thread_ts=ts, markdown_text="Open **id", **whom)
    # The thread of one's own question opens with the first reply.
    answer = page.locator(".thread article").nth(1)
    expect(answer).to_contain_text("Open **id")
    expect(page.get_by_text("is thinking…")).to_have_count(0)
    web.chat_appendStream(channel="C0HELP", ts=started["ts"], markdown_text=".lumen.example** now")
    expect(answer.locator("strong")).to_have_text("id.lumen.example")
    expect(answer.locator(".growing")).to_be_visible()
    web.chat_stopStream(channel="C0HELP", ts=started["ts"], blocks=[BLOCKS[6]])
    expect(answer.get_by_role("button", name="Good")).to_be_visible()
    expect(answer.locator("strong")).to_have_text("id.lumen.example")
    expect(page.locator(".growing")).to_have_count(0)

    web.chat_postEphemeral(channel="C0HELP", user="U0UMA", text="Just for you")
    expect(message(page, "Just for you")).to_contain_text("Only visible to you")
    prompts = [{"title": "Ask about the VPN", "message": "How do I reset it?"}]
    web.api_call("assistant.threads.setSuggestedPrompts", json={"channel_id": "D0UMA", "prompts": prompts})
    page.locator("[data-channel=dm]").click()
    page.get_by_role("button", name="Ask about the VPN").click()
    expect(message(page, "How do I reset it?")).to_be_visible()
    expect(page.get_by_role("button", name="Ask about the VPN")).to_have_count(0)
    web.views_publish(user_id="U0UMA", view={"type": "home", "blocks": [{"type": "header", "text": plain("At home")}]})
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


def test_what_is_said_while_the_page_loads_is_not_lost(context: BrowserContext, workspace: str, web: WebClient) -> None:
    page = context.new_page()

    def answer_late(route: Route) -> None:
        answer = route.fetch()
        web.chat_postMessage(channel="C0HELP", text="Said meanwhile")
        time.sleep(0.4)
        route.fulfill(response=answer)

    page.route("**/client/messages?channel=C0HELP", answer_late, times=1)
    page.goto(f"{workspace}/#/uma/C0HELP")
    expect(message(page, "Said meanwhile")).to_have_count(1)
    page.wait_for_timeout(500)
    expect(message(page, "Said meanwhile")).to_have_count(1)


def test_the_keyboard_alone_is_enough(context: BrowserContext, workspace: str, web: WebClient) -> None:
    web.chat_postMessage(channel="C0HELP", text="First words")
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
    context: BrowserContext, workspace: str, web: WebClient
) -> None:
    posted = web.chat_postMessage(channel="C0HELP", text="blocks", blocks=BLOCKS)
    web.chat_postMessage(channel="C0HELP", text="x" * 400, thread_ts=posted["ts"])
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
    context: BrowserContext, workspace: str, web: WebClient
) -> None:
    web.chat_postMessage(channel="C0SUPPORT", text="For staff only")
    page = enter(context, workspace, "sam", "C0SUPPORT")
    expect(message(page, "For staff only")).to_be_visible()
    page.reload()
    expect(message(page, "For staff only")).to_be_visible()
    page.locator("[data-person=U0UMA]").click()
    expect(page.locator("[data-person=U0UMA]")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("For staff only")).to_have_count(0)
    expect(page.locator("[data-channel=support]")).to_have_count(0)
    # Something new where only staff look: their name is marked, and goes on being read as whose turn it is.
    web.chat_postMessage(channel="C0SUPPORT", text="Another card")
    expect(page.locator("[data-person=U0SAM]")).to_contain_text("has news")
    link = web.chat_getPermalink(
        channel="C0HELP", message_ts=web.chat_postMessage(channel="C0HELP", text="Linked")["ts"]
    )
    web.chat_postMessage(channel="C0FINANCE", text=f"See <{link['permalink']}|this message>")
    page.locator("[data-channel=finance]").click()
    page.get_by_role("link", name="this message").click()
    expect(message(page, "Linked")).to_be_focused()
