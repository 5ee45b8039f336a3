"""What admins decide: who may, on what was shown, once, with proof, and everything can be taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.client import Person, Shown
from tests.e2e.acts import ask, quiet, replies, rows
from tests.e2e.conftest import Bot, labels, running_bot
from tests.e2e.desk import (
    REVIEW,
    answer_of,
    at_once,
    audit_holds,
    becomes,
    correct,
    hand_over,
    home,
    press,
    resolve,
    review_card,
    told,
    unknown,
)

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def bot(one_bot: Bot) -> Bot:
    return one_bot


@pytest.fixture(scope="module")
def strict_bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """Four eyes; admins are a channel's members and a user group's, staff a user group's."""
    folder = tmp_path_factory.mktemp("strict")
    with running_bot(knowledge_folder, folder, started=False, four_eyes="true") as running:
        admins = running.channel("admins", ("U0ADA", "U0ANN"), is_private=True)
        lead = running.workspace.add_person("lea")
        group = running.workspace.add_usergroup("leads", [lead.id])
        running.workspace.members(REVIEW, add=[lead.id])
        running.environment["ANSWERLOOP_ADMINS"] = f"{admins},{group}"
        running.environment["ANSWERLOOP_STAFF"] = "S0SUPPORT"
        running.start()
        yield running


# --- deciding ---


def test_an_approval_is_live_at_once_and_the_card_proves_it(bot: Bot) -> None:
    ada, uma, channel = bot.person("ada"), bot.person("uma"), bot.channel("approve")
    card = learned(bot, channel, "gondola", "A gondola is pulled with two oars.")
    ada.click(card, "Approve")
    shown = becomes(ada, card, lambda one: "Approved by <@U0ADA>" in one.text and "Now:* this answer" in one.text)
    assert f"Asked again: “{unknown('gondola')}”" in shown.text
    assert "Before:* not sure" in shown.text
    assert "two oars" in answer_of(bot, uma, channel, unknown("gondola"), "two oars").text


@pytest.mark.parametrize("pressed_in", ["thread", "review"])
def test_both_cards_show_one_state_wherever_it_was_decided(bot: Bot, pressed_in: str) -> None:
    ada, uma, channel = bot.person("ada"), bot.person("uma"), bot.channel(f"one-state-{pressed_in}")
    in_review = learned(bot, channel, f"hydrofoil {pressed_in}", f"The hydrofoil {pressed_in} is in the hall.")
    in_thread = uma.wait_for_message(the_thread(uma, channel), lambda one: "Approve" in labels(one))
    both = (in_review, in_thread)
    decided = in_thread if pressed_in == "thread" else in_review
    ada.click(decided, "Approve")
    for card in both:
        becomes(ada, card, lambda one: "Approved by <@U0ADA>" in one.text and "Approve" not in labels(one))
    ada.click(ada.again(decided), "Undo")
    for card in both:
        undone = becomes(ada, card, lambda one: "Undone by <@U0ADA>" in one.text and "Undo" not in labels(one))
        assert len(undone.text.splitlines()) <= 2, "a decided card is a line, and who got the answer"


def test_a_rejected_card_is_one_line_in_both_places(bot: Bot) -> None:
    ada, uma, channel = bot.person("ada"), bot.person("uma"), bot.channel("one-line")
    in_review = learned(bot, channel, "airship", "The airship is in the loft.")
    in_thread = uma.wait_for_message(the_thread(uma, channel), lambda one: "Approve" in labels(one))
    form = press(ada, in_thread, "Reject", "proposal_reject_form")
    ada.submit(form, {"reason": "We sold it."})
    for card in (in_review, in_thread):
        shown = becomes(ada, card, lambda one: "Rejected by <@U0ADA>" in one.text and not labels(one))
        assert len(shown.text.splitlines()) == 1 and "We sold it." in shown.text


def test_nobody_but_an_admin_decides(bot: Bot) -> None:
    sam, uma, channel = bot.person("sam"), bot.person("uma"), bot.channel("refused")
    learned(bot, channel, "canoe", "A canoe needs a rope.")
    card = uma.wait_for_message(the_thread(uma, channel), lambda one: "Approve" in labels(one))
    for person in (sam, uma):
        person.click(card, "Approve")
        told(person, channel, "Only an admin can approve this")
        for button in ("Edit", "Reject"):
            person.click(card, button)
        told(person, channel, "Only an admin can decide on proposals")
        assert not person.views()
    assert "Approve" in labels(uma.again(card))


