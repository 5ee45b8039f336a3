"""The model played by a script speaks the protocol that a real one speaks."""

import json
import subprocess
import sys

import httpx
import pytest

from bot.scripted_model import Line, ScriptedModel

ASK = {"model": "m", "messages": [{"role": "user", "content": "say hello"}]}


@pytest.fixture
def client() -> httpx.Client:
    return httpx.Client(trust_env=False, timeout=5)


def test_it_lists_itself(client: httpx.Client) -> None:
    with ScriptedModel() as url:
        assert [model["id"] for model in client.get(f"{url}/models").json()["data"]] == ["scripted-model"]


def test_a_whole_completion_and_a_streamed_one_say_the_same(client: httpx.Client) -> None:
    script = ScriptedModel([Line(match="hello", reply="Hello  there,\nyou.")])
    with script as url:
        whole = client.post(f"{url}/chat/completions", json=ASK).json()
        streamed = client.post(
            f"{url}/chat/completions", json={**ASK, "stream": True, "stream_options": {"include_usage": True}}
        ).text
    events = [line.removeprefix("data: ") for line in streamed.splitlines() if line]
    assert events[-1] == "[DONE]"
    chunks = [json.loads(event) for event in events[:-1]]
    text = "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"])
    assert text == whole["choices"][0]["message"]["content"] == "Hello  there,\nyou."
    assert chunks[-1]["usage"] == whole["usage"]
    assert len(script.requests) == 2


def test_a_refusal_and_an_error_look_as_the_protocol_has_them(client: httpx.Client) -> None:
    with ScriptedModel([Line(match="hello", refuses=True)]) as url:
        message = client.post(f"{url}/chat/completions", json=ASK).json()["choices"][0]["message"]
    assert message["content"] is None
    assert message["refusal"]
    with ScriptedModel([Line(status=429)]) as url:
        answer = client.post(f"{url}/chat/completions", json=ASK)
    assert answer.status_code == 429
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"messages": []}', b'{"messages": [{"role": "system"}]}'])
def test_what_is_no_completion_request_is_refused(body: bytes, client: httpx.Client) -> None:
    with ScriptedModel() as url:
        assert client.post(f"{url}/chat/completions", content=body).status_code == 400
        assert client.post(f"{url}/elsewhere", content=body).status_code == 404
        assert client.get(f"{url}/elsewhere").status_code == 404


def test_it_runs_as_a_program_and_prints_where(client: httpx.Client) -> None:
    process = subprocess.Popen([sys.executable, "-m", "bot.scripted_model"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        assert client.get(f"{url}/models").status_code == 200
    finally:
        process.terminate()
        process.wait(5)
        if process.stdout is not None:
            process.stdout.close()
