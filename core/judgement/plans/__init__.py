"""Plans as they are kept: the stretch and windows that they bind, who had looked at it before, who answered them."""
