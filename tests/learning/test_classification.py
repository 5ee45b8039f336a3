"""What a draft is against what is known: a correction is never a duplicate."""

from datetime import UTC, datetime

import pytest

from kb.entries import Audience, Draft, Entry, EntryKind, EntryStatus, Evidence, Hit, Provenance
from kb.ids import EntryId, WorkspaceId
from learning.conversations import Place, Privacy
from learning.ids import PersonId, ProposalId
from learning.proposals import (
    Classified,
    Origin,
    Proposal,
    ProposalDraft,
    ProposalKind,
    ProposalState,
    Source,
    Target,
    classify,
    nearest_pending,
    prepare,
)

_REFUND = "Refunds take 10 days after we receive the parcel."
_RESET = "Open Settings, Security and choose Reset password."


def _entry(
    question: str = "How long do refunds take?",
    answer: str = _REFUND,
    *,
    phrasings: tuple[str, ...] = (),
    kind: EntryKind = EntryKind.ANSWER,
    status: EntryStatus = EntryStatus.LIVE,
    audience: Audience | None = None,
) -> Entry:
    content = Draft(question, answer, Provenance("ingest"), phrasings, kind, audience or Audience())
    return Entry(WorkspaceId("T"), EntryId(question), 3, status, content, "ada", datetime(2026, 1, 1, tzinfo=UTC))


def _evidence(*entries: Entry, confidence: float = 0.0) -> Evidence:
    hits = tuple(Hit(entry, 1.0 - rank / 10, entry.question) for rank, entry in enumerate(entries))
    return Evidence("q", hits, confidence, "m", "r", "c")


def _always(value: float):
    return lambda one, other: value


def _classify(draft: ProposalDraft, *entries: Entry, origin: Origin = Origin.RESOLUTION, **given) -> Classified:
    confidence = given.pop("confidence", 0.0)
    return classify(draft, _evidence(*entries, confidence=confidence), origin=origin, **given)


def test_what_nothing_known_is_near_is_a_new_entry() -> None:
    draft = ProposalDraft("Where is the fax?", "In room 3, next to the door.")
    assert _classify(draft, _entry()).kind is ProposalKind.NEW_ENTRY
    assert _classify(draft).kind is ProposalKind.NEW_ENTRY


def test_the_same_answer_in_other_words_of_the_question_is_a_phrasing() -> None:
    found = _classify(ProposalDraft("When is my money back?", f"**{_REFUND.lower()}**"), _entry())
    assert (found.kind, found.target) == (ProposalKind.NEW_PHRASING, Target(_entry().id, 3))


def test_an_answer_that_is_known_is_not_stored_twice_however_far_the_questions_are() -> None:
    far = _entry("What happens to the parcel?")
    found = _classify(ProposalDraft("money back when", _REFUND), _entry("Where is the fax?", "Room 3."), saying=(far,))
    assert (found.kind, found.target) == (ProposalKind.NEW_PHRASING, Target(far.id, 3))


@pytest.mark.parametrize("question", ["how long do refunds take", "Refund duration"])
def test_the_same_answer_in_known_words_is_nothing_new(question: str) -> None:
    found = _classify(ProposalDraft(question, _REFUND), _entry(phrasings=("refund duration?",)))
    assert found.kind is None


def test_a_wording_that_near_to_a_known_one_is_nothing_new() -> None:
    found = _classify(ProposalDraft("How long does a refund take?", _REFUND), _entry(), similarity=_always(0.95))
    assert found.kind is None


@pytest.mark.parametrize(
    "answer",
    [
        "Refunds take 5 days after we receive the parcel.",
        "Refunds do not take 10 days after we receive the parcel.",
        "Refunds take 10 days after we receive the parcel, see https://x.example/a.",
        "Refunds take 10 % after we receive the parcel.",
    ],
)
def test_one_changed_figure_makes_another_answer_however_near_the_words_are(answer: str) -> None:
    found = _classify(ProposalDraft("How long do refunds take?", answer), _entry(), similarity=_always(0.99))
    assert found.kind is ProposalKind.CONFLICTS


def test_a_correction_of_the_answer_that_was_given_replaces_that_version() -> None:
    given = Target(_entry().id, 3)
    draft = ProposalDraft("How long do refunds take?", "Refunds take 5 days.")
    found = _classify(draft, _entry(), origin=Origin.CORRECTION, corrected=given, similarity=_always(0.99))
    assert (found.kind, found.target) == (ProposalKind.REPLACES, given)


def test_even_nearly_the_same_words_are_a_correction_when_somebody_typed_them_as_one() -> None:
    draft = ProposalDraft("How long do refunds take?", _REFUND.replace("receive", "inspect"))
    found = _classify(
        draft, _entry(), origin=Origin.CORRECTION, corrected=Target(_entry().id, 3), similarity=_always(0.99)
    )
    assert found.kind is ProposalKind.REPLACES


