"""The network and how it learns: [network], [training]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from core import options
from core.options import option


@dataclass(frozen=True)
class NetworkConfig:
    """[network] The CNN of the paper's Table 2 with its ambiguous column as a switch, and variants of it."""

    TITLE: ClassVar[str] = "Network"
    ABOUT: ClassVar[str] = "The convolutional network of the paper's Table 2."

    name: Literal["table2", "one_dimensional", "dilated"] = option(
        "table2",
        "Architecture",
        "table2: three convolutions and two dense layers, as printed in the paper. one_dimensional: the three "
        "components enter as channels. dilated: each convolution looks twice as far as the one before, pooled once.",
        reason="The paper's; the others have fewer weights for the same window.",
    )
    activation_column: Literal["text", "table"] = option(
        "text",
        "Activations",
        "text: ReLU, then a softmax on the output, as the paper's text says. table: softmax on the dense layer of 64 "
        "and a linear output, as its Table 2 is printed.",
        reason="The paper contradicts itself here; the text's reading can learn.",
        notes={
            "table": "A softmax over 64 hidden units starves the gradients; it is here because Table 2 can be read "
            "that way."
        },
    )
    layers: int = option(
        3,
        "Convolutions",
        "Table 2 has 3, with a pooling between each two.",
        low=1,
        high=8,
        reason="The paper's.",
        later=True,
    )
    filters: int = option(
        32,
        "Filters",
        "Of the first convolution; the others have twice as many. Table 2: 32.",
        low=1,
        high=512,
        reason="The paper's. Fewer are faster, and enough for the demo.",
        later=True,
    )
    kernel: int = option(
        3,
        "Kernel",
        "Positions that a convolution looks at along time: minutes for the first one. Table 2: 3.",
        low=1,
        high=99,
        reason="The paper's.",
        later=True,
    )
    pool: int = option(
        2,
        "Pooling",
        "Positions that a pooling joins. Table 2: 2. 1: no pooling.",
        low=1,
        high=16,
        reason="The paper's.",
        later=True,
    )
    head: Literal["flatten", "average", "average_matched"] = option(
        "flatten",
        "Head",
        "flatten: every position has its own weights, as in Table 2. average: the mean over time, so a small network "
        "that does not know when. average_matched: the same, widened to as many parameters as flatten has.",
        reason="The paper's. It has thousands of weights for each training window.",
        later=True,
    )
    dense: int = option(64, "Hidden units", "Table 2: 64.", low=1, high=4096, reason="The paper's.", later=True)
    dropout: float = option(
        0.0,
        "Dropout",
        "Share of hidden units left out in each training step. 0: none, as in Table 2.",
        low=0,
        high=0.9,
        reason="The paper's. More keeps a large network from learning its windows by heart.",
        later=True,
    )

    def __post_init__(self) -> None:
        options.check("network", self)


@dataclass(frozen=True)
class TrainingConfig:
    """[training] The optimiser and the loop."""

    TITLE: ClassVar[str] = "Training"
    ABOUT: ClassVar[str] = "How the network's weights are found."

    optimizer: Literal["adam", "adamax", "adagrad", "sgd", "rmsprop"] = option(
        "adam", "Optimiser", "The five the paper compares.", reason="It needs the least choosing."
    )
    learning_rate: float = option(
        0.001, "Learning rate", "Size of a step.", low=1e-9, high=10, reason="Usual for Adam."
    )
    epochs: int = option(50, "Epochs", "Passes over the training windows.", low=1, high=100_000, reason="The paper's.")
    batch_size: int | Literal["auto"] = option(
        32,
        "Batch size",
        "Windows per step. auto: 32, or what fits into memory when the run is made.",
        low=1,
        high=65_536,
        reason="Usual. Windows of months need auto.",
    )
    class_weights: Literal["none", "balanced"] = option(
        "none",
        "Class weights",
        "balanced: the rarer class counts for more.",
        reason="Not needed where classes are balanced by drawing.",
    )
    early_stopping_patience: int = option(
        0,
        "Patience (epochs)",
        "Stop when the validation loss has not improved for so long. 0: never, as in the paper.",
        low=0,
        high=100_000,
        reason="The paper's. Patience chooses by the validation windows, which then cannot judge.",
        special={0: "never"},
    )
    threshold: float = option(
        0.5,
        "Threshold",
        "Probability from which a window counts as 'earthquake follows'.",
        low=0,
        high=1,
        reason="The verdict does not depend on it; the confusion matrix does.",
    )
    seed: int = option(
        0,
        "Training seed",
        "Same seed, same data, same machine: same result.",
        low=0,
        high=2**31 - 1,
        reason="What holds for one seed only was luck.",
    )
    precision: Literal["float32", "mixed_bfloat16"] = option(
        "float32",
        "Precision",
        "mixed_bfloat16: products of 16-bit numbers, about twice as fast on processors that have them; the scores "
        "change a little. Not for the paper's normalisation, whose signal is smaller than its rounding.",
        reason="Exact enough for everything.",
        later=True,
    )
    backend: Literal["auto", "tensorflow", "jax", "torch"] = option(
        "auto",
        "Backend",
        "What keras computes with. auto: the environment variable KERAS_BACKEND, or tensorflow. jax and torch must "
        "be installed.",
        reason="tensorflow comes with the program.",
        later=True,
    )

    def __post_init__(self) -> None:
        options.check("training", self)
