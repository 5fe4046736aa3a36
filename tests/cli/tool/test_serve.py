"""btfview serve: the screen in a browser, for who has the token."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from btfview.cli.main import main
from tests.paths import DEMO, ROOT
from tests.tui.screen import running

KERNEL = "6.1.0-56-amd64"
SECONDS = 60.0
"""After which a browser or server that says nothing has failed."""


@contextlib.contextmanager
def served(folder: Path, *options: str) -> Iterator[str]:
    """The address of a server on a demo program."""
    command = [sys.executable, "-m", "btfview", "serve", str(DEMO / "sched.rs"), "-t", KERNEL, "--port", "0"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder), "XDG_STATE_HOME": str(folder)}
    with subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ
    ) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()
            server.communicate(timeout=SECONDS)


def get(address: str, **headers: str) -> int:
    """Return the status of an answer; where it leads is not followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    opener = urllib.request.build_opener(Stay)
    try:
        with opener.open(urllib.request.Request(address, headers=headers), timeout=SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


class Browser:
    """A page of Chromium, by its DevTools protocol."""

    def __init__(self, line: aiohttp.ClientWebSocketResponse) -> None:
        self._line = line
        self._numbers = itertools.count(1)
        self.drawn = ""
        """What the screen has sent to the page."""
        self.size = (0, 0)
        """Columns and lines that the page has asked the screen for."""

    async def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        await self._line.send_json({"id": number, "method": method, "params": parameters})
        while (said := await self._next()).get("id") != number:
            pass
        assert "error" not in said, said
        result: dict[str, Any] = said["result"]
        return result

    async def until(self, condition: Callable[[str], object], *actions: dict[str, Any]) -> None:
        """Do *actions*, and wait until *condition* holds of what was drawn since the last call; what the page
        was not ready for is done again."""
        for seconds in (SECONDS / 6,) * 6 if actions else (SECONDS,):
            for action in actions:
                await self.ask(**action)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while not condition(self.drawn):
                        await self._next()
                self.drawn = ""
                return
        pytest.fail(f"the page got {self.drawn[-4000:]}")

    async def _next(self) -> dict[str, Any]:
        async with asyncio.timeout(SECONDS * 2):
            said: dict[str, Any] = await self._line.receive_json()
        if said.get("method") == "Network.webSocketCreated":
            found = re.search(r"width=(\d+)&height=(\d+)", said["params"]["url"])
            assert found is not None
            self.size = int(found[1]), int(found[2])
        elif said.get("method") == "Network.webSocketFrameReceived":
            frame = said["params"]["response"]
            data = frame["payloadData"]
            text = base64.b64decode(data).decode("utf-8", "replace") if frame["opcode"] == 2 else data
            self.drawn += re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", text)
        return said


@contextlib.asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Browser]:
    process = await asyncio.create_subprocess_exec(
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--remote-debugging-port=0", f"--user-data-dir={folder / 'chromium'}", "--window-size=1600,1000",
        "about:blank", stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        found = None
        while found is None:
            line = await asyncio.wait_for(process.stderr.readline(), SECONDS)
            assert line, "chromium ended"
            found = re.search(rb"DevTools listening on ws://([\d.:]+)/", line)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://{found[1].decode()}/json/list") as answer:
                (target,) = [one for one in await answer.json() if one["type"] == "page"]
            async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as line_:
                yield Browser(line_)
    finally:
        process.kill()
        await process.wait()


@pytest.mark.debian_tool("chromium")
async def test_in_a_browser_a_click_moves_the_selection_and_a_key_does(tmp_path: Path) -> None:
    with served(tmp_path) as address:
        async with browser(tmp_path) as page:
            await page.ask("Network.enable")
            await page.ask("Page.navigate", url=address)
            await page.until(lambda drawn: "#0 field_exists task_struct.se.vruntime on" in drawn)
            # Where the record's row is, on a screen of the same size.
            async with running(DEMO / "sched.rs", size=page.size, targets=[KERNEL]) as same:
                await same.until(lambda: "#3  field_byte_offset" in same.text)
                row = next(y for y, line in enumerate(same.lines) if "#3  field_byte_offset" in line)
                column = same.lines[row].index("#3  field_byte_offset")
            area = "document.querySelector('.xterm-screen').getBoundingClientRect()"
            found = await page.ask("Runtime.evaluate", expression=f"JSON.stringify({area})")
            box = json.loads(found["result"]["value"])
            place = {
                "x": box["left"] + (column + 0.5) * box["width"] / page.size[0],
                "y": box["top"] + (row + 0.5) * box["height"] / page.size[1],
                "button": "left",
                "clickCount": 1,
            }
            click = {"method": "Input.dispatchMouseEvent", **place}
            await page.until(
                lambda drawn: "#3 field_byte_offset task_struct.se.load.weight on" in drawn,
                {**click, "type": "mousePressed"},
                {**click, "type": "mouseReleased"},
            )
            key = {
                "method": "Input.dispatchKeyEvent",
                "key": "[",
                "code": "BracketLeft",
                "windowsVirtualKeyCode": 219,
            }
            await page.until(
                lambda drawn: "#2 field_exists task_struct.se.load.weight on" in drawn,
                {**key, "type": "keyDown", "text": "["},
                {**key, "type": "keyUp"},
            )


def test_without_the_token_there_is_nothing(tmp_path: Path) -> None:
    with served(tmp_path) as address:
        place, _, token = address.partition("?token=")
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", place)
        assert get(place) == 403
        assert get(f"{place}?token={token[:-1]}") == 403
        assert get(f"{place}ws") == 403
        assert get(f"{place}static/js/textual.js") == 403
        assert get(address) == 302
        port = place.rpartition(":")[2].strip("/")
        assert get(place, Cookie=f"btfview-token-{port}={token}") == 200


def test_it_warns_before_it_listens_beyond_this_machine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("btfview.tui.web.ScreenServer.run", lambda _server: None)
    assert main(["serve", str(DEMO / "sched.rs"), "--host", "0.0.0.0", "--port", "0"]) == 0
    assert "this listens beyond this machine, on 0.0.0.0" in capsys.readouterr().err
    assert main(["serve", str(DEMO / "sched.rs"), "--port", "0"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["none.rs"], "none.rs: no such file", id="file"),
        pytest.param(["--port", "70000"], "from 0 to 65535", id="port"),
        pytest.param(["--host", "203.0.113.1"], "cannot listen on 203.0.113.1", id="host"),
        pytest.param(["-t", "none"], "none", id="target"),
    ],
)
def test_what_cannot_be_served_is_told(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", *options]) in (2, 3)
    assert said in capsys.readouterr().err


def test_without_textual_serve_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    monkeypatch.delitem(sys.modules, "btfview.tui.web", raising=False)
    assert main(["serve", "--port", "0"]) == 2
    assert "pip install 'btfview[web]'" in capsys.readouterr().err