def test_an_edit_is_approved_as_it_then_reads(bot: Bot) -> None:
    ada, uma, channel = bot.person("ada"), bot.person("uma"), bot.channel("edit")
    card = learned(bot, channel, "kayak", "A kayak is fine.")
    form = press(ada, card, "Edit", "proposal_edit_form")
    asked = "Which hymn is played when a kayak is launched?"
    ada.submit(form, {"question": asked, "answer": "A kayak is fine on **Mondays**.", "phrasings": "Kayak songs?"})
    becomes(ada, card, lambda one: "Edited and approved by <@U0ADA>" in one.text)
    assert "*Mondays*" in answer_of(bot, uma, channel, asked, "Mondays").text


def test_an_undo_brings_back_what_search_returned_before(bot: Bot) -> None:
    ada, uma, channel, asked = bot.person("ada"), bot.person("uma"), bot.channel("undo"), "Can I take a sabbatical?"
    before = answer_of(bot, uma, channel, asked, "three years")
    correct(bot, before, "After seven years, for a month.")
    card = review_card(bot, "After seven years")
    ada.click(card, "Approve")
    ada.close_view(ada.wait_for_view("affected_threads_form"))
    becomes(ada, card, lambda one: "Approved by" in one.text)
    assert "seven years" in answer_of(bot, uma, channel, asked, "seven years").text
    ada.click(ada.again(card), "Undo")
    ada.close_view(ada.wait_for_view("affected_threads_form"))
    becomes(ada, card, lambda one: "Undone by <@U0ADA>" in one.text and "Undo" not in labels(one).split(" | "))
    quiet(bot)
    after = answer_of(bot, uma, channel, asked, "three years")
    quiet(bot)
    assert words_of(after) == words_of(before)
    assert confidence(bot, after) == confidence(bot, before), "search returns exactly what it returned before"


def test_two_clicks_at_once_make_one_version_and_the_second_is_told_who(bot: Bot) -> None:
    ada, ann, channel = bot.person("ada"), bot.person("ann"), bot.channel("at-once")
    card = learned(bot, channel, "raft", "A raft is towed slowly.")
    at_once(lambda: ada.click(card, "Approve"), lambda: ann.click(card, "Approve"))
    shown = becomes(ada, card, lambda one: "Approved by" in one.text)
    winner, loser = (ada, ann) if "<@U0ADA>" in shown.text else (ann, ada)
    assert f"<@{winner.id}>" in told(loser, REVIEW, "Somebody else was first").text
    quiet(bot)
    assert len(rows(bot, "select 1 from entry_versions where content like '%raft is towed%'")) == 1
    assert (
        len(
            rows(
                bot,
                "select 1 from reviews join proposals on proposals.id = reviews.proposal"
                " where proposals.answer like '%raft is towed%'",
            )
        )
        == 1
    )


def test_what_changed_since_it_was_shown_is_not_approved(bot: Bot) -> None:
    ada, ann, channel, asked = (
        bot.person("ada"),
        bot.person("ann"),
        bot.channel("stale"),
        "How do I get a company phone?",
    )
    answer = answer_of(bot, bot.person("uma"), channel, asked, "on call")
    correct(bot, answer, "Everybody gets a red phone.")
    correct(bot, answer_of(bot, bot.person("sam"), channel, asked, "on call"), "Nobody gets a green phone.", by="sam")
    red, green = review_card(bot, "a red phone"), review_card(bot, "a green phone")
    form = press(ann, green, "Edit", "proposal_edit_form")
    ada.click(red, "Approve")
    ada.close_view(ada.wait_for_view("affected_threads_form"))
    becomes(ada, red, lambda one: "Approved by" in one.text)
    # The other card is set against the answer as it is now, so what Ann read is no longer what it says.
    becomes(ann, green, lambda one: "Everybody" in one.text or "version 2" in one.text)
    ann.submit(form, {"answer": "Nobody gets a green phone, ever."})
    ann.wait_for_message(ann.direct, lambda one: "changed since" in one.text)
    quiet(bot)
    assert "red phone" in answer_of(bot, bot.person("uma"), channel, asked, "red phone").text
    ann.click(ann.again(green), "Approve")
    becomes(ann, green, lambda one: "Approved by <@U0ANN>" in one.text)
    assert "green phone" in answer_of(bot, bot.person("uma"), channel, asked, "green phone").text


