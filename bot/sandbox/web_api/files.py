"""files.*: uploads in two steps. https://docs.slack.dev/reference/methods/files.getUploadURLExternal"""

from typing import Any

from bot.sandbox import objects, world
from bot.sandbox.rules import Rule, refuse
from bot.sandbox.state import File
from bot.sandbox.web_api import chat
from bot.sandbox.web_api.call import Call, Method
from bot.sandbox.wire import Json, whole


def get_upload_url(call: Call) -> Json:
    """files.getUploadURLExternal"""
    size = whole(call.args.get("length"), 0)
    name = call.text("filename")
    if size <= 0 or not name:
        raise refuse(Rule.FILE_LENGTH, "/length")
    file = File(call.state.new_id("F"), name, name, size)
    call.state.files[file.id] = file
    return {"upload_url": f"{call.desk.base_url()}/upload/{file.id}", "file_id": file.id}


def complete_upload(call: Call) -> Json:
    """files.completeUploadExternal"""
    wanted: Any = call.value("files")
    if not isinstance(wanted, list) or not wanted:
        raise refuse(Rule.INVALID_ARGUMENTS, "/files")
    files = [_uploaded(call, one, place) for place, one in enumerate(wanted)]
    for channel_id in _channels(call):
        channel = Call(call.method, {**call.args, "channel": channel_id}, call.token, call.desk).channel(member=True)
        call.acts.share(
            channel, files, call.text("initial_comment"), chat.thread(call, channel.messages), world.BOT_USER
        )
    return {"files": [objects.file(file) for file in files]}


def info(call: Call) -> Json:
    """files.info"""
    file = call.state.files.get(call.required("file"))
    if file is None or file.content is None:
        raise refuse(Rule.FILE_NOT_FOUND, "/file")
    return {"file": objects.file(file), "comments": []}


def _uploaded(call: Call, wanted: Any, place: int) -> File:
    file = call.state.files.get(str(wanted.get("id"))) if isinstance(wanted, dict) else None
    if file is None or file.content is None:
        raise refuse(Rule.FILE_NOT_UPLOADED, f"/files/{place}")
    file.title = str(wanted.get("title") or file.name)
    return file


def _channels(call: Call) -> list[str]:
    given = call.text("channel_id") or call.text("channels")
    return [one for one in given.split(",") if one]


METHODS = {
    "files.getUploadURLExternal": Method(get_upload_url, ("files:write",)),
    "files.completeUploadExternal": Method(complete_upload, ("files:write",)),
    "files.info": Method(info, ("files:read",)),
}
