"""assistant.threads.*: what an agent shows besides messages. https://docs.slack.dev/reference/methods?filter=assistant"""

from bot.sandbox.rules import Rule, refuse
from bot.sandbox.state import Channel
from bot.sandbox.web_api.call import Call, Method
from bot.sandbox.wire import Json

MOST_PROMPTS = 4


def set_status(call: Call) -> Json:
    """assistant.threads.setStatus"""
    channel, thread_ts = _thread(call)
    if "status" not in call.args:
        raise refuse(Rule.INVALID_ARGUMENTS, "/status")
    call.acts.set_status(channel, thread_ts, call.text("status"))
    return {}


def set_suggested_prompts(call: Call) -> Json:
    """assistant.threads.setSuggestedPrompts"""
    channel, thread_ts = _channel(call), call.text("thread_ts")
    prompts = call.value("prompts")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= MOST_PROMPTS:
        raise refuse(Rule.SUGGESTED_PROMPTS, "/prompts")
    for place, prompt in enumerate(prompts):
        if not isinstance(prompt, dict) or not prompt.get("title") or not prompt.get("message"):
            raise refuse(Rule.SUGGESTED_PROMPTS, f"/prompts/{place}")
    shown: Json = {"title": call.text("title"), "prompts": prompts}
    call.state.prompts[(channel.id, thread_ts)] = shown
    data = {"channel": channel.id, "thread_ts": thread_ts} | shown
    call.acts.stream.tell(channel.members, "prompts", data)
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
    "assistant.threads.setStatus": Method(set_status, ("assistant:write",)),
    "assistant.threads.setSuggestedPrompts": Method(set_suggested_prompts, ("assistant:write",)),
    "assistant.threads.setTitle": Method(set_title, ("assistant:write",)),
}