def test_a_press_on_a_card_that_no_longer_stands_like_that_is_refused(bot: Bot) -> None:
    ada, ann, channel, asked = bot.person("ada"), bot.person("ann"), bot.channel("old-card"), "Who can give first aid?"
    answer = answer_of(bot, bot.person("uma"), channel, asked, "4333")
    correct(bot, answer, "Ring the golden bell.")
    correct(bot, answer_of(bot, bot.person("sam"), channel, asked, "4333"), "Ring the silver bell.", by="sam")
    golden, silver = review_card(bot, "Ring the golden bell"), review_card(bot, "Ring the silver bell")
    # Slack holds the drawing of cards up, so that Ann still sees what was there before.
    bot.workspace.faults("rate_limit", method="chat.update", count=1, retry_after=2)
    ada.click(golden, "Approve")
    ada.close_view(ada.wait_for_view("affected_threads_form"))
    ann.click(silver, "Approve")
    told(ann, REVIEW, "has changed since")
    quiet(bot)
    assert "Approved by <@U0ADA>" in ada.again(golden).text
    assert "Approve" in labels(ann.again(silver)) and "version 2" in ann.again(silver).text
    assert len(rows(bot, "select 1 from entry_versions where content like '%silver bell%'")) == 0


def test_what_waits_for_an_answer_that_changed_is_let_go_of(bot: Bot) -> None:
    uma, ada = bot.person("uma"), bot.person("ada")
    asked, known = "I forgot the password for the VPN, how can I set another?", "How do I reset my VPN password?"
    wording = answer_of(bot, uma, bot.channel("let-go"), asked, "id.lumen.example")
    uma.click(wording, "Helpful")
    home(ada, lambda view: asked in view.text)
    correct(
        bot, answer_of(bot, uma, bot.channel("let-go-too"), known, "id.lumen.example"), "Ask the oracle of passwords."
    )
    card = review_card(bot, "Ask the oracle")
    ada.click(card, "Approve")
    ada.close_view(ada.wait_for_view("affected_threads_form"))
    home(ada, lambda view: asked not in view.text)
    [row] = rows(bot, "select state, reason from proposals where question = ?", asked)
    assert (row["state"], row["reason"]) == ("dropped", "The answer has changed since.")
    # Other tests ask for the VPN too.
    ada.click(ada.again(card), "Undo")
    ada.close_view(ada.wait_for_view("affected_threads_form"))
    becomes(ada, card, lambda one: "Undone by" in one.text)
    quiet(bot)


# --- who may ---


def test_authority_is_asked_at_the_click(strict_bot: Bot) -> None:
    ann, lea, workspace = strict_bot.person("ann"), strict_bot.person("lea"), strict_bot.workspace
    [admins] = [one["id"] for one in ann.channels() if one["name"] == "admins"]
    card = learned(strict_bot, strict_bot.channel("at-click"), "sledge", "A sledge is towed on snow.", by="ann")
    workspace.members(admins, remove=["U0ANN"])
    ann.click(card, "Approve")
    told(ann, REVIEW, "Only an admin can approve this")
    workspace.add_usergroup("leads", [])
    lea.click(card, "Approve")
    told(lea, REVIEW, "Only an admin can approve this")
    assert "Approve" in labels(ann.again(card))
    workspace.members(admins, add=["U0ANN"])
    workspace.add_usergroup("leads", [lea.id])
    lea.click(card, "Approve")
    becomes(lea, card, lambda one: f"Approved by <@{lea.id}>" in one.text)


