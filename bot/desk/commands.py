"""The slash command's question: asked in the direct message, so that only the asker sees it and all else works.

The question is put aside and a workflow asks it: were it posted here, a process that dies behind the post would leave
it there without an answer.
"""

from bot.desk import names
from bot.services import Services
from bot.slack import errors
from bot.slack.payloads import Command
from bot.slack.views import notices
from bot.slack.views.kit import Message
from learning import asides, people


def ask(services: Services, typed: Command) -> Message:
    """Have the question put into the asker's direct message, where the answer follows; what to say at once."""
    if not typed.rest:
        return notices.line("Write your question behind it: `/kb ask How do I reset my password?`")
    workspace = typed.asker.origin.workspace
    try:
        channel = services.delivery.direct_channel(typed.asker.user)
    except errors.SlackError as error:
        if errors.may_pass(error):
            raise
        return notices.line("I cannot write to you directly. Please open a direct message with me and ask there.")
    name = f"asked:{typed.asker.trigger_id or services.ids()}"
    with services.sessions.begin() as session:
        now = services.clock()
        person = people.person_for(session, workspace, typed.asker.user, now=now, ids=services.ids)
        asides.put(session, workspace, name, person, typed.rest, vault=services.vault, now=now, ids=services.ids)
        services.work.enqueue(session, names.ASK, f"{workspace}:{name}", workspace, channel, person, name, lane=channel)
    return notices.line("I'm answering you in a direct message, where only you see it.")