def test_a_correction_of_an_answer_to_quite_another_question_does_not_replace_it() -> None:
    draft = ProposalDraft("Where is the fax?", "In room 3, next to the door.")
    given = Target(_entry().id, 3)
    found = _classify(draft, _entry(), origin=Origin.CORRECTION, corrected=given, similarity=_always(0.2))
    assert found.kind is ProposalKind.NEW_ENTRY


def test_a_near_question_with_another_answer_is_a_conflict() -> None:
    draft = ProposalDraft("When does the refund arrive?", "Refunds take 5 days.")
    by_words = _classify(draft, _entry(), similarity=lambda one, other: 0.85 if "efund" in one else 0.0)
    by_confidence = _classify(draft, _entry(), confidence=0.8)
    assert by_words.kind is by_confidence.kind is ProposalKind.CONFLICTS


def test_a_short_answer_that_happens_to_be_equal_says_nothing_about_the_question() -> None:
    entry = _entry("Is the shop open on Sundays?", "Yes.")
    assert _classify(ProposalDraft("Do you ship abroad?", "Yes."), entry).kind is ProposalKind.NEW_ENTRY
    near = _classify(ProposalDraft("Open on Sunday?", "Yes."), entry, similarity=_always(0.85))
    assert near.kind is ProposalKind.NEW_PHRASING


def test_passages_and_what_is_out_of_use_are_not_compared_with() -> None:
    passage, stopped = _entry(kind=EntryKind.PASSAGE), _entry(status=EntryStatus.STOPPED)
    draft = ProposalDraft("How long do refunds take?", "Refunds take 5 days.")
    assert _classify(draft, passage, stopped, confidence=0.9).kind is ProposalKind.NEW_ENTRY


def _source(privacy: Privacy = Privacy.OPEN, channel: str = "C1") -> Source:
    return Source(Origin.RESOLUTION, PersonId("P1"), Place(channel, "1"), privacy)


def test_a_replacement_keeps_the_entrys_question_wordings_and_audience() -> None:
    audience = Audience(frozenset({"group:S1"}))
    entry = _entry(phrasings=("refund duration?",), audience=audience)
    draft = ProposalDraft("When is my money back?", "Refunds take 5 days.")
    ready = prepare(draft, Classified(ProposalKind.REPLACES, Target(entry.id, 3), ""), entry, _source())
    assert ready == ProposalDraft(
        entry.question, draft.answer, ("refund duration?", "When is my money back?"), audience
    )


def test_text_from_a_closed_channel_is_for_that_channel_unless_chosen_otherwise() -> None:
    new = Classified(ProposalKind.NEW_ENTRY, None, "")
    draft = ProposalDraft("Budget?", "Ask Ann.")
    closed = prepare(draft, new, None, _source(Privacy.CHANNEL, "C-finance"))
    assert closed.audience == Audience(frozenset({"channel:C-finance"}))
    assert prepare(draft, new, None, _source()).audience == Audience()
    chosen = ProposalDraft("Budget?", "Ask Ann.", audience=Audience(frozenset({"group:S1"})))
    assert prepare(chosen, new, None, _source(Privacy.CHANNEL, "C-finance")) == chosen


def _waiting(number: int, draft: ProposalDraft) -> Proposal:
    return Proposal(
        workspace=WorkspaceId("T"),
        id=ProposalId(f"P{number}"),
        kind=ProposalKind.NEW_ENTRY,
        state=ProposalState.PENDING,
        origin=Origin.RESOLUTION,
        draft=draft,
        target=None,
        sources=(_source(),),
        privacy=Privacy.OPEN,
        needs_answer=False,
        edited_by=None,
        decided_by=None,
        decided_at=None,
        reason=None,
        applied=None,
        previous_version=None,
        revision=1,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_a_waiting_proposal_is_joined_only_by_what_says_the_same() -> None:
    pending = [
        _waiting(1, ProposalDraft("password reset", _RESET)),
        _waiting(2, ProposalDraft("How do I reset it?", _RESET)),
        _waiting(3, ProposalDraft("refunds", _REFUND)),
    ]

    def similarity(one: str, other: str) -> float:
        return {"password reset": 0.82, "How do I reset it?": 0.88}.get(other, 0.95 if "Settings" in other else 0.1)

    def nearest(draft: ProposalDraft, origin: Origin = Origin.RESOLUTION) -> str | None:
        return nearest_pending(draft, pending, similarity, origin=origin)

    assert nearest(ProposalDraft("I forgot my password", _RESET)) == "P2"
    assert nearest(ProposalDraft("I forgot my password", _RESET + " It takes 5 minutes.")) is None
    near = ProposalDraft("I forgot my password", _RESET.replace("Open", "Go to"))
    assert nearest(near) == "P2" and nearest(near, Origin.CORRECTION) is None
    narrow = ProposalDraft("I forgot my password", _RESET, audience=Audience(frozenset({"channel:C1"})))
    assert nearest(narrow) is None
