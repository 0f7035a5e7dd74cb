"""Fetch a public page, and nothing that only this machine can reach.

A name is resolved once; every address it has must be public, and the connection goes to the one that was checked, so
that a second answer of the name server (DNS rebinding) changes nothing. Redirects are followed by the same rules.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from amur import __version__
from amur.errors import AmurError

MAX_BYTES = 10_000_000
MAX_SECONDS = 30.0
_TIMEOUT = 10.0
_MAX_REDIRECTS = 5
_CHUNK = 65_536
_PORTS = {"http": 80, "https": 443}
_ENDINGS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}
_NAT64 = IPv6Network("64:ff9b::/96")
_WAYS = "paste its text"
_AS_IT_STANDS = "%/:?=&~+!$,;'()*@[]"

Resolve = Callable[[str, int], list[str]]
Connect = Callable[[str, int, float], socket.socket]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address holds; ``name`` has the ending of its kind, ``url`` is where the redirects led."""

    data: bytes
    name: str
    url: str


class _Target(NamedTuple):
    """Where a request goes: the parts of its address, and the one network address to connect to."""

    parts: SplitResult
    host: str
    port: int
    address: str


def resolve(host: str, port: int) -> list[str]:
    """The network addresses of a host."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def connect(address: str, port: int, timeout: float) -> socket.socket:
    """A connection to a network address."""
    return socket.create_connection((address, port), timeout)


def fetch(url: str, *, resolve: Resolve = resolve, connect: Connect = connect) -> Fetched:
    """Fetch a page, a text, a PDF or a Word file.

    Args:
        url: its http or https address.
        resolve: the addresses of a host and port; called once for each host on the way.
        connect: a connection to an address, a port, within so many seconds.

    Raises:
        AmurError: the address is not public, cannot be had, is too large, or of another kind.
    """
    deadline = time.monotonic() + MAX_SECONDS
    for _ in range(_MAX_REDIRECTS + 1):
        target = _check(url, resolve)
        try:
            with closing(_request(target, connect)) as connection, _in_time(connection.sock, url, deadline):
                answer = connection.getresponse()
                if answer.status in {301, 302, 303, 307, 308} and answer.headers["Location"]:
                    url = urljoin(url, _as_sent(answer.headers["Location"]))
                    continue
                return _read(answer, url)
        except (OSError, http.client.HTTPException, ValueError) as error:
            msg = f"cannot fetch {url}: {error or type(error).__name__}; {_WAYS}"
            raise AmurError(msg) from error
    msg = f"{url} redirects again and again; {_WAYS}"
    raise AmurError(msg)


def is_public(address: str) -> bool:
    """Whether a network address is one that the whole internet shares, also where IPv6 wraps IPv4.

    >>> [is_public(address) for address in ("93.184.215.14", "2606:2800:21f::1", "10.0.0.1", "169.254.169.254")]
    [True, True, False, False]
    >>> [is_public(address) for address in ("::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1", "fe80::1%1", ".")]
    [False, False, False, False, False]
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return all(one.is_global and not one.is_multicast for one in (found, *_wrapped(found)))


def _wrapped(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, IPv6Address):
        teredo = address.teredo or ()
        yield from (one for one in (address.ipv4_mapped, address.sixtofour, *teredo) if one)
        if address in _NAT64:
            yield IPv4Address(int(address) & 0xFFFFFFFF)


def _check(url: str, resolve: Resolve) -> _Target:
    """Where an address leads, if it may be fetched."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        msg = f"{url} is no address of a page; give one that begins with https://"
        raise AmurError(msg) from error
    if parts.scheme not in _PORTS or not host or parts.username is not None or port not in _PORTS.values():
        msg = f"{url} is no public http or https address; {_WAYS}"
        raise AmurError(msg)
    try:
        addresses = resolve(host, port)
    except OSError as error:
        msg = f"cannot find {host}: {error.strerror or error}; check the address"
        raise AmurError(msg) from error
    if not addresses or not all(map(is_public, addresses)):
        msg = f"{host} is not on the public internet, so it is not fetched; {_WAYS}"
        raise AmurError(msg)
    return _Target(parts, host, port, addresses[0])


def _request(target: _Target, connect: Connect) -> http.client.HTTPConnection:
    """Ask for a page over a connection to the address that was checked."""
    made = connect(target.address, target.port, _TIMEOUT)
    if target.parts.scheme == "https":
        made = ssl.create_default_context().wrap_socket(made, server_hostname=target.host)
    connection = http.client.HTTPConnection(target.host, target.port, timeout=_TIMEOUT)
    connection.sock = made
    headers = {
        "Host": _host(target),
        "User-Agent": f"amur/{__version__}",
        "Accept": ", ".join(_ENDINGS),
        "Connection": "close",
    }
    connection.request("GET", _path(target.parts), headers=headers)
    return connection


@contextmanager
def _in_time(made: socket.socket, url: str, deadline: float) -> Iterator[None]:
    """Shut a connection down at the deadline, since a server may spin out even its headers for ever.

    Raises:
        AmurError: the deadline came first, whatever was made of what had been read by then.
    """
    late = threading.Event()

    def shut() -> None:
        late.set()
        with suppress(OSError):  # it is closed already
            socket.socket.shutdown(made, socket.SHUT_RDWR)  # a TLS socket's own would let what follows through as it is

    timer = threading.Timer(max(0.0, deadline - time.monotonic()), shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if late.is_set():
            raise _too_much(url)


def _too_much(url: str) -> AmurError:
    return AmurError(f"{url} is larger than {MAX_BYTES // 1_000_000} MB or too slow; {_WAYS}")


def _host(target: _Target) -> str:
    """The host as a request names it, with its port where the address has one."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    return f"{host}:{target.parts.port}" if target.parts.port else host


def _path(parts: SplitResult) -> str:
    """The path and query as a request names them: in ASCII, what is percent-quoted already as it stands.

    >>> _path(urlsplit("https://news.example/газ%20.html?q=a b#top"))
    '/%D0%B3%D0%B0%D0%B7%20.html?q=a%20b'
    >>> _path(urlsplit("https://news.example"))
    '/'
    """
    path = parts._replace(scheme="", netloc="", fragment="", path=parts.path or "/").geturl()
    return quote(path, safe=_AS_IT_STANDS)


def _as_sent(header: str) -> str:
    """A header's value in UTF-8 where it is that; ``http.client`` takes all for Latin-1."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def _read(answer: http.client.HTTPResponse, url: str) -> Fetched:
    """The body of an answer, as long as it is of a known kind and not too large."""
    if answer.status != 200:  # noqa: PLR2004 (OK)
        msg = f"{url} answers {answer.status} {answer.reason}; {_WAYS}"
        raise AmurError(msg)
    kind = answer.headers.get_content_type()
    if kind not in _ENDINGS:
        msg = f"{url} is of the kind {kind}, not a page, text, PDF or Word file; {_WAYS}"
        raise AmurError(msg)
    data = b""
    while chunk := answer.read1(_CHUNK):
        data += chunk
        if len(data) > MAX_BYTES:
            raise _too_much(url)
    parts = urlsplit(url)
    stem = parts.path.rstrip("/").rpartition("/")[2].rpartition(".")[0] or parts.path.strip("/").rpartition("/")[2]
    return Fetched(data, f"{stem or parts.hostname}{_ENDINGS[kind]}", url)
