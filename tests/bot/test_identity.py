"""Who somebody is and who reads a place, asked of Slack; where Slack does not say, the careful answer."""

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.errors import Misconfigured, NotReachable
from bot.sandbox import world
from bot.settings import Settings
from bot.slack.identity import CHANNEL_SECONDS, READERS_SECONDS, Identity, check
from learning.people import Role
from tests.bot.conftest import Local

USER, STAFF, ADMIN = Role.USER, Role.STAFF, Role.ADMIN
TEAM = ["U0UMA", "U0SAM", "U0ADA", world.BOT_USER]


def made(local: Local, *, staff: str = "", admins: str = "") -> Identity:
    return Identity(local.client(), Settings(_env_file=None, staff=staff, admins=admins))


# --- roles ---


@pytest.mark.parametrize(
    ("staff", "admins"),
    [("U0SAM", "U0ADA,U0ANN"), ("S0SUPPORT", "S0ADMINS"), ("C0SUPPORT", "C0REVIEW"), ("C0SUPPORT, U0SAM", "S0ADMINS")],
    ids=["user ids", "user groups", "channels' members", "mixed"],
)
def test_staff_and_admins_are_named_by_users_groups_or_channels(local: Local, staff: str, admins: str) -> None:
    identity = made(local, staff=staff, admins=admins)
    assert identity.roles("U0SAM") == {USER, STAFF}
    assert identity.roles("U0ADA") == identity.roles("U0ANN") == {USER, STAFF, ADMIN}
    assert identity.roles("U0UMA") == {USER}
    assert identity.admins() == {"U0ADA", "U0ANN"}
    assert identity.staff() == {"U0SAM", "U0ADA", "U0ANN"}


def test_roles_are_asked_at_every_click(local: Local) -> None:
    room = local.workspace.add_channel("staff-room", TEAM, is_private=True)
    identity = made(local, staff=room)
    assert STAFF in identity.roles("U0UMA")
    local.workspace.members(room, remove=["U0UMA"])
    assert identity.roles("U0UMA") == {USER}
    local.workspace.members(room, add=["U0ANN"])
    assert STAFF in identity.roles("U0ANN")


def test_the_bot_is_never_staff(local: Local) -> None:
    identity = made(local, staff="C0SUPPORT", admins="C0REVIEW")
    assert world.BOT_USER not in identity.staff()


@pytest.mark.parametrize("ref", ["S0NOBODY", "C0NOWHERE"])
def test_a_group_that_slack_does_not_know_makes_nobody_staff(local: Local, ref: str) -> None:
    identity = made(local, staff=ref, admins=ref)
    assert identity.roles("U0ADA") == {USER}
    assert identity.admins() == frozenset()


def test_all_members_count_however_many_pages_they_are_on(local: Local) -> None:
    room = local.workspace.add_channel("crowd", TEAM)
    for number in range(230):
        local.workspace.add_person(f"p{number}", channels=[room])
    identity = made(local, staff=room)
    assert len(identity.staff()) == 233
    assert STAFF in identity.roles("U0P229")


def test_a_passing_failure_is_no_reason_to_take_a_colleague_for_a_stranger(local: Local) -> None:
    identity = made(local, staff="C0SUPPORT")
    identity.bot_user()
    local.workspace.faults("rate_limit", method="conversations.members")
    with pytest.raises(SlackApiError):
        identity.roles("U0SAM")
    assert STAFF in identity.roles("U0SAM")


# --- people and places ---


def test_who_is_a_guest_or_of_another_organisation(local: Local) -> None:
    identity = made(local)
    uma, gus, eve = (identity.profile(user) for user in ("U0UMA", "U0GUS", "U0EVE"))
    assert (uma.guest, uma.foreign, uma.time_zone) == (False, False, "Europe/Berlin")
    assert (gus.guest, gus.foreign) == (True, False)
    assert (eve.guest, eve.foreign) == (False, True)


def test_an_unknown_person_counts_as_foreign(local: Local) -> None:
    assert made(local).profile("U0NOBODY").foreign


def test_what_a_channel_is(local: Local) -> None:
    identity = made(local)
    everyone, room, shared = (identity.channel(one) for one in ("C0HELP", "C0SUPPORT", "C0SHARED"))
    assert (everyone.private, everyone.shared, everyone.direct) == (False, False, False)
    assert (room.private, room.shared) == (True, False)
    assert shared.shared
    direct = identity.channel(local.workspace.person("uma").direct)
    assert (direct.direct, direct.private, direct.shared) == (True, True, False)


