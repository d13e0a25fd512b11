"""Learning curves: would more of the same data help?"""

import streamlit as st

from core.data_folder import data_dir
from core.reporting import sentences
from core.reporting.figures.run import curves
from core.reporting.figures.studies import law
from core.studies import learning_curves
from dashboard import jobs, loaders, tables, widgets

widgets.page_head(
    "Learning curves",
    "Would more of the same data help? The network is trained on growing parts of its training windows.",
)
seen = learning_curves.on_shelf(data_dir())
stored = {curve.curve_id: curve for curve in seen.there}
widgets.refused(seen.refused.values())
if stored:
    chosen = st.selectbox("Learning curve", list(stored), key="curve", bind="query-params")
    curve = stored[chosen]
    synthetic = curve.status.synthetic
    widgets.synthetic_badge(synthetic)
    for caveat in curve.caveats:
        st.warning(caveat.sentence, icon=":material/warning:")
    widgets.plot(
        curves.learning_curve(curve.points, synthetic=synthetic, mode=widgets.mode()),
        key="points",
        alt="Accuracy and loss against the number of training windows",
    )
    st.caption(
        f"Learning curve **{curve.curve_id}**, made {curve.status.created[:16].replace('T', ' ')} UTC. "
        "Lines: median; bands: lowest to highest repeat."
    )
    st.markdown(
        "Where the validation line has gone flat, more of the same data is not expected to help. Where it lies on the "
        "grey line of the majority share, nothing has been learned that carries over."
    )
    st.header("Would more data help?", anchor=False)
    st.markdown(f"**{sentences.plain(curve.power_law.sentence)}**")
    widgets.plot(
        law.law(curve.points, curve.power_law, synthetic=synthetic, mode=widgets.mode()),
        key="law",
        alt="Validation AUC against the number of training windows, with the fitted law where there is one",
    )
    st.caption(
        f"Learning curve **{curve.curve_id}**; law of Figueroa et al. (2012), drawn only where the data support it."
    )
    tables.show(curve.points, alt="Every training of this learning curve")
    tables.download(curve.points, curve.curve_id)
elif not seen.refused:
    command = "precursor learning-curve demo-honest"
    widgets.empty("No learning curve has been made yet.", command, filled_by=("learning-curve", "demo"))

if not jobs.read_only():
    st.header("Make one", anchor=False)
    presets = loaders.presets()
    with st.form("make", border=True):
        names = list(presets)
        name = st.selectbox(
            "Configuration",
            names,
            index=names.index(widgets.first_preset(names)),
            format_func=widgets.preset_words,
        )
        repeats = st.number_input("Repeats per size", 1, 20, 10, help="A law is fitted from 10 repeats on.")
        epochs = st.number_input("Epochs", 1, 200, None, placeholder="those of the configuration")
        if st.form_submit_button("Start", icon=":material/play_arrow:", disabled=jobs.running() is not None):
            arguments = ["learning-curve", str(presets[name]), "--repeats", str(repeats)]
            arguments += ["--epochs", str(epochs)] if epochs else []
            if jobs.start(arguments, f"Learning curve of {name}"):
                st.rerun()
