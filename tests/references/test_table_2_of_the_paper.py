"""The parameters of Table 2 of Petrescu & Moldovan (2022), counted in the weights of the network once it is built."""

import numpy as np
import pytest

from core.config import NetworkConfig
from core.training import network

A_WEEK_OF_MINUTES = 10_080
# "No. of Parameters": three times Conv2D, twice Dense; of pooling and flattening 0. They are, each with a bias,
# (3 x 3 + 1) x 32, (1 x 3 x 32 + 1) x 64, (1 x 3 x 64 + 1) x 64, (3 x 2520 x 64 + 1) x 64 and (64 + 1) x 2.
PRINTED = [320, 6_208, 12_352, 30_965_824, 130]


@pytest.mark.parametrize("activation_column", ["text", "table"])
def test_the_weights_of_a_built_network_are_as_many_as_table_2_prints_layer_by_layer(activation_column):
    model = network.build(NetworkConfig(activation_column=activation_column), A_WEEK_OF_MINUTES, seed=0)
    counted = [sum(np.prod(weight.shape, dtype=int) for weight in layer.weights) for layer in model.layers]
    assert [count for count in counted if count] == PRINTED
    assert sum(np.prod(weight.shape, dtype=int) for weight in model.trainable_weights) == sum(PRINTED)