def test_an_unknown_channel_counts_as_private_and_shared(local: Local) -> None:
    unknown = made(local).channel("C0NOWHERE")
    assert unknown.private and unknown.shared


def test_a_channel_is_remembered_for_a_while_only(local: Local) -> None:
    now = [0.0]
    identity = Identity(local.client(), Settings(_env_file=None), monotonic=lambda: now[0])
    channel = local.workspace.add_channel("turns-private", TEAM)
    assert not identity.remembered_channel(channel).private
    local.workspace.add_channel("turns-private", TEAM, is_private=True)
    assert not identity.remembered_channel(channel).private
    now[0] = CHANNEL_SECONDS
    assert identity.remembered_channel(channel).private


# --- who reads ---


def test_everybody_in_the_staff_room_must_see_the_thread(local: Local) -> None:
    identity = made(local)
    assert identity.all_can_read("C0SUPPORT", "C0HELP")
    assert not identity.all_can_read("C0SUPPORT", "C0FINANCE")
    assert not identity.all_can_read("C0SUPPORT", local.workspace.person("sam").direct)
    both = local.workspace.add_channel("both", ["U0SAM", "U0ADA", "U0UMA", world.BOT_USER], is_private=True)
    assert identity.all_can_read("C0SUPPORT", both)
    assert not identity.all_can_read("C0NOWHERE", both), "unknown people must not be taken for people who can read"


FINANCE, SUPPORT, ADMINS = "channel:C0FINANCE", "group:S0SUPPORT", "group:S0ADMINS"
AUDIENCES = frozenset({FINANCE, SUPPORT, ADMINS})


def test_an_audience_holds_where_everyone_who_can_read_belongs_to_it(local: Local) -> None:
    identity = made(local)
    assert identity.readers("C0FINANCE", "U0UMA", AUDIENCES) == {FINANCE}
    assert identity.readers("C0SUPPORT", "U0SAM", AUDIENCES) == {SUPPORT}
    assert identity.readers("C0REVIEW", "U0ADA", AUDIENCES) == {ADMINS}


def test_in_an_open_channel_no_group_holds_whoever_is_in_it_now(local: Local) -> None:
    only_staff = local.workspace.add_channel("open-staff", ["U0SAM", "U0ADA", world.BOT_USER])
    assert made(local).readers(only_staff, "U0SAM", AUDIENCES) == frozenset()


def test_one_reader_more_and_the_audience_no_longer_holds(local: Local) -> None:
    room = local.workspace.add_channel("room", ["U0SAM", "U0ADA", world.BOT_USER], is_private=True)
    now = [0.0]
    identity = Identity(local.client(), Settings(_env_file=None), monotonic=lambda: now[0])
    assert identity.readers(room, "U0SAM", AUDIENCES) == {SUPPORT}
    local.workspace.members(room, add=["U0UMA"])
    now[0] = READERS_SECONDS
    assert identity.readers(room, "U0SAM", AUDIENCES) == frozenset()


def test_a_direct_message_is_read_by_the_asker_alone(local: Local) -> None:
    identity = made(local)
    ada = local.workspace.person("ada")
    assert identity.readers(ada.direct, ada.id, AUDIENCES) == {SUPPORT, ADMINS}
    assert identity.held_by("U0UMA", AUDIENCES) == {FINANCE}


def test_in_an_unknown_channel_nothing_holds(local: Local) -> None:
    assert made(local).readers("C0NOWHERE", "U0ADA", AUDIENCES) == frozenset()


# --- at the start ---


def test_a_token_that_slack_refuses_is_one_clear_line(local: Local) -> None:
    with pytest.raises(Misconfigured, match=r"ANSWERLOOP_SLACK_BOT_TOKEN.*invalid_auth"):
        check(WebClient("xoxb-wrong", base_url=f"{local.url}/api/"))


def test_slack_that_cannot_be_reached_is_one_clear_line() -> None:
    with pytest.raises(NotReachable, match=r"http://127\.0\.0\.1:1/"):
        check(WebClient("xoxb-any", base_url="http://127.0.0.1:1/"))


def test_the_workspace_is_the_one_of_the_token(local: Local) -> None:
    assert made(local).workspace() == world.TEAM.id
