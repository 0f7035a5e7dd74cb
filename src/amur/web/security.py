"""Who may ask: Host check, other sites, access token, CSRF token, size limit; and the headers of every answer."""

import re
import secrets
import socket
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import HTTPException, Request
from fastapi.responses import RedirectResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from amur.web.headers import HEADERS
from amur.web.problems import problem

MAX_BODY = 20_000_000
"""Bytes of a request's body, all files of an upload together."""

COOKIE = "amur_token"
OPEN_TO_ALL = frozenset({"/static/amur.css", "/static/icon.svg", "/assets/palette.css"})
"""What makes the page that asks for a token readable; it is the same everywhere and tells nothing of the corpus."""

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_NO_NAME = frozenset("/?#@\\")
_LENGTH = re.compile(r"[0-9]{1,18}")
_ELSEWHERE = "this request comes from another site; open the page itself"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use the page.

    Attributes:
        host: the address it is bound to.
        token: what every request must carry; None where everyone on this machine may ask.
        csrf: what every request that changes something must carry, which only our own pages know.
    """

    host: str = "127.0.0.1"
    token: str | None = None
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32))


def make_access(host: str, token: str | None = None) -> Access:
    """Access to a page bound to ``host``: beyond the loopback always with a token, the one given or a new one."""
    return Access(host, token or (None if is_loopback(host) else secrets.token_urlsafe(24)))


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's loopback.

    >>> [is_loopback(host) for host in ("localhost", "127.0.0.1", "::1", "0.0.0.0", "example.org")]
    [True, True, True, False, False]
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def knows_host(access: Access, header: str) -> bool:
    """Whether the page is to be had under this ``Host``: against DNS rebinding, which needs a name of its own.

    Nor may it hold more than a name and a port, for the address of a request is put together with it.

    >>> [knows_host(Access(), name) for name in ("localhost:8000", "[::1]:8000", "127.0.0.1", "evil.example", "", "[")]
    [True, True, True, False, False, False]
    >>> [knows_host(Access("0.0.0.0"), name) for name in ("192.168.1.7:8000", "evil.example")]
    [True, False]
    """
    if not _NO_NAME.isdisjoint(header):
        return False
    try:
        name = urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return False
    if is_loopback(name):
        return True
    if is_loopback(access.host):
        return False
    try:
        ip_address(name)
    except ValueError:
        return name in {access.host.lower(), socket.gethostname().lower(), socket.getfqdn().lower()}
    return True


async def check_csrf(request: Request) -> None:
    """Refuse a request that changes something unless it comes from a page of ours, or bears the access token itself.

    The token is in the field ``csrf`` of a form, or in the header ``X-CSRF-Token``.
    """
    access: Access = request.app.state.access
    if request.method in _SAFE_METHODS or _same(_bearer(request), access.token):
        return
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        raise HTTPException(403, _ELSEWHERE)
    given = request.headers.get("x-csrf-token") or (await request.form()).get("csrf")
    if not _same(given if isinstance(given, str) else None, access.csrf):
        raise HTTPException(403, "this form is of another run of the server; load the page again")


def _same(given: str | None, wanted: str | None) -> bool:
    return given is not None and wanted is not None and secrets.compare_digest(given.encode(), wanted.encode())


def _follows_link(request: Request) -> bool:
    """Whether a browser asks for what it shows as a page, as it does for a link, and not for a part of another page.

    A frame is such a part, though ``Sec-Fetch-Mode`` calls it a navigation too.
    """
    return request.headers.get("sec-fetch-dest") == "document"


def _bearer(request: Request) -> str | None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token if kind.lower() == "bearer" else None


class Guard:
    """ASGI middleware before everything else: host, site, token, size of the body; and the headers of every answer."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        answer = self._refusal(request) or self._welcome(request)
        await (answer or self.app)(scope, _limited(request, receive), _with_headers(send))

    def _refusal(self, request: Request) -> ASGIApp | None:
        """Why a request is not let in, as an answer."""
        if not knows_host(self.access, request.headers.get("host", "")):
            return problem(request, 400, "the page is not served under this name; use the address `amur serve` printed")
        if request.headers.get("sec-fetch-site") == "cross-site" and not _follows_link(request):
            return problem(request, 403, _ELSEWHERE)
        given = (request.query_params.get("token"), request.cookies.get(COOKIE), _bearer(request))
        if not any(_same(token, self.access.token) for token in given) and self._guards(request):
            return problem(request, 401, "this page needs its token; open the address that `amur serve` printed")
        declared = request.headers.get("content-length", "0")
        if not _LENGTH.fullmatch(declared) or int(declared) > MAX_BODY:
            return problem(request, 413, _TOO_LARGE)
        return None

    def _guards(self, request: Request) -> bool:
        """Whether a request must carry the token."""
        return self.access.token is not None and request.scope["path"] not in OPEN_TO_ALL

    def _welcome(self, request: Request) -> ASGIApp | None:
        """Take the token out of the address and keep it in a cookie."""
        if not self._guards(request) or "token" not in request.query_params:
            return None
        rest = [(key, value) for key, value in parse_qsl(request.url.query) if key != "token"]
        answer = RedirectResponse(f"{request.url.path}?{urlencode(rest)}".rstrip("?"), 303)
        answer.set_cookie(COOKIE, self.access.token or "", httponly=True, samesite="strict")
        return answer


_TOO_LARGE = f"more than {MAX_BODY // 1_000_000} MB at once; send fewer or smaller files"


def _limited(request: Request, receive: Receive) -> Receive:
    """What is received, as long as it is not more than ``MAX_BODY``, whatever its header declared."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            raise HTTPException(413, _TOO_LARGE)
        return message

    return limited if request.method not in _SAFE_METHODS else receive


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sending
