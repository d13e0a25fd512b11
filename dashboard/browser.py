"""The browser of whoever starts the dashboard on a desktop opens by itself."""

from __future__ import annotations

import asyncio
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

ANY_ADDRESS = ("0.0.0.0", "::")  # a server listens there; a browser cannot go there


def address() -> str:
    """Where a browser on this machine finds the server that is being started."""
    host = st.get_option("browser.serverAddress")
    listening = st.get_option("server.address")
    if host == "localhost" and listening and listening not in ANY_ADDRESS:
        host = listening
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    path = st.get_option("server.baseUrlPath").strip("/")
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}:{st.get_option('browser.serverPort')}/{path}".rstrip("/")


@asynccontextmanager
async def opened(_: st.App) -> AsyncIterator[None]:
    """Open it while the server starts; Streamlit does so only where a file holds no application of its own."""
    if not st.get_option("server.headless"):
        asyncio.get_running_loop().run_in_executor(None, webbrowser.open, address())
    yield
