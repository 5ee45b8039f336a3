"""assistant.threads.*: what an agent shows besides messages. https://docs.slack.dev/reference/methods?filter=assistant"""

from bot.sandbox.rules import Rule, refuse
from bot.sandbox.state import Channel
from bot.sandbox.web_api.call import Call, Method
from bot.sandbox.wire import Json

MOST_PROMPTS = 4
MOST_LOADING_MESSAGES = 10


def set_status(call: Call) -> Json:
    """assistant.threads.setStatus"""
    if "assistant:write" not in call.state.installation.scopes:
        # One of the two is enough (docs: assistant.threads.setStatus, 'Scope update').
        call.need("chat:write")
    channel, thread_ts = _thread(call)
    if "status" not in call.args:
        raise refuse(Rule.INVALID_ARGUMENTS, "/status")
    if thread_ts not in channel.messages:
        raise refuse(Rule.STATUS_THREAD, "/thread_ts")
    loading = call.value("loading_messages") or []
    if not isinstance(loading, list) or len(loading) > MOST_LOADING_MESSAGES:
        raise refuse(Rule.LOADING_MESSAGES, "/loading_messages")
    call.acts.set_status(channel, thread_ts, call.text("status"))
    return {}


def set_suggested_prompts(call: Call) -> Json:
    """assistant.threads.setSuggestedPrompts"""
    channel = _channel(call)
    prompts = call.value("prompts")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= MOST_PROMPTS:
        raise refuse(Rule.SUGGESTED_PROMPTS, "/prompts")
    for place, prompt in enumerate(prompts):
        if not isinstance(prompt, dict) or not prompt.get("title") or not prompt.get("message"):
            raise refuse(Rule.SUGGESTED_PROMPTS, f"/prompts/{place}")
    if call.text("thread_ts"):
        # For an app with `agent_view`, a call that names a thread does nothing, and says so to nobody (docs).
        return {}
    shown: Json = {"title": call.text("title"), "prompts": prompts}
    call.state.prompts[channel.id] = shown
    call.acts.stream.tell(channel.members, "prompts", {"channel": channel.id} | shown)
    return {}


def set_title(call: Call) -> Json:
    """assistant.threads.setTitle"""
    channel, thread_ts = _thread(call)
    data: Json = {"channel": channel.id, "thread_ts": thread_ts, "title": call.required("title")}
    call.acts.stream.tell(channel.members, "title", data)
    return {}


def _thread(call: Call) -> tuple[Channel, str]:
    return _channel(call), call.required("thread_ts")


def _channel(call: Call) -> Channel:
    return call.channel("channel_id", member=True)


METHODS = {
    "assistant.threads.setStatus": Method(set_status),
    "assistant.threads.setSuggestedPrompts": Method(set_suggested_prompts, ("assistant:write",)),
    "assistant.threads.setTitle": Method(set_title, ("assistant:write",)),
}
