"""What a guest may ask the server for: pages and their files. Nothing that he sends is kept."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

READING = ("GET", "HEAD")
NEEDED = ("/_stcore/health", "/_stcore/host-config")  # of Streamlit's own addresses, what its page asks for over HTTP
LARGEST_MESSAGE_BYTES = 64 * 1024  # a page sends its controls and its address: 300 bytes, a few thousand at most
MOST_PAGES_OPEN = 200  # each holds a session of Streamlit's in memory, and one process draws no more with any comfort
MOST_OF_ONE_LINE = 40  # a class behind one router, so that one guest alone cannot take all the places
TOO_BIG = 1009  # RFC 6455


class Gate:
    """
    Stands before Streamlit and answers what no page needs; what comes with it is dropped piece by piece.

    Streamlit keeps what is sent to `/_stcore/upload_file` in memory for as long as the sender's page is open, tells
    everybody the state of the server at `/_stcore/metrics`, and has a switch for neither. No page here takes files, so
    the gate goes by the method and not by the address: there is no other spelling of a method.

    The pages' own connection, `/_stcore/stream`, is a WebSocket. Streamlit keeps what came last on each that is open,
    so both the size of a message and the number of connections have a bound, and with them the memory.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.open_pages: Counter[str] = Counter()  # by line

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Answer one request, or let a connection in.

        405 for all that does not only read, 404 for Streamlit's own addresses but the needed, 503 for a connection
        when too many are open; one that sends more than a page does is closed with 1009.
        """
        if scope["type"] == "websocket":
            await self._let_in(scope, receive, send)
            return
        answer = _refusal(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if answer is None:
            await self.app(scope, receive, send)
            return
        while (await receive()).get("more_body"):  # else the sender, still sending, meets a closed line and no answer
            pass
        await answer(scope, receive, send)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        line = _line(scope)
        if self.open_pages.total() >= MOST_PAGES_OPEN or self.open_pages[line] >= MOST_OF_ONE_LINE:
            await PlainTextResponse("Too many pages are open; try again later.", 503)(scope, receive, send)
            return
        self.open_pages[line] += 1
        try:
            connection = _Connection(receive, send)
            await self.app(scope, connection.receive, connection.send)
        finally:
            self.open_pages[line] -= 1
            self.open_pages += Counter()  # forgets lines without a page


class _Connection:
    """One WebSocket, which ends with the first message that is too large; that message goes no further."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send, self._ended = receive, send, False

    async def receive(self) -> Message:
        message = await self._receive()
        if len(message.get("bytes") or message.get("text") or b"") <= LARGEST_MESSAGE_BYTES:
            return message
        self._ended = True
        await self._send({"type": "websocket.close", "code": TOO_BIG})
        return {"type": "websocket.disconnect", "code": TOO_BIG}

    async def send(self, message: Message) -> None:
        if self._ended:  # Streamlit may be in the middle of a page; this is how ASGI says that nobody is there
            raise OSError("the connection was closed: what came was too large")
        await self._send(message)


def _line(scope: Scope) -> str:
    """Whose connection it is: an IPv4 address, or the 64 bits of an IPv6 address that a provider gives to one line."""
    host = (scope.get("client") or ("",))[0]
    try:
        address: IPv4Address | IPv6Address = ip_address(host.partition("%")[0])
    except ValueError:  # a Unix socket, or a proxy that gives names
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Network((address, 64), strict=False))
    return str(address)


def _refusal(method: str, path: str) -> PlainTextResponse | None:
    if method not in READING:
        return PlainTextResponse("Only reading is possible here.", 405, {"Allow": ", ".join(READING)})
    if "/_stcore" in path.casefold() and not path.endswith(NEEDED):
        return PlainTextResponse("There is nothing here.", 404)
    return None
