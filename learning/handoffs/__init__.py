"""Handoffs: conversations given to people, and the moves they can make.

Always: one live handoff per conversation; each move is one update that names the state it expects, so that of two at
once exactly one wins and the other is told who was first; every change adds one to the revision and leaves a row
behind.
"""

from learning.drafting import draft_answer
from learning.handoffs.alike import alike
from learning.handoffs.moves import cancel, claim, open_handoff, reassign, release, reopen, resolve, resolve_along
from learning.handoffs.notes import (
    mark_offered,
    mark_solved,
    resolution_text,
    set_consent,
    set_relay,
    set_room,
    staff_words,
)
from learning.handoffs.store import by_conversation, by_room, live_one, live_ones, one, settled_along
from learning.handoffs.values import (
    LIVE,
    MOVES,
    Consent,
    Handoff,
    HandoffReason,
    HandoffState,
    Move,
    Opened,
    Resolution,
)

__all__ = [
    "LIVE",
    "MOVES",
    "Consent",
    "Handoff",
    "HandoffReason",
    "HandoffState",
    "Move",
    "Opened",
    "Resolution",
    "alike",
    "by_conversation",
    "by_room",
    "cancel",
    "claim",
    "draft_answer",
    "live_one",
    "live_ones",
    "mark_offered",
    "mark_solved",
    "one",
    "open_handoff",
    "reassign",
    "release",
    "reopen",
    "resolution_text",
    "resolve",
    "resolve_along",
    "set_consent",
    "set_relay",
    "set_room",
    "settled_along",
    "staff_words",
]
