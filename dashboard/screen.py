"""
What the reader's screen is like, and what follows from it: narrow or wide, a finger or a mouse, light or dark.

The browser's name says the width only sometimes (a tablet may call itself a
desktop), so a small component asks the page itself. It costs one more run of the
script, and that only where the name was misleading.

When the reader changes between light and dark, Streamlit repaints what is its
own and does not run the script: charts would keep the colours of the other mode.
The component hears of it and asks for a run.

On paper a page has no sidebar and no buttons, and its charts shrink to the width of the sheet with everything on them,
the mark of synthetic data and the line of what was seen too.
"""

from __future__ import annotations

import json

import streamlit as st

from core.reporting.introduction import ADVICE, STANDING_LINE

NARROW_PIXELS = 640

_JS = """
export default function({ data, setStateValue }) {
  const query = window.matchMedia("screen and (max-width: " + data.pixels + "px)");
  const tell = () => { if (query.matches !== data.narrow) setStateValue("narrow", query.matches); };
  tell();
  // Streamlit calls this again after a change between light and dark
  const mode = getComputedStyle(document.querySelector("[data-testid=stApp]")).colorScheme;
  if (["light", "dark"].includes(mode) && mode !== data.mode) setStateValue("mode", mode);
  query.addEventListener("change", tell);
  // A finger that moves over a chart scrolls the page: charts hear of the touch only as the click that a tap becomes.
  if (!window.precursorTouch) {
    window.precursorTouch = true;
    document.addEventListener("touchstart", (event) => {
      if (event.target.closest && event.target.closest(".js-plotly-plot")) event.stopImmediatePropagation();
    }, { capture: true, passive: true });
  }
  // On paper a chart is no wider than the sheet. Plotly does not draw it anew for that; with a viewBox it shrinks.
  if (!window.precursorPaper) {
    window.precursorPaper = true;
    const layers = () => document.querySelectorAll(".js-plotly-plot .main-svg");
    window.addEventListener("beforeprint", () => layers().forEach((layer) => {
      const [width, height] = [layer.getAttribute("width"), layer.getAttribute("height")];
      layer.setAttribute("viewBox", "0 0 " + width + " " + height);
      layer.style.setProperty("--drawn", width + "px");
    }));
    window.addEventListener("afterprint", () => layers().forEach((layer) => layer.removeAttribute("viewBox")));
  }
  return () => query.removeEventListener("change", tell);
}
"""

# On a touch screen: up and down scrolls the page also over the map (two fingers and sideways still move it), and no
# toolbar lies on the heading above its table or on the lines of its chart.
_STYLE = """<style>
[data-testid=stMainBlockContainer] { padding-top: 3.5rem; padding-bottom: 4rem; }
.st-key-screen, [class*="st-key-address_"] { position: absolute; width: 0; height: 0; overflow: hidden; }
@media (hover: none), (max-width: 640px) {
  [data-testid=stElementToolbar], .js-plotly-plot .modebar-container { display: none !important; }
  [data-testid=stDeckGlJsonChart] * { touch-action: pan-y pinch-zoom !important; }
  .js-plotly-plot .drag { touch-action: pan-y !important; }
}
</style>"""

# A page is drawn smaller on paper, so that less of it is torn apart. The sidebar is not printed; what it says on every
# page, that nothing here predicts an earthquake, is.
_PAPER = """<style>
@media print {
  [data-testid=stSidebar], [data-testid=stHeader], [data-testid=stToolbar], [data-testid=stElementToolbar],
  [data-testid=stExpandSidebarButton], [data-testid=stStatusWidget], .modebar-container,
  .stButton, .stDownloadButton { display: none !important; }
  [data-testid=stApp], [data-testid=stAppViewContainer], [data-testid=stMain] {
    position: static !important; overflow: visible !important; width: 100% !important; height: auto !important;
    print-color-adjust: exact; -webkit-print-color-adjust: exact;
  }
  [data-testid=stMainBlockContainer] { zoom: 0.7; padding: 0 !important; max-width: 100% !important; }
  [data-testid=stMainBlockContainer]::before { content: STANDING; display: block; opacity: 0.7; font-size: 0.8rem; }
  h1, h2, h3, h4 { break-after: avoid; }
  [data-testid=stPlotlyChart], [data-testid=stMetric], [data-testid=stDataFrame], [data-testid=stDeckGlJsonChart] {
    break-inside: avoid;
  }
  [data-testid=stElementContainer]:has(.main-svg), [data-testid=stElementContainer] div:has(.main-svg) {
    width: 100% !important; height: auto !important; overflow: visible !important;
  }
  .js-plotly-plot .main-svg { width: 100% !important; height: auto !important; max-width: var(--drawn); }
  .js-plotly-plot .main-svg:first-of-type { position: static !important; }
  .js-plotly-plot .gl-container, .js-plotly-plot .gl-container canvas {
    width: 100% !important; height: 100% !important; max-width: var(--drawn);
  }
  [data-testid=stDataFrame]::after { content: "What is wider or longer is in the CSV file."; font-size: 0.8rem; }
  [data-testid=stExpander] details::details-content { content-visibility: visible; height: auto; }
}
</style>""".replace("STANDING", json.dumps(f"{STANDING_LINE} {ADVICE}"))

_component = st.components.v2.component("screen", js=_JS)


def watch(mode: str) -> None:
    """Style the page for fingers and paper; listen how wide it is and if `mode` still holds; once per run of a page."""
    st.html(_STYLE + _PAPER)
    data = {"pixels": NARROW_PIXELS, "narrow": narrow(), "mode": mode}
    _component(key="screen", data=data, on_narrow_change=lambda: None, on_mode_change=lambda: None)


def narrow() -> bool:
    """True on a phone: as the page has said, or before that, as the browser's name says."""
    told = (st.session_state.get("screen") or {}).get("narrow")
    return "Mobi" in (st.context.headers.get("User-Agent") or "") if told is None else bool(told)
