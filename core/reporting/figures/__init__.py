"""
Tables in, figures out: pure functions that import nothing of core.

Colours and the rules of the one visual language are in `theme.py`. No figure
sets a background or a title: the page around it does.
"""
