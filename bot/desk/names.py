"""The names of workflows: what a desk enqueues and the runtime registers. Kept in one place, because work that an
older release enqueued is found by them."""

from typing import Final

ASK: Final = "ask"
ANSWER: Final = "answer"
HANDED_OVER: Final = "handed_over"
STAFF_ROOM: Final = "staff_room"
SHOW_HANDOFF: Final = "show_handoff"
TELL_ASKER: Final = "tell_asker"
PASS_ON_EARLIER: Final = "pass_on_earlier"
FOLLOW_CHANGE: Final = "follow_change"
OFFER_RESOLVE: Final = "offer_resolve"
SHOW_ALIKE: Final = "show_alike"
LEARN_FROM_RESOLUTION: Final = "learn_from_resolution"
LEARN_FROM_VOTE: Final = "learn_from_vote"
LEARN_FROM_CORRECTION: Final = "learn_from_correction"
LEARN_FROM_CHOICE: Final = "learn_from_choice"
LEARN_FROM_ENTRY: Final = "learn_from_entry"
SHOW_PROPOSAL: Final = "show_proposal"
APPLY: Final = "apply"
INDEX: Final = "index"
SHOW_STOP: Final = "show_stop"
SHOW_CHOICE: Final = "show_choice"
SHOW_DRAFT: Final = "show_draft"
SHOW_SPOT_CHECK: Final = "show_spot_check"
SEND_CORRECTION: Final = "send_correction"
POST: Final = "post"
CALIBRATE: Final = "calibrate"
DAILY: Final = "daily"

#: Lanes that are no conversation: proposals are compared with those that wait, so they are made one by one.
LEARNING: Final = "learning"
