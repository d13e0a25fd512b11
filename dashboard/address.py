"""
What stands in a page's address: which run, which station, which source.

The address decides. What it does not say is as it was chosen last in this
session, since a click on the menu leaves the address empty. A choice of the
reader is a step that the browser's Back undoes. What a page only adds, so that
its address can be copied, is none: Streamlit would make it a step, so a small
component writes it in the browser.
"""

from __future__ import annotations

import streamlit as st

CARRIED = ("source", "run", "station")  # what holds for more pages than one

# It adds and never replaces: while it loads, the reader may have gone on to another address. The links of the menu are
# Streamlit's and bare; a click keeps the session, but what is opened in a new tab knows only its address.
_JS = """
export default function({ data }) {
  const put = (address, says) => Object.entries(says).forEach(([name, value]) => address.searchParams.set(name, value));
  const here = new URL(window.location.href);
  const lacking = Object.entries(data.says).filter(([name]) => !here.searchParams.get(name));
  if (lacking.length) {
    put(here, Object.fromEntries(lacking));
    window.history.replaceState(window.history.state, "", here);
  }
  document.querySelectorAll("[data-testid=stSidebarNavLink]").forEach(link => {
    const there = new URL(link.href);
    put(there, data.carried);
    if (link.href !== there.href) link.href = there.href;
  });
}
"""

_component = st.components.v2.component("address", js=_JS)


def begin(page: str) -> None:
    """Note which page is shown (its path), and what its address carries; once per run of the script, at its start."""
    st.session_state["page shown"] = page
    for name in ("run", "station"):
        wanted(name)
    # not Home: its rows open another run, and with a run in its address that would be two steps
    if page and not asked(
        "configuration"
    ):  # which may name a run, in old addresses; Windows carries it once it has read that
        carry_run()


def carry_run() -> None:
    """Add the run chosen last to the address, also of a page that shows none: a reload would forget it."""
    add({"run": kept("run")} if kept("run") else {}, "carried")


def carried() -> dict[str, str]:
    """What a link to another page says, so that it leads to the same run, station and source in a new tab too."""
    return {name: kept(name) for name in CARRIED if kept(name)}


def asked(name: str) -> str:
    """What the address asks for, the first where it says more; "" if it does not say."""
    return next(filter(None, st.query_params.get_all(name)), "")


def kept(name: str) -> str:
    """What was chosen last in this session; "" if nothing was."""
    return st.session_state.get(f"kept {name}", "")


def keep(name: str, value: str) -> None:
    """Remember a choice for the pages that come."""
    st.session_state[f"kept {name}"] = value


def wanted(name: str) -> str:
    """What the address asks for, else what was chosen last; "" if neither says anything. It is kept."""
    if asked(name):
        keep(name, asked(name))
    return kept(name)


def pick(name: str, value: str, drop: tuple[str, ...] = ()) -> None:
    """The reader chose: keep it and write it into the address, without what no longer holds (`drop`): one step."""
    keep(name, value)
    if any(other in st.query_params for other in drop):
        stays = {other: st.query_params.get_all(other) for other in st.query_params if other not in (name, *drop)}
        st.query_params.from_dict({**stays, name: value})
    elif asked(name) != value:
        st.query_params[name] = value


def add(says: dict[str, str], key: str) -> None:
    """Add to the address what it does not say yet, in no step of its own; `key` names the place on the page."""
    # the page and what is known of the address are there so that a new address is looked at again
    here = {"page": st.session_state.get("page shown", ""), "address": st.query_params.to_dict()}
    _component(key=f"address_{key}", data={"says": says, "carried": carried(), **here})
