"""Longer words of a verdict: its rivals, and the paragraph to quote."""
