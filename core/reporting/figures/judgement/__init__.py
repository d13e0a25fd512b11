"""Figures of a judgement: the result beside chance."""