def test_four_eyes_keep_an_admin_from_approving_their_own_words(strict_bot: Bot) -> None:
    ada, ann, channel = strict_bot.person("ada"), strict_bot.person("ann"), strict_bot.channel("four-eyes")
    asked = "Can I have a locker?"
    answer = answer_of(strict_bot, ada, channel, asked, "every floor")
    correct(strict_bot, answer, "No, bring a bag.", by="ada")
    card = review_card(strict_bot, "bring a bag")
    ada.click(card, "Approve")
    told(ada, REVIEW, "Four eyes")
    form = press(ada, card, "Edit", "proposal_edit_form")
    ada.submit(form, {"answer": "No, bring a big bag."})
    ada.wait_for_message(ada.direct, lambda one: "Four eyes" in one.text)
    assert "Approve" in labels(ada.again(card))
    ann.click(card, "Approve")
    ann.close_view(ann.wait_for_view("affected_threads_form"))
    becomes(ann, card, lambda one: "Approved by <@U0ANN>" in one.text)
    audit_holds(strict_bot)


# --- stopping ---


@pytest.mark.parametrize("way", ["menu", "shortcut"])
def test_a_stop_works_at_once_is_noted_and_can_be_undone(bot: Bot, way: str) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel(f"stop-{way}")
    asked, holds = {
        "menu": ("How do I create a mailing list?", "Reachable"),
        "shortcut": ("How do I set an out-of-office reply?", "Automatic replies"),
    }[way]
    answer = answer_of(bot, uma, channel, asked, holds)
    quiet(bot)
    use(uma, answer, way, "stop")
    told(uma, channel, "Only support staff and admins can take an answer out of use")
    use(sam, answer, way, "stop")
    sam.close_view(sam.wait_for_view("affected_threads_form"))
    assert holds not in answer_of(bot, uma, channel, asked).text
    notice = bot.person("ada").wait_for_message(
        REVIEW, lambda one: "<@U0SAM> stopped this answer" in one.text and asked in one.text
    )
    use(sam, answer, way, "stop")
    told(sam, channel, "out of use already")
    bot.person("ada").click(bot.person("ada").again(notice), "Undo")
    becomes(bot.person("ada"), notice, lambda one: "<@U0ADA> put this answer back in use" in one.text)
    assert holds in answer_of(bot, uma, channel, asked, holds).text
    actions = [one["action"] for one in rows(bot, "select action from audit order by seq desc limit 2")]
    assert actions == ["entry.undo_stop", "entry.stop"]


def test_a_shortcut_on_anything_but_an_answer_says_so(bot: Bot) -> None:
    sam, channel = bot.person("sam"), bot.channel("no-answer")
    message = sam.say(channel, "Just talking.")
    sam.shortcut("stop_using_this", message)
    told(sam, channel, "This works on answers of mine")


# --- who got it ---


def test_a_correction_by_staff_shows_who_got_the_answer_and_each_ticked_thread_is_told_once(bot: Bot) -> None:
    uma, sam, ada, asked = bot.person("uma"), bot.person("sam"), bot.person("ada"), "Which bulbs can be used outdoors?"
    help_, other = bot.channel("affected"), bot.channel("affected-too")
    question, answer = ask(uma, help_, f"@answerloop {asked}", holds="IP65")
    again, _ = ask(uma, other, f"@answerloop {asked}", holds="IP65")
    private = uma.say(uma.direct, asked)
    uma.wait_for_message(private, lambda one: "IP65" in one.text)
    quiet(bot)
    use(sam, answer, "menu", "correct")
    form = sam.wait_for_view("correct_form")
    assert "IP65" in str(form.values)
    right = "Only the *Garden* series with the green ring."
    sam.submit(form, {"answer": right, "comment": "The ring is new."})
    form = sam.wait_for_view("affected_threads_form")
    assert "Your correction waits for an admin" in form.text
    assert "#affected, today" in form.text and "#affected-too, today" in form.text
    assert form.text.count(asked) == 2 and "A question asked in private" in form.text
    assert "green ring" in str(form.values)
    boxes = {place: value for value, place in options(form.raw)}
    ticks = [value for place, value in boxes.items() if place.startswith(("#affected,", "a direct message"))]
    assert len(ticks) == 2
    sam.submit(form, {"threads_1": ticks})
    for thread in (question, private):
        uma.wait_for_message(
            thread, lambda one: "A correction to what I told you" in one.text and "green ring" in one.text
        )

    # Sent again from the card, the same words reach nobody twice.
    card = review_card(bot, "green ring")
    ada.click(card, "Approve")
    ada.close_view(ada.wait_for_view("affected_threads_form"))
    card = becomes(ada, card, lambda one: "Who got this answer?" in labels(one))
    form = press(ada, card, "Who got this answer?", "affected_threads_form")
    ada.submit(form, {"threads_1": [value for value, _ in options(form.raw)], "reply": right})
    uma.wait_for_message(again, lambda one: "A correction to what I told you" in one.text)
    quiet(bot)
    for thread in (question, private, again):
        assert len([one for one in replies(uma, thread) if "A correction to" in one.text]) == 1

    # Who is given the right answer is not among them.
    answer_of(bot, uma, bot.channel("not-affected"), asked, "green ring")
    quiet(bot)
    form = press(ada, card, "Who got this answer?", "affected_threads_form")
    assert "#not-affected" not in form.text
    ada.close_view(form)


