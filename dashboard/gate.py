"""What a guest may ask the server for: pages and their files. Nothing that he sends is kept."""

from __future__ import annotations

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

READING = ("GET", "HEAD")
NEEDED = ("/_stcore/health", "/_stcore/host-config")  # of Streamlit's own addresses, what its page asks for over HTTP


class Gate:
    """
    Stands before Streamlit and answers what no page needs; what comes with it is dropped piece by piece.

    Streamlit keeps what is sent to `/_stcore/upload_file` in memory for as long as the sender's page is open, tells
    everybody the state of the server at `/_stcore/metrics`, and has a switch for neither. No page here takes files, so
    the gate goes by the method and not by the address: there is no other spelling of a method. The pages' own
    connection, `/_stcore/stream`, is a WebSocket and passes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: 405 for all that does not only read, 404 for Streamlit's own addresses but the needed."""
        answer = _refusal(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if answer is None:
            await self.app(scope, receive, send)
            return
        while (await receive()).get("more_body"):  # else the sender, still sending, meets a closed line and no answer
            pass
        await answer(scope, receive, send)


def _refusal(method: str, path: str) -> PlainTextResponse | None:
    if method not in READING:
        return PlainTextResponse("Only reading is possible here.", 405, {"Allow": ", ".join(READING)})
    if "/_stcore" in path.casefold() and not path.endswith(NEEDED):
        return PlainTextResponse("There is nothing here.", 404)
    return None
