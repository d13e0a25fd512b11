"""The layers of a built network as a table, to be held against Table 2 of the paper."""

from __future__ import annotations

from typing import Any

import pandas as pd


def of(model: Any) -> pd.DataFrame:
    """One row per layer: layer, kind, activation, output_shape (without the batch axis), n_parameters."""
    rows = []
    for layer in model.layers:
        activation = getattr(layer, "activation", None)
        rows.append(
            {
                "layer": layer.name,
                "kind": type(layer).__name__,
                "activation": activation.__name__ if activation else "",
                "output_shape": tuple(layer.output.shape[1:]),
                "n_parameters": int(layer.count_params()),
            }
        )
    return pd.DataFrame(rows)
