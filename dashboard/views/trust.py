"""Can it be fooled? How often each trick of the battery works, row by row."""

import streamlit as st

from core import commands
from core.data_folder import data_dir
from core.errors import InputError
from core.judgement.battery import results
from core.reporting import blind_spots, trust_words
from core.reporting.figures.judgement import battery as figures
from dashboard import jobs, tables, widgets

widgets.page_head(trust_words.TITLE, trust_words.QUESTION)
try:
    battery, own = results.to_show(data_dir())
except InputError as error:
    widgets.problem(error)
    battery, own = results.with_the_program(), False
widgets.synthetic_badge(True)
if trust_words.missed(battery):
    st.error(trust_words.missed(battery))
st.markdown(f"**{trust_words.summary(battery)}**")
st.markdown(trust_words.HOW)
for note in trust_words.NOTES:
    st.markdown(note)
for heading, rows in trust_words.GROUPS:
    st.header(heading, anchor=False)
    widgets.plot(
        figures.rates(trust_words.numbers(battery, rows), mode=widgets.mode()),
        key=f"battery-{rows[0].name}",
        alt=f"{heading} A dot a trick with its interval; a tick is the bar, a cross misses it",
    )
    shown = trust_words.table(battery, rows).drop(columns=["row", "counted"])
    tables.show(shown, alt=f"{heading} One row a trick, with how often it works, the exact interval and the bar")
widgets.bullets(blind_spots.TITLE, blind_spots.everywhere())
st.caption(f"{trust_words.made(battery)} {trust_words.whose(own)}")
if not jobs.read_only():
    command = commands.typed("precursor calibrate")
    st.caption(f"`{command}` runs it here, on your machine: hours, on two processors.")
tables.download(lambda: trust_words.numbers(battery), "synthetic-battery")