def test_a_stop_and_an_undo_show_who_got_the_answer(bot: Bot) -> None:
    uma, ada, channel = bot.person("uma"), bot.person("ada"), bot.channel("undo-affected")
    card = learned(bot, channel, "zeppelin", "A zeppelin follows by itself.")
    ada.click(card, "Approve")
    becomes(ada, card, lambda one: "Approved by" in one.text)
    question, answer = ask(uma, channel, f"@answerloop {unknown('zeppelin')}", holds="follows by itself")
    quiet(bot)
    use(ada, answer, "menu", "stop")
    form = ada.wait_for_view("affected_threads_form")
    assert "#undo-affected, today" in form.text
    ada.close_view(form)
    notice = ada.wait_for_message(REVIEW, lambda one: "stopped this answer" in one.text and "zeppelin" in one.text)
    ada.click(ada.again(notice), "Undo")
    becomes(ada, notice, lambda one: "put this answer back" in one.text)
    ada.click(ada.again(card), "Undo")
    form = ada.wait_for_view("affected_threads_form")
    assert "#undo-affected, today" in form.text
    [(value, _)] = options(form.raw)
    ada.submit(form, {"threads_1": [value], "reply": "Please ask the garage."})
    uma.wait_for_message(question, lambda one: "A correction to" in one.text and "ask the garage" in one.text)
    becomes(ada, card, lambda one: "Undone by <@U0ADA>" in one.text)


def test_the_audit_trail_holds_afterwards(bot: Bot) -> None:
    assert audit_holds(bot) >= 10


# --- helpers ---


def learned(bot: Bot, channel: str, what: str, answer: str, *, by: str = "ada") -> Shown:
    """A proposal from a resolution; its card in the review channel."""
    given = hand_over(bot, channel, what)
    bot.person("sam").say(channel, answer, thread=given.question)
    resolve(bot, given)
    return review_card(bot, answer, by=by)


def the_thread(person: Person, channel: str) -> Shown:
    """The first thread of a channel."""
    return person.messages(channel)[0]


def words_of(answer: Shown) -> str:
    """The words of an answer without its buttons, which carry ids."""
    return answer.text


def confidence(bot: Bot, answer: Shown) -> float:
    """How sure the bot was of an answer."""
    [found] = rows(
        bot,
        "select confidence from decisions join decision_posts posts on posts.decision = decisions.id"
        " where posts.channel = ? and posts.ts = ?",
        answer.channel,
        answer.ts,
    )
    return float(found["confidence"])


def use(person: Person, answer: Shown, way: str, what: str) -> None:
    """'Stop using this' or 'Correct this', in the answer's menu or as a message shortcut."""
    if way == "shortcut":
        person.shortcut({"stop": "stop_using_this", "correct": "correct_this"}[what], answer)
    else:
        person.click(person.again(answer), {"stop": "Stop using this", "correct": "Correct this"}[what])


def options(view: dict[str, object]) -> list[tuple[str, str]]:
    """The boxes of the form: the value of each, and the place it names."""
    found = []
    blocks = view["blocks"]
    assert isinstance(blocks, list)
    for block in blocks:
        for option in (block.get("element") or {}).get("options", []):
            found.append((str(option["value"]), str(option["description"]["text"])))
    return found
