"""views.*: modals and the home tab. https://docs.slack.dev/reference/methods?filter=views"""

from bot.sandbox import objects, world
from bot.sandbox.rules import Rule, refuse
from bot.sandbox.state import View
from bot.sandbox.web_api.call import Call, Method
from bot.sandbox.wire import Json


def open_(call: Call) -> Json:
    """views.open"""
    trigger = call.desk.views.exchange(call.required("trigger_id", "interactivity_pointer"))
    return _shown(call.desk.views.open(trigger.user, call.value("view")))


def push(call: Call) -> Json:
    """views.push"""
    trigger = call.desk.views.exchange(call.required("trigger_id", "interactivity_pointer"))
    return _shown(call.desk.views.push(trigger.user, call.value("view")))


def update(call: Call) -> Json:
    """views.update"""
    found = call.desk.views.find(call.text("view_id"), call.text("external_id"))
    if (expected := call.text("hash")) and expected != found.hash:
        raise refuse(Rule.HASH_CONFLICT, "/hash")
    return _shown(call.desk.views.update(found, call.value("view")))


def publish(call: Call) -> Json:
    """views.publish"""
    user = call.person("user_id")
    if user.id == world.BOT_USER:
        raise refuse(Rule.USER_NOT_FOUND, "/user_id")
    home = call.state.homes.get(user.id)
    if (expected := call.text("hash")) and home is not None and expected != home.hash:
        raise refuse(Rule.HASH_CONFLICT, "/hash")
    return _shown(call.desk.views.publish(user.id, call.value("view")))


def _shown(view: View) -> Json:
    return {"view": objects.view(view)}


METHODS = {
    "views.open": Method(open_),
    "views.push": Method(push),
    "views.update": Method(update),
    "views.publish": Method(publish),
}
