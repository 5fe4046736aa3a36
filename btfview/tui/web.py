"""The screen in a browser, by textual-serve: a page, and for each that has it open a screen of its own.

Whoever has the page does what the user may: reads files, writes them, loads programs as root. So it is given
to those alone who have the token, once in the address, from then on in a cookie: other users of the machine
do not have it, nor do pages of other places in the same browser. Nothing is loaded from anywhere else.
"""

from __future__ import annotations

import hmac
import secrets
import socket
from typing import TYPE_CHECKING, Any

from aiohttp import web
from textual_serve.server import Server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_COOKIE = "btfview-token"
_PATIENCE = 1.0
"""Seconds that a screen has to end when the server is interrupted."""
_POLICY = "default-src 'self' 'unsafe-inline' data:; connect-src 'self' ws://{host}; frame-ancestors 'none'"
_REFUSED = "Open the address that btfview serve has printed, with its token.\n"


class ScreenServer(Server):
    """Serves the screen that *command* opens on a socket that listens already."""

    def __init__(self, command: str, listening: socket.socket, title: str) -> None:
        self._listening = listening
        self._token = secrets.token_urlsafe(24)
        host, port = listening.getsockname()[:2]
        super().__init__(command, host=f"[{host}]" if ":" in host else host, port=port, title=title)

    @property
    def address(self) -> str:
        """What a browser opens."""
        return f"http://{self.host}:{self.port}/?token={self._token}"

    def run(self) -> None:
        """Serve until the process is interrupted."""
        web.run_app(self._make_app(), sock=self._listening, print=None, shutdown_timeout=_PATIENCE)

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._only_with_token)
        return app

    async def on_startup(self, app: web.Application) -> None:
        """Print nothing: the command has told the address."""

    @property
    def _only_with_token(self) -> Any:
        @web.middleware
        async def middleware(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            if self._is_token(request.query.get("token", "")):
                found = web.HTTPFound("/")
                found.set_cookie(self._cookie, self._token, httponly=True, samesite="Strict")
                return found
            if not self._is_token(request.cookies.get(self._cookie, "")):
                return web.Response(status=403, text=_REFUSED)
            # As the browser calls this place, through a tunnel too; the page leads back to it.
            self.public_url = f"http://{request.host}"
            response = await handler(request)
            if not response.prepared:
                response.headers["Content-Security-Policy"] = _POLICY.format(host=request.host)
                response.headers["Referrer-Policy"] = "no-referrer"
            return response

        return middleware

    @property
    def _cookie(self) -> str:
        """The name of the cookie: cookies know no ports, and there may be several servers."""
        return f"{_COOKIE}-{self.port}"

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self._token.encode())
