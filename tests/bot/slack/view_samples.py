"""One sample of every view: with plain texts for the snapshots, with hostile ones for the limits."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.slack.views import alarms, answers, forms, handoffs, home, notices, proposals, records, spot_checks, times
from bot.slack.views.alarms import Rate, ShiftCard, VoterCard
from bot.slack.views.answers import AbstainedCard, AnswerCard, DraftCard, Nearest, Source
from bot.slack.views.forms import AffectedThread, WaitingQuestion
from bot.slack.views.handoffs import CardState, HandoffCard
from bot.slack.views.home import (
    ApprovedPhrasing,
    Count,
    HomeCard,
    NeedsAnswer,
    OpenHandoff,
    Promise,
    WaitingPhrasing,
    WaitingProposal,
)
from bot.slack.views.proposals import CardKind, DecidedCard, Proof, ProposalCard, Target, Verdict
from bot.slack.views.records import Seen, WhyCard
from bot.slack.views.spot_checks import CheckCard, JudgedCard

ID = "01K0000000000000000000000A"
OTHER = "01K0000000000000000000000B"
SHOWN = "0123456789abcdef"
URL = "https://lumen.slack.com/archives/C0HELP/p1700000000000100"
NOW = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

#: A view, or the messages that one answer becomes.
Shown = dict[str, Any] | tuple[dict[str, Any], ...]
#: Turns a plain sample text into the one that is used.
Text = Callable[[str], str]


def every_view(t: Text = lambda text: text, many: int = 1) -> dict[str, Shown]:
    """Every view by name.

    Args:
        t: applied to every text that people or documents supply.
        many: how many times each list is as long.
    """
    return {
        **_answers(t, many),
        **_handoffs(t, many),
        **_proposals(t, many),
        **_forms(t, many),
        **_home(t, many),
        **_notices(t),
        **_spot_checks(t),
        **_alarms(t),
        **_records(t, many),
    }


def _answers(t: Text, many: int) -> dict[str, Shown]:
    sources = (
        Source(t("How long do refunds take?")),
        Source(t("Billing"), "https://docs.lumen.example/b", t("page 3")),
    )
    text = t(
        "Refunds take **5 days**.\n\n- by card: 5 days\n- by invoice: 10 days\n\nSee [billing](https://lumen.example/b)."
    )
    verbatim = AnswerCard(ID, text, sources[:1] * many, confidence=0.97)
    written = AnswerCard(ID, text, sources * many, generated=True, confidence=0.9)
    nearest = (Nearest(OTHER, t("How do I reset my password?")), Nearest(ID, t("How do I change my plan?" * 4)))
    return {
        "answer_verbatim": answers.answer(verbatim),
        "answer_fairly_sure": answers.answer(AnswerCard(ID, text, sources[:1], confidence=0.85)),
        "answer_generated": answers.answer(written),
        "abstained": answers.abstained(AbstainedCard(ID, nearest * many)),
        "abstained_alone": answers.abstained(
            AbstainedCard(ID, (), t("I have no answer to this yet."), person_available=False)
        ),
        "answer_passages": answers.answer(
            AnswerCard(ID, t("This part may help:\n\n> Refunds take longer."), sources[1:] * many, passages=True)
        ),
        "draft": answers.draft(DraftCard(written, t("How long do refunds take?"), "U0UMA", URL)),
        "draft_abstained": answers.draft(
            DraftCard(
                AnswerCard(ID, t("I have no answer to this yet."), abstained=True), t("Where is it?"), "U0UMA", URL
            )
        ),
        "draft_unseen": answers.draft_unseen(ID, person_available=True),
        "draft_discarded": answers.discarded(ID, person_available=True),
        "draft_sent": answers.draft_decided(t("How long do refunds take?"), "U0SAM", sent=True),
        "ask_why": answers.ask_why(ID),
        "answer_chosen": answers.answer(AnswerCard(ID, text, sources[:1], chosen=True, confidence=0.4)),
        "nearest_chosen": answers.nearest_chosen(t("How do I reset my password?"), "U0UMA"),
        "none_chosen": answers.none_chosen(ID, "U0UMA", person_available=True, called=False),
        "none_chosen_called": answers.none_chosen(ID, "U0UMA", person_available=True, called=True),
        "none_chosen_alone": answers.none_chosen(ID, "U0UMA", person_available=False, called=False),
    }


def _handoffs(t: Text, many: int) -> dict[str, Shown]:
    def card(state: CardState, **more: Any) -> dict[str, Any]:
        question, tried = t("My invoice is wrong. Whom do I write to?"), (t("I found nothing near."),) * many
        return handoffs.card(
            HandoffCard(ID, state, question, "U0UMA", tried, t("I was not sure twice in a row."), **more)
        )

    return {
        "handoff_open": card(CardState.OPEN, url=URL, expected_by=MONDAY),
        "handoff_open_relayed": card(CardState.OPEN, relayed=True),
        "handoff_claimed": card(CardState.CLAIMED, url=URL, agent="U0SAM"),
        "handoff_resolved": card(CardState.RESOLVED, url=URL, agent=t("Sam")),
        "handoff_cancelled": card(CardState.CANCELLED),
        "handoff_unreached": handoffs.unreached(ID),
        "handoff_asked": handoffs.asked(ID, times.spoken(MONDAY, "Europe/Berlin", NOW)),
        "handoff_taken": handoffs.claimed("U0SAM"),
        "handoff_reassigned": handoffs.reassigned("U0ADA"),
        "handoff_released": handoffs.released(),
        "handoff_cancelled_note": handoffs.cancelled(),
        "handoff_reopened": handoffs.reopened(),
        "relay_consent": handoffs.consent(ID),
        "relay_consent_given": handoffs.consent_given(shown=True),
        "relayed_to_asker": handoffs.relayed_to_asker(t("Sam"), t("Which invoice is it? The **last** one?")),
        "relayed_to_staff": handoffs.relayed_to_staff("U0UMA", t("The one of March.")),
        "relayed_to_staff_late": handoffs.relayed_to_staff("U0UMA", t("The one of March."), MONDAY),
        "relayed_earlier": handoffs.earlier("U0UMA", (("U0UMA", t("Hello?")), ("", t("I'm not sure."))) * many),
        "relay_taken_back": handoffs.taken_back(changed=False),
        "relay_changed": handoffs.taken_back(changed=True),
        "relay_not_carried": handoffs.not_carried(),
        "resolve_offer": handoffs.offer_resolve(ID),
        "solved_question": handoffs.solved_question(ID, "U0SAM", t("Write to **billing**, they send a new one.")),
        "solved_along": handoffs.solved_question(
            ID, "U0SAM", t("Write to **billing**, they send a new one."), t("Whom do I tell that my invoice is wrong?")
        ),
        "solved_yes": handoffs.solved_reply(solved=True),
        "solved_no": handoffs.solved_reply(solved=False),
    }


def _proposals(t: Text, many: int) -> dict[str, Shown]:
    target = Target(t("How long do refunds take?"), t("Refunds take 5 days by card and 10 days by invoice."), 3)
    new = t("Refunds take 3 days by card and 10 days by invoice.")

    def card(kind: CardKind, answer: str = new, known: Target | None = None, **more: Any) -> dict[str, Any]:
        return proposals.proposal(
            ProposalCard(
                ID,
                SHOWN,
                kind,
                t("When do I get my refund?"),
                answer,
                origin=t("a resolution"),
                url=URL,
                people=("U0SAM", t("Uma")) * many,
                target=known,
                **more,
            )
        )

    contacts = (t("billing@lumen.example"),) * many
    proof = Proof(t("When do I get my refund?"), t("I was not sure."), t("Refunds take 3 days by card."))
    decided = {
        verdict: proposals.decided(
            DecidedCard(
                ID,
                verdict,
                t("When do I get my refund?"),
                "U0ADA",
                t("It is out of date"),
                proof,
                undoable,
                entry=ID if verdict in {Verdict.EDITED, Verdict.UNDONE} else "",
            )
        )
        for verdict, undoable in ((v, v in {Verdict.APPROVED, Verdict.EDITED}) for v in Verdict)
    }
    return {
        "proposal_new_entry": card(
            CardKind.NEW_ENTRY,
            phrasings=(t("refund time?"),) * many,
            count=3,
            contacts=contacts,
            private=True,
            audience=t("only #finance"),
            restriction=t("Somebody other than Sam has to approve this."),
        ),
        "proposal_new_phrasing": card(CardKind.NEW_PHRASING, known=target),
        "proposal_replaces": card(CardKind.REPLACES, known=target),
        "proposal_replaces_wholly": card(CardKind.REPLACES, t("Ask the billing team, they know."), target),
        "proposal_conflicts": card(CardKind.CONFLICTS, known=target),
        "proposal_retire": card(CardKind.RETIRE, known=target),
        "proposal_too_long": card(CardKind.NEW_ENTRY, "A long answer. " * 800),
        **{f"decided_{verdict}": message for verdict, message in decided.items()},
    }


def _forms(t: Text, many: int) -> dict[str, Shown]:
    threads = (AffectedThread(ID, t("How long do refunds take?"), t("#help"), t("3 days ago")),) * many
    question, answer = t("How long do refunds take?"), t("Refunds take **5 days**.")
    waiting = (
        WaitingQuestion(OTHER, t("When do I get my money back?"), t("Uma"), "5 minutes"),
        WaitingQuestion(
            ID,
            t("I sent my chair back three weeks ago and wonder when my refund comes. " * 2),
            t("Ann"),
            "an hour",
            private=True,
        ),
    )
    return {
        "feedback_form": forms.feedback_form(ID),
        "feedback_form_alone": forms.feedback_form(ID, person_available=False),
        "correct_form": forms.correct_form(ID, question, answer),
        "edit_form": forms.edit_form(
            ID,
            SHOWN,
            question=question,
            answer=answer,
            phrasings=(t("refund time?"),) * many,
            channel_name=t("finance"),
            contacts=(t("billing@lumen.example"),) * many,
            conflict=True,
        ),
        "reject_form": forms.reject_form(ID, SHOWN, question),
        "resolve_form": forms.resolve_form(ID, question, answer),
        "resolve_form_alike": forms.resolve_form(ID, question, answer, waiting * many),
        "resolve_form_empty": forms.resolve_form(ID, question, ""),
        "reassign_form": forms.reassign_form(ID),
        "affected_threads_form": forms.affected_threads_form(ID, threads, answer, t("Approved.")),
        "affected_threads_form_none": forms.affected_threads_form(ID, ()),
        "channel_settings_form": forms.channel_settings_form("C0HELP", "drafts", allow_shared=True),
        "channel_settings_form_pinned": forms.channel_settings_form("C0HELP", pinned=True),
        "workspace_settings_form": forms.workspace_settings_form(
            forms.WorkspaceSettings("mentions", t("Mon-Fri 09:00-17:00"), "Europe/Berlin", four_eyes=True)
        ),
        "workspace_settings_form_pinned": forms.workspace_settings_form(
            forms.WorkspaceSettings(
                "drafts", "Mon-Fri 09:00-17:00", "UTC", four_eyes=False, pinned=frozenset({"four_eyes"})
            )
        ),
        "add_entry_form": forms.add_entry_form("C0HELP", question),
    }


def _home(t: Text, many: int) -> dict[str, Shown]:
    handoffs_ = (OpenHandoff(t("My invoice is wrong."), t("waiting"), URL),) * many
    counts = (Count(t("answered"), 120), Count(t("handed over"), 9), Count(t("learned"), 4)) * many
    full = HomeCard(
        staff=True,
        admin=True,
        mine=handoffs_,
        handoffs=handoffs_,
        needs_answer=(NeedsAnswer(ID, t("Can I pay in yen?"), 2),) * many,
        phrasings=tuple(
            WaitingPhrasing(f"{ID[:-4]}{n:04}", SHOWN, t("refund time?"), t("How long do refunds take?"))
            for n in range(many)
        ),
        approved=(ApprovedPhrasing(ID, t("money back when?"), t("How long do refunds take?"), "U0ADA"),) * many,
        proposals=(WaitingProposal(t("New answer"), t("When do I get my refund?"), URL, 3),) * many,
        counts=counts,
        promise=Promise(0.03, 0.012, 0.004, 0.025, (0.0, 0.2, 0.45, 0.62, 1.0), t("Please judge the spot checks.")),
    )
    return {
        "home_user": home.home(HomeCard(mine=handoffs_)),
        "home_staff": home.home(HomeCard(staff=True, handoffs=handoffs_, counts=counts)),
        "home_admin": home.home(full),
        "home_admin_idle": home.home(HomeCard(staff=True, admin=True)),
    }


def _notices(t: Text) -> dict[str, Shown]:
    question = t("How long do refunds take?")
    return {
        "line": notices.line(t("You are **welcome**!")),
        "line_too_late": notices.line(t("Somebody else was first."), "U0ADA"),
        "apology": notices.apology(t("01K0REF"), ID),
        "apology_alone": notices.apology(t("01K0REF")),
        "failed": notices.failed(t("01K0REF")),
        "declined_shared": notices.declined_shared(),
        "declined_guest": notices.declined_guest(),
        "declined_drafts": notices.declined_drafts(),
        "moved_to_direct": notices.moved_to_direct(),
        "restricted_lead": notices.restricted_lead(question),
        "no_staff_room": notices.no_staff_room(),
        "support_unreachable": notices.support_unreachable("C0SUPPORT"),
        "review_unreachable": notices.review_unreachable("C0REVIEW"),
        "thanks": notices.thanks_for_feedback(corrected=False),
        "thanks_corrected": notices.thanks_for_feedback(corrected=True),
        "proposed": notices.proposed(),
        "budget_alarm": notices.budget_alarm(t("About 5.0% of the questions of late were answered wrongly.")),
        "stopped": notices.stopped(question, "U0SAM", ID, ID),
        "resumed": notices.resumed(question, "U0SAM"),
        "corrected_reply": notices.corrected_reply(t("Refunds take **3 days**.")),
        "corrected_reply_empty": notices.corrected_reply(""),
        "corrections_sent": notices.corrections_sent(2),
        "not_settled_along": notices.not_settled_along(1),
        "not_settled_along_many": notices.not_settled_along(2),
        "daily": notices.daily(3, 1),
        "command_help": notices.command_help(staff=True),
        "known_already": notices.known_already(),
        "rejected_before": notices.rejected_before(t("It is out of date.")),
        "you_asked": notices.you_asked(question),
        "unknown_command": notices.unknown_command(t("frobnicate")),
    }


def _spot_checks(t: Text) -> dict[str, Shown]:
    question, answer = t("How long do refunds take?"), t("Refunds take **5 days** by card [1].")
    return {
        "spot_check": spot_checks.check(CheckCard(ID, question, answer, 0.84, 0.03, url=URL)),
        "spot_check_private": spot_checks.check(CheckCard(ID, question, answer, 0.9, 1, generated=True, private=True)),
        **{
            f"spot_check_{verdict}": spot_checks.judged(JudgedCard(verdict, question, "U0SAM", ID))
            for verdict in spot_checks.Verdict
        },
        "spot_check_wrong_of_several": spot_checks.judged(JudgedCard(spot_checks.Verdict.WRONG, question, t("Sam"))),
    }


def _alarms(t: Text) -> dict[str, Shown]:
    return {
        "alarm_down_votes": alarms.shift(ShiftCard(Rate.DOWN_VOTES, 0.06, 410, 0.21, 96, NOW)),
        "alarm_abstentions": alarms.shift(ShiftCard(Rate.ABSTENTIONS, 0.5, 640, 0.12, 128, NOW)),
        "alarm_one_sided": alarms.one_sided(VoterCard("U0UMA", False, 15, 0.8, 0.0000004)),
        "alarm_one_sided_up": alarms.one_sided(VoterCard(t("Gus"), True, 30, 0.5, 0.0213)),
        "alarm_thin_feedback": alarms.thin_feedback(1200, 0.004, 30),
    }


def _records(t: Text, many: int) -> dict[str, Shown]:
    question = t("How long do refunds take?")
    seen = (Seen(question, 3, 0.83, said=True), Seen(t("Billing > Refunds"), 1, 0.41, said=False)) * many
    versions = (("model", t("gpt-5-mini")), ("prompt", "0123456789ab"), ("instructions", ""), ("knowledge base", "17"))
    return {
        "why_form": records.why_form(
            WhyCard(
                ID,
                question,
                "written_from_evidence",
                0.62,
                seen,
                versions * many,
                ("1.20 s (search 0.02 s, model 1.10 s)", "812 tokens read, 40 written, cost 0.001000"),
                up=2,
                down=1,
            )
        ),
        "why_form_erased": records.why_form(WhyCard(ID, "", t("made_up_rule"), 0.0)),
    }
