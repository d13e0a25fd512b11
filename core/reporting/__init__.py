"""
Figures of the pages and of the static site, and the site itself.

In: tables that other rooms made. Out: plotly figures, deck.gl specifications
and a folder of plain HTML. Start reading with `figures/theme.py`.
"""
