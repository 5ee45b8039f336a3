"""users.*, usergroups.*, team.*, bots.*: who is there. https://docs.slack.dev/reference/methods?filter=users"""

from bot.sandbox import objects, world
from bot.sandbox.rules import Rule, refuse
from bot.sandbox.web_api.call import Call, Method
from bot.sandbox.wire import Json


def users_info(call: Call) -> Json:
    """users.info"""
    return {"user": _shown(call, call.person())}


def users_list(call: Call) -> Json:
    """users.list"""
    page, cursor = call.page(list(call.state.people.values()))
    return {"members": [_shown(call, one) for one in page], "response_metadata": {"next_cursor": cursor}}


def lookup_by_email(call: Call) -> Json:
    """users.lookupByEmail"""
    email = call.required("email").lower()
    for person in call.state.people.values():
        if person.email == email and not person.is_bot:
            return {"user": objects.person(person)}
    raise refuse(Rule.USERS_NOT_FOUND, "/email")


def groups_list(call: Call) -> Json:
    """usergroups.list"""
    shown = [objects.group(group) for group in call.state.groups.values()]
    if not call.yes("include_users"):
        for group in shown:
            del group["users"]
    return {"usergroups": shown}


def group_users(call: Call) -> Json:
    """usergroups.users.list"""
    group = call.state.groups.get(call.required("usergroup"))
    if group is None:
        raise refuse(Rule.GROUP_NOT_FOUND, "/usergroup")
    return {"users": list(group.members)}


def team_info(call: Call) -> Json:
    """team.info"""
    return {"team": objects.team(world.TEAM)}


def bots_info(call: Call) -> Json:
    """bots.info"""
    if call.text("bot", world.BOT_ID) != world.BOT_ID:
        raise refuse(Rule.BOT_NOT_FOUND, "/bot")
    return {"bot": objects.bot_profile()}


def _shown(call: Call, person: world.Person) -> Json:
    """A person; with the e-mail address only where the token may read it."""
    shown = objects.person(person)
    if "users:read.email" not in call.state.installation.scopes:
        del shown["profile"]["email"]
    return shown


METHODS = {
    "users.info": Method(users_info, ("users:read",)),
    "users.list": Method(users_list, ("users:read",)),
    "users.lookupByEmail": Method(lookup_by_email, ("users:read.email",)),
    "usergroups.list": Method(groups_list, ("usergroups:read",)),
    "usergroups.users.list": Method(group_users, ("usergroups:read",)),
    "team.info": Method(team_info, ("team:read",)),
    "bots.info": Method(bots_info, ("users:read",)),
}
