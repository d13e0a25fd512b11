"""
Tell Python which stretch of time a chart shows after the reader has zoomed.

Streamlit reports selections of a plotly chart, not zooms. This small component
listens to the chart's own zoom event in the browser. If it ever stops working
the chart still zooms, only without finer data.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

_JS = """
export default function({ data, setStateValue }) {
  let alive = true, plot = null, poll = null, wait = null;
  const changed = (event) => {
    const keys = Object.keys(event || {});
    if (!keys.some(k => /^xaxis\\d*\\.(range|autorange)/.test(k))) return;
    const reset = keys.some(k => /^xaxis\\d*\\.autorange$/.test(k) && event[k]);
    const range = plot.layout && plot.layout.xaxis && plot.layout.xaxis.range;   // the event may carry one end only
    if (!reset && !range) return;
    clearTimeout(wait);
    wait = setTimeout(() => alive && setStateValue("range", reset ? [] : range.map(String)), 150);
  };
  const attach = () => {
    if (!alive) return;
    const found = document.querySelector(".st-key-" + data.chart + " .js-plotly-plot");
    if (found && found.on && found !== plot) {
      if (plot && plot.removeListener) plot.removeListener("plotly_relayout", changed);
      plot = found;
      plot.on("plotly_relayout", changed);
    }
    poll = setTimeout(attach, 400);
  };
  attach();
  return () => {
    alive = false; clearTimeout(poll); clearTimeout(wait);
    if (plot && plot.removeListener) plot.removeListener("plotly_relayout", changed);
  };
}
"""

_bridge = st.components.v2.component("plotly_zoom", js=_JS)


def report(chart_key: str, key: str, on_change: Callable[[], None]) -> None:
    """
    Call `on_change` when the x range of the plotly chart `chart_key` changes.

    The range is then in `st.session_state[key]["range"]`: two texts such as
    "2016-01-01 00:00", or an empty list when the reader asked for everything.
    """
    _bridge(key=key, data={"chart": chart_key}, on_range_change=on_change)
