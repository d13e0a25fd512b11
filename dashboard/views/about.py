"""About: the method in words, the paper and what is unclear in it, the limits, credits and licences."""

import pandas as pd
import streamlit as st

from core import stations
from core.reporting import glossary, introduction
from dashboard import tables, widgets


def station_rows() -> pd.DataFrame:
    """The table of stations with what must be shown beside their data."""
    rows = []
    for station in stations.table().values():
        printed = ", ".join(f"{key} {value}" for key, value in station.paper)
        rows.append(
            {
                "code": station.code,
                "name": station.name,
                "latitude_deg": station.latitude_deg,
                "longitude_deg": station.longitude_deg,
                "institute": station.institute,
                "licence": station.licence,
                "credit": station.credit,
                "note": f"{station.note} {f'The paper prints: {printed}.' if printed else ''}".strip(),
            }
        )
    return pd.DataFrame(rows)


widgets.page_head("About", "What is done here, whose idea it is, what it cannot tell you, and whose data it stands on.")
st.header("The question", anchor=False)
st.markdown(introduction.QUESTION)
st.header("The method in words", anchor=False)
st.markdown("\n".join(f"1. **{name}.** {text}" for name, text in introduction.METHOD))
st.header("Words", anchor=False)
st.markdown("\n".join(f"- **{term}** · {meaning}" for term, meaning in glossary.TERMS.items()))
st.header("Limits", anchor=False)
st.markdown("\n".join(f"- **{name}** {text}" for name, text in introduction.LIMITS))
st.header("The paper", anchor=False)
st.markdown(
    f"{introduction.PAPER_AUTHORS}, *{introduction.PAPER_TITLE}*, {introduction.PAPER_PLACE}, "
    f"[doi:{introduction.PAPER_DOI}](https://doi.org/{introduction.PAPER_DOI}). {introduction.PAPER_HERE}"
)
st.table(
    pd.DataFrame(introduction.PAPER_POINTS, columns=list(introduction.PAPER_HEAD)),
    hide_index=True,
    alt="Unclear points of the paper, and what is done",
)
st.header("Stations, credits and licences", anchor=False)
tables.show(station_rows(), alt="Stations with institute, licence, credit and notes")
tables.download(station_rows, "stations", "Download the stations")
st.markdown(introduction.THANKS)
st.subheader("Sources", anchor=False)
sources = pd.DataFrame(introduction.SOURCES, columns=list(introduction.SOURCES_HEAD))
sources["Where"] = [f"[{url.partition('://')[2]}]({url})" for url in sources["Where"]]
st.table(sources, hide_index=True, alt="Sources of data with their terms")
source = widgets.source()
if source is not None and len(source.catalogues()):
    st.markdown(f"**Catalogues of: {widgets.source_words()}**")
    tables.show(source.catalogues(), alt="Stored catalogues, where they came from and when")
st.caption("The code is under the MIT licence.")
