"""The whole loop, lived through by clicking on the page as three people, with the real bot as a process."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Bot, running_bot
from tests.e2e.pages import enter, launched, message, profile, write

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

QUESTION = "how do I get a parking badge for my e-bike trailer?"
PARAPHRASE = "where do I get a permit to park my bicycle trailer?"
ANSWER = "Ask the Harbour reception for the green trailer sticker. It is free."
EDITED = "Ask the Harbour reception for the **green trailer sticker**. It is free and valid for two years."
#: The bot may be as slow as a busy machine makes it; in milliseconds.
PATIENCE = 20_000


@pytest.fixture
def running(knowledge_folder: Path, tmp_path: Path) -> Iterator[Bot]:
    with running_bot(knowledge_folder, tmp_path / "data") as bot:
        yield bot


@pytest.fixture
def context(chromium: str, running: Bot) -> Iterator[BrowserContext]:
    # After the bot, so that it is closed before it.
    with launched(chromium) as browser, profile(browser, patience=PATIENCE) as made:
        yield made


def become(page: Page, person: str, channel: str) -> None:
    page.locator(f"[data-person=U0{person.upper()}]").click()
    expect(page.locator(f"[data-person=U0{person.upper()}]")).to_have_attribute("aria-pressed", "true")
    page.locator(f"[data-channel={channel}]").click()
    expect(page.locator(f"[data-channel={channel}]")).to_have_attribute("aria-current", "page")


def ask(page: Page, question: str) -> None:
    """Ask in the open channel; the thread opens by itself when the answer comes."""
    if page.get_by_role("button", name="Close the thread").count():
        page.get_by_role("button", name="Close the thread").click()
    write(page, f"@answerloop {question}")
    expect(page.locator(".thread article").nth(1)).to_contain_text(re.compile(r"\w"))


def test_three_people_live_through_the_loop_by_clicking(context: BrowserContext, running: Bot) -> None:
    page = enter(context, running.workspace.url, "uma", "C0HELP")
    thread = page.locator(".thread")

    # Uma is answered from the knowledge base, with the source; then asks what nobody wrote down yet.
    ask(page, "how do I reset my VPN password?")
    expect(thread).to_contain_text("id.lumen.example")
    expect(thread).to_contain_text("Source")
    ask(page, QUESTION)
    thread.get_by_role("button", name="Get a human").click()
    expect(thread).to_contain_text("asked a colleague")
    expect(page.locator("[data-person=U0SAM]")).to_contain_text("has news")

    # Sam claims the card, answers Uma in her thread, and resolves with the draft made of his words.
    become(page, "sam", "support")
    card = message(page, "trailer")
    card.get_by_role("button", name="Claim").click()
    expect(card.get_by_role("button", name="Release")).to_be_visible()
    card.get_by_role("link", name="Open the thread").click()
    write(page, ANSWER, pane=".thread")
    expect(message(page, ANSWER, pane=".thread")).to_be_visible()
    page.locator("[data-channel=support]").click()
    card.get_by_role("button", name="Resolve").click()
    form = page.locator("dialog[open]")
    expect(form.get_by_role("textbox", name="Answer")).to_have_value(re.compile("green trailer sticker"))
    form.get_by_role("button", name="Resolve").click()
    expect(form).to_have_count(0)

    # Ada edits the proposal and approves it; the card shrinks to a line with proof and an undo.
    become(page, "ada", "kb-review")
    proposal = message(page, "green trailer sticker")
    proposal.get_by_role("button", name="Edit").click()
    form.get_by_role("textbox", name="Answer").fill(EDITED)
    form.get_by_role("button", name="Approve").click()
    expect(form).to_have_count(0)
    decided = message(page, "trailer").filter(has=page.get_by_role("button", name="Undo"))
    expect(decided).to_contain_text(re.compile("approved", re.IGNORECASE))

    # The next person who asks is answered at once, and may say what she thinks of it.
    become(page, "uma", "help")
    ask(page, PARAPHRASE)
    answer = message(page, "valid for two years", pane=".thread")
    expect(answer.locator("strong", has_text="green trailer sticker")).to_be_visible()
    up, down = answer.locator(".thumb").all()
    up.click()
    expect(up).to_have_attribute("aria-pressed", "true")
    down.click()
    form.get_by_role("radio", name="It is incorrect").check()
    form.get_by_role("textbox", name=re.compile("What would be right")).fill("It is valid for one year only.")
    form.get_by_role("button", name="Send").click()
    expect(form).to_have_count(0)

    # The correction is a new proposal. Ada undoes what was learned and tells whom it was told.
    become(page, "ada", "kb-review")
    expect(
        message(page, "valid for one year only").get_by_role("button", name=re.compile("Edit|Replace"))
    ).to_have_count(1)
    decided.get_by_role("button", name="Undo").click()
    page.get_by_role("dialog", name="Undo this?").get_by_role("button", name="Undo").click()
    affected = page.get_by_role("dialog", name="Who got this answer")
    affected.get_by_role("checkbox", name=re.compile(PARAPHRASE[:20])).check()
    affected.get_by_role("textbox", name="Reply to the ticked threads").fill("We are looking into this again.")
    affected.get_by_role("button", name="Send").click()
    expect(affected).to_have_count(0)
    expect(decided).to_have_count(0)
    become(page, "uma", "help")
    message(page, PARAPHRASE).get_by_role("button", name=re.compile("replies")).click()
    expect(message(page, "looking into this again", pane=".thread")).to_be_visible()
    ask(page, PARAPHRASE)
    expect(thread.get_by_role("button", name="Get a human")).to_be_visible()
    expect(thread).not_to_contain_text("green trailer sticker")
