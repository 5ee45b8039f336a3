"""The names that views and listeners share: action ids, callback ids, form fields, and what a button carries.

A button carries ids and the hash of what was shown, never text and never authority: the server reloads what the id
names and checks the actor again.
"""

import json
from dataclasses import dataclass
from typing import Final

# --- elements of an answer ---
ANSWER_FEEDBACK: Final = "answer_feedback"
ANSWER_MENU: Final = "answer_menu"
#: 'Tell me why' in the hint after a thumbs-down by reaction.
TELL_WHY: Final = "tell_why"
GET_PERSON: Final = "get_person"
TRY_AGAIN: Final = "try_again"
NEAREST_QUESTION: Final = "nearest_question"
NONE_OF_THESE: Final = "none_of_these"
DRAFT_SEND: Final = "draft_send"
DRAFT_DISCARD: Final = "draft_discard"

# --- choices of the answer's menu, in the chosen option's value ---
MENU_STOP: Final = "stop"
MENU_CORRECT: Final = "correct"

# --- handoff cards ---
HANDOFF_CLAIM: Final = "handoff_claim"
HANDOFF_RELEASE: Final = "handoff_release"
HANDOFF_REASSIGN: Final = "handoff_reassign"
HANDOFF_RESOLVE: Final = "handoff_resolve"
HANDOFF_CANCEL: Final = "handoff_cancel"
HANDOFF_REOPEN: Final = "handoff_reopen"
HANDOFF_SOLVED_YES: Final = "handoff_solved_yes"
HANDOFF_SOLVED_NO: Final = "handoff_solved_no"
RELAY_CONSENT_YES: Final = "relay_consent_yes"
RELAY_CONSENT_NO: Final = "relay_consent_no"

# --- spot checks ---
SPOT_CHECK_RIGHT: Final = "spot_check_right"
SPOT_CHECK_WRONG: Final = "spot_check_wrong"
SPOT_CHECK_CANNOT_TELL: Final = "spot_check_cannot_tell"
#: 'Correct this' on a check that was judged wrong.
SPOT_CHECK_CORRECT: Final = "spot_check_correct"

# --- proposal cards ---
PROPOSAL_APPROVE: Final = "proposal_approve"
PROPOSAL_EDIT: Final = "proposal_edit"
PROPOSAL_REJECT: Final = "proposal_reject"
PROPOSAL_UNDO: Final = "proposal_undo"
#: The reviewer's choice on a conflict: the new answer takes the old one's place, or both stay.
PROPOSAL_REPLACE: Final = "proposal_replace"
PROPOSAL_KEEP_BOTH: Final = "proposal_keep_both"
#: 'Undo' on the notice that an entry was stopped.
ENTRY_RESUME: Final = "entry_resume"
#: 'Who got this answer?' after a correction, a stop or an undo.
ENTRY_AFFECTED: Final = "entry_affected"

# --- App Home ---
HOME_BULK_APPROVE: Final = "home_bulk_approve"
HOME_BULK_REJECT: Final = "home_bulk_reject"
HOME_PHRASING_TOGGLE: Final = "home_phrasing_toggle"
HOME_SETTINGS: Final = "home_settings"
HOME_PREFERENCES: Final = "home_preferences"
HOME_NEEDS_ANSWER: Final = "home_needs_answer"
HOME_ADD_ENTRY: Final = "home_add_entry"
#: Link buttons send a click too; it is acknowledged and nothing else happens.
OPEN_LINK: Final = "open_link"

# --- callback ids of modals ---
FEEDBACK_FORM: Final = "feedback_form"
PROPOSAL_EDIT_FORM: Final = "proposal_edit_form"
PROPOSAL_REJECT_FORM: Final = "proposal_reject_form"
RESOLVE_FORM: Final = "resolve_form"
REASSIGN_FORM: Final = "reassign_form"
CORRECT_FORM: Final = "correct_form"
WHY_FORM: Final = "why_form"
AFFECTED_THREADS_FORM: Final = "affected_threads_form"
CHANNEL_SETTINGS_FORM: Final = "channel_settings_form"
WORKSPACE_SETTINGS_FORM: Final = "workspace_settings_form"
ADD_ENTRY_FORM: Final = "add_entry_form"

# --- message shortcuts and the command ---
STOP_USING_THIS: Final = "stop_using_this"
CORRECT_THIS: Final = "correct_this"
WHY_THIS: Final = "why_this_answer"
COMMAND: Final = "/kb"

# --- fields of forms: each is the block id and the action id of its element ---
FIELD_QUESTION: Final = "question"
FIELD_ANSWER: Final = "answer"
FIELD_PHRASINGS: Final = "phrasings"
FIELD_AUDIENCE: Final = "audience"
FIELD_CONTACTS_CONFIRMED: Final = "contacts_confirmed"
#: What becomes of the known answer that a proposal conflicts with.
FIELD_CHOICE: Final = "choice"
FIELD_REASON: Final = "reason"
FIELD_UNNEEDED: Final = "unneeded"
FIELD_COMMENT: Final = "comment"
FIELD_CORRECTION: Final = "correction"
FIELD_WANTS_PERSON: Final = "wants_person"
FIELD_PROPOSE: Final = "propose"
#: Other waiting questions that the same answer settles.
FIELD_ALIKE: Final = "alike"
FIELD_ASSIGNEE: Final = "assignee"
FIELD_REPLY: Final = "reply"
FIELD_CHANNEL: Final = "channel"
FIELD_MODE: Final = "mode"
FIELD_FOUR_EYES: Final = "four_eyes"
FIELD_HOURS: Final = "support_hours"
FIELD_ZONE: Final = "support_time_zone"
FIELD_ALLOW_SHARED: Final = "allow_shared"
#: Slack's fields hold ten boxes or 3,000 characters each, so that these come in groups: `threads_1`, `threads_2`, …;
#: the answer does too, where it is long.
FIELD_THREADS: Final = "threads"
FIELD_HOME_PHRASINGS: Final = "home_phrasings"

#: How much one text field holds; a longer text is spread over a group of fields.
FIELD_CHARACTERS: Final = 3000

#: The value of a checkbox that is simply on.
ON: Final = "on"
#: What the audience field says for 'everyone in the workspace'.
AUDIENCE_EVERYONE: Final = "everyone"
AUDIENCE_CHANNEL: Final = "channel"
#: What the choice field says.
CHOICE_REPLACE: Final = "replace"
CHOICE_KEEP_BOTH: Final = "keep_both"


@dataclass(frozen=True)
class ButtonValue:
    """What a button, an option or a modal's private metadata carries."""

    #: The id of the one thing it acts on.
    id: str
    #: Prefix of the hash of what was shown with it; empty where nothing was shown that could change.
    shown: str = ""
    #: A fixed word (`up`, `down`) or a second id (the entry behind a nearest question); empty for most.
    choice: str = ""

    def encode(self) -> str:
        """The JSON that Slack keeps for us; empty parts are left out."""
        parts = {"id": self.id, "h": self.shown, "v": self.choice}
        return json.dumps({key: part for key, part in parts.items() if part}, separators=(",", ":"))


def decode(value: object) -> ButtonValue | None:
    """What a button carried, or None where it is not ours: stale, foreign or tampered with."""
    if not isinstance(value, str) or len(value) > 2000:
        return None
    try:
        parts = json.loads(value)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parts, dict):
        return None
    found = (parts.get("id"), parts.get("h", ""), parts.get("v", ""))
    if not all(isinstance(part, str) for part in found) or not found[0]:
        return None
    return ButtonValue(str(found[0]), str(found[1]), str(found[2]))
