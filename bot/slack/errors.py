"""Slack's errors: which ones pass by themselves, which ones never will, and which mean that a form came too late."""

from typing import Final

from slack_sdk.errors import SlackApiError

#: What the Web API client raises, as the rest of the bot knows it.
SlackError = SlackApiError

#: Slack's own words for 'try again later'.
PASSING: Final = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})
#: Slack's own words for 'something broke here', after which a call may have got through all the same.
BROKEN: Final = PASSING - {"ratelimited"}
#: The place is gone or closed to the bot, or the bot itself is: retrying would only be noise.
FINAL: Final = frozenset(
    {
        "channel_not_found",
        "is_archived",
        "not_in_channel",
        "message_not_found",
        "cant_update_message",
        "thread_not_found",
        "user_not_found",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_non_threadable_channel",
        "restricted_action_thread_only_channel",
        "account_inactive",
        "token_revoked",
        "invalid_auth",
    }
)
#: The three seconds in which a form can be opened are over.
EXPIRED: Final = frozenset({"expired_trigger_id", "trigger_expired", "exchanged_trigger_id", "invalid_trigger_id"})


def code(error: SlackApiError) -> str:
    """Slack's word for what went wrong."""
    return str(error.response.get("error") or "unknown_error")


def may_pass(error: BaseException) -> bool:
    """Whether the same call may work a little later."""
    if not isinstance(error, SlackApiError):
        return False
    status = getattr(error.response, "status_code", 200)
    return code(error) in PASSING or status == 429 or status >= 500


def refused(error: SlackApiError) -> bool:
    """Whether Slack certainly did nothing: it said no, rather than break half-way."""
    status = getattr(error.response, "status_code", 200)
    return status < 500 and code(error) not in BROKEN
