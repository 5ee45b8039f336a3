"""auth.test, api.test, apps.connections.open, blocks.validate: what an app calls before it has anything to say."""

from bot.sandbox import world
from bot.sandbox.block_kit import HOME, MESSAGE, MODAL, checked_blocks, checked_view
from bot.sandbox.rules import Refused, Rule, refuse
from bot.sandbox.web_api.call import Call, Method, TokenKind
from bot.sandbox.wire import Json

_ANY = frozenset(TokenKind)


def auth_test(call: Call) -> Json:
    """auth.test"""
    if call.token is TokenKind.APP:
        return {"app_name": world.BOT.real_name, "app_id": world.APP_ID}
    return {
        "url": f"https://{world.TEAM.domain}.slack.com/",
        "team": world.TEAM.name,
        "team_id": world.TEAM.id,
        "user": world.BOT.name,
        "user_id": world.BOT_USER,
        "bot_id": world.BOT_ID,
        "is_enterprise_install": False,
    }


def api_test(call: Call) -> Json:
    """api.test"""
    error = call.text("error")
    return {"ok": not error, "args": call.args} | ({"error": error} if error else {})


def connections_open(call: Call) -> Json:
    """apps.connections.open"""
    ticket = call.desk.socket_mode.ticket()
    address = call.desk.base_url().replace("http://", "ws://", 1)
    return {"url": f"{address}/link?ticket={ticket}&app_id={world.APP_ID}"}


def blocks_validate(call: Call) -> Json:
    """blocks.validate"""
    given = [name for name in ("blocks", "message", "view") if call.value(name) is not None]
    if len(given) != 1:
        raise refuse(Rule.VALIDATE_ONE, "/blocks")
    value = call.value(given[0])
    try:
        if given[0] == "view":
            surface = value.get("type") if isinstance(value, dict) else ""
            checked_view(value, HOME if surface == HOME else MODAL)
        elif given[0] == "message":
            checked_blocks(value.get("blocks") if isinstance(value, dict) else None, MESSAGE, "/message/blocks")
        else:
            checked_blocks(value, MESSAGE, "/blocks")
    except Refused as refused:
        raise Refused(*refused.problems, error=f"invalid_{given[0]}") from refused
    return {}


METHODS = {
    "auth.test": Method(auth_test, tokens=_ANY),
    "api.test": Method(api_test, tokens=_ANY),
    "apps.connections.open": Method(connections_open, ("connections:write",), frozenset({TokenKind.APP})),
    "blocks.validate": Method(blocks_validate, tokens=_ANY),
}
#: Methods that need no token at all.
OPEN_METHODS = frozenset({"api.test", "blocks.validate"})
