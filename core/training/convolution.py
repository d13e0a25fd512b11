"""
The convolution of keras, trained by TensorFlow in two thirds of the time and with less memory.

TensorFlow 2.21 on a processor joins the gradients of a kernel and of its bias,
when both are taken of the same array, to one operation
(_MklNativeConv2DBackpropFilterWithBias) which takes about three times as long
as both apart: 106 of 297 ms of a step with windows of a week for the second
convolution alone. Here the bias takes its gradient from a view of the array
in another shape, so the two stay apart. And where arrays are large, the gradient
of the kernel comes before that of the input: in any order, the arrays that wait
for the kernel's turn lie in memory beside those of the layers before.

The mathematics and what goes forward are keras' own. On a GPU it is the same
mathematics too; its time there was not measured.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

LARGE = 20_000  # numbers of one window; at those of an hour the order costs a tenth of the time and saves nothing


def layer_class(keras: Any, precision: str, dilation: int = 1) -> Any:
    """
    The class of a convolution layer (zero-padded, stride 1, with a bias): keras' own, or one that is trained faster.

    Parameters
    ----------
    keras : module
        As `network.load_keras` gives it.
    precision : "float32" or "mixed_bfloat16"
        16-bit products gain nothing by it, and short windows lose.
    dilation : int
        Not every processor has TensorFlow's gradients of a dilated convolution in one operation.
    """
    faster = keras.backend.backend() == "tensorflow" and precision == "float32" and dilation == 1
    return _faster(keras) if faster else keras.layers.Conv2D


@cache
def _faster(keras: Any) -> Any:
    import tensorflow as tf

    raw = tf.raw_ops
    how = {"strides": [1, 1, 1, 1], "padding": "SAME"}

    @tf.custom_gradient
    def convolve(values: Any, kernel: Any, bias: Any) -> Any:
        def gradient(upstream: Any) -> tuple[Any, Any, Any]:
            of_bias = raw.BiasAddGrad(out_backprop=tf.reshape(upstream, [-1, upstream.shape[-1]]))
            of_kernel = raw.Conv2DBackpropFilter(input=values, filter_sizes=kernel.shape, out_backprop=upstream, **how)
            sizes, large = tf.shape(values), math.prod(values.shape[1:]) > LARGE
            with tf.control_dependencies([of_kernel] if large else []):
                of_values = raw.Conv2DBackpropInput(input_sizes=sizes, filter=kernel, out_backprop=upstream, **how)
            return of_values, of_kernel, of_bias

        return tf.nn.bias_add(tf.nn.conv2d(values, kernel, 1, "SAME"), bias), gradient

    base: Any = keras.layers.Conv2D

    class Conv2D(base):
        def call(self, inputs: Any, training: bool | None = None) -> Any:
            if not training:  # TensorFlow never forgets a graph with a gradient of our own, nor the weights in it
                return super().call(inputs)
            kernel, bias = tf.convert_to_tensor(self.kernel), tf.convert_to_tensor(self.bias)
            return self.activation(convolve(inputs, kernel, bias))

    return Conv2D
