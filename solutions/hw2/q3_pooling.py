"""Pool feature maps in four ways, and send the gradients back through the windows.

A pooling layer makes maps smaller and forgives small shifts, and it does so without a single number to learn. That it
has nothing to learn is often mixed up with letting no gradient through; whoever has written both passes will not.

## The layer

The input `x` has the shape `(N, C, H, W)`. A window of `k` by `k` pixels moves down and to the right in steps of
`stride`; it starts in the upper left corner, there is no padding, and only windows that lie inside the map count. So
there are `Ho = (H - k) // stride + 1` rows and `Wo = (W - k) // stride + 1` columns of windows, and pixels at the lower
or right edge that no window reaches are left out. Each channel of each image is pooled by itself. With `w` for the
`k * k` values under a window, `y[n, c, i, j]` is

| mode | value of a window | what a window sends back for the gradient `g` of its value |
|---|---|---|
| `"max"` | the largest `w` | `g` to the place of the largest `w` |
| `"min"` | the smallest `w` | `g` to the place of the smallest `w` |
| `"average"` | the mean of all `w` | the derivative of the mean, times `g` |
| `"l2"` | `sqrt(sum of w^2)` | the derivative of the root, times `g` |

Windows overlap if `stride < k`; a pixel under several windows receives the sum of what they send. If the largest (or
smallest) value stands in a window several times, either the first of these places, row by row, receives `g`, or all of
them receive equal parts of it; both are right. Where all values under an `"l2"` window are zero, the root has no
derivative: such a window sends back zeros.

## A worked example

`x = [[0, 3, 1], [4, -5, 2]]`, one image with one channel, `k = 2` and `stride = 1`: two windows, `0 3 4 -5` and
`3 1 -5 2`.

- `"max"` gives `[[4, 3]]`, `"min"` gives `[[-5, -5]]`, `"average"` gives `[[0.5, 0.25]]`, and `"l2"` gives
  `[[sqrt(50), sqrt(39)]] = [[7.0711, 6.2450]]`.
- Send back `dout = [[10, 20]]`. Of `"max"` it arrives at the 4 and at the 3: `[[0, 20, 0], [10, 0, 0]]`. Of `"min"`
  both parts meet at the -5, which is the smallest of both windows: `[[0, 0, 0], [0, 30, 0]]`.

## What to return

`pool2d_forward` returns `y`, `pool2d_backward` the gradient `dx` in the shape of `x`, both float64. `pool_facts()` is a
form: fill in the cells.

## What earns the points

Forward, the four modes count equally; all is compared with torch to 1e-6 on many sizes, with steps smaller and larger
than the window, sizes that the steps do not divide, no images at all, and maps without a positive value. Backward, the
four modes count equally, and ties and windows of zeros count apart. In the form a wrong cell takes back what a right
one earned. A slip that we recognise keeps part of the points.

## References

- I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*, MIT Press 2016, section 9.3.
- D. Scherer, A. Müller, S. Behnke: *Evaluation of Pooling Operations in Convolutional Architectures for Object
  Recognition*, ICANN 2010.
"""

from typing import Literal, TypedDict

import numpy as np

Mode = Literal["max", "min", "average", "l2"]
Reason = Literal["no parameters", "output depends on input", "no gradient flows", "window is too small"]


class Facts(TypedDict):
    """What q3c asks about a pooling layer."""

    trainable_params: int
    depth_preserved: bool
    why_not_trained: Reason
    gradient_flows: bool
    reduces_conv_params: bool


# BEGIN SOLUTION
def _windows(x, k, stride):
    """All windows, shape (N, C, Ho, Wo, k, k)."""
    return np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))[:, :, ::stride, ::stride]


def _sent_back(w, mode):
    """What windows w, (N, C, k, k), send back to their pixels for a gradient of one."""
    if mode == "average":
        return np.full_like(w, 1 / w.shape[2] ** 2)
    if mode == "l2":
        length = np.sqrt((w**2).sum(axis=(2, 3), keepdims=True))
        return np.divide(w, length, out=np.zeros_like(w), where=length > 0)
    chosen = w == (w.max if mode == "max" else w.min)(axis=(2, 3), keepdims=True)
    return chosen / chosen.sum(axis=(2, 3), keepdims=True)


# END SOLUTION


def pool2d_forward(x: np.ndarray, k: int, stride: int, mode: Mode) -> np.ndarray:
    """q3a: pool every channel of every image.

    x: (N, C, H, W) float64, where N may be 0; 1 <= k <= H, W; stride >= 1; mode: "max", "min", "average" or "l2".
    Returns (N, C, Ho, Wo) float64 as in the statement.

    >>> x = np.array([[[[0.0, 3.0, 1.0], [4.0, -5.0, 2.0]]]])
    >>> pool2d_forward(x, 2, 1, "max").tolist(), pool2d_forward(x, 2, 1, "average").tolist()
    ([[[[4.0, 3.0]]]], [[[[0.5, 0.25]]]])
    >>> pool2d_forward(np.zeros((2, 3, 7, 6)), 3, 2, "min").shape
    (2, 3, 3, 2)
    """
    # BEGIN SOLUTION
    windows = _windows(np.asarray(x, dtype=float), k, stride)
    if mode == "max":
        return windows.max(axis=(4, 5))
    if mode == "min":
        return windows.min(axis=(4, 5))
    if mode == "average":
        return windows.mean(axis=(4, 5))
    return np.sqrt((windows**2).sum(axis=(4, 5)))
    # END SOLUTION


def pool2d_backward(dout: np.ndarray, x: np.ndarray, k: int, stride: int, mode: Mode) -> np.ndarray:
    """q3b: the gradient with respect to x of a loss whose gradient with respect to the output is dout.

    dout: (N, C, Ho, Wo) float64; x, k, stride, mode as in pool2d_forward. Returns (N, C, H, W) float64, finite
    everywhere.

    >>> x, dout = np.array([[[[0.0, 3.0, 1.0], [4.0, -5.0, 2.0]]]]), np.array([[[[10.0, 20.0]]]])
    >>> pool2d_backward(dout, x, 2, 1, "max").tolist()
    [[[[0.0, 20.0, 0.0], [10.0, 0.0, 0.0]]]]
    >>> pool2d_backward(dout, x, 2, 1, "min").tolist()
    [[[[0.0, 0.0, 0.0], [0.0, 30.0, 0.0]]]]

    A mean hands out all that it receives:

    >>> round(float(pool2d_backward(dout, x, 2, 1, "average").sum()), 6)
    30.0
    """
    # BEGIN SOLUTION
    dx = np.zeros_like(x)
    for i, j in np.ndindex(dout.shape[2:]):
        rows, columns = slice(i * stride, i * stride + k), slice(j * stride, j * stride + k)
        dx[:, :, rows, columns] += _sent_back(x[:, :, rows, columns], mode) * dout[:, :, i, j, None, None]
    return dx
    # END SOLUTION


def pool_facts() -> Facts:
    """q3c: what holds for the pooling layers of this question.

    trainable_params: how many numbers a layer with a window of 2 x 2 learns, over 64 channels; a whole number.
    depth_preserved: whether there are as many channels behind the layer as before it.
    why_not_trained: the reason why an optimiser leaves the layer as it is.
    gradient_flows: whether the layers before it receive a gradient through it.
    reduces_conv_params: whether a convolution with a given kernel and given channels has fewer parameters if a pooling
    layer stands before it.

    >>> sorted(pool_facts())
    ['depth_preserved', 'gradient_flows', 'reduces_conv_params', 'trainable_params', 'why_not_trained']
    """
    # BEGIN SOLUTION
    # STUB return {
    # STUB     "trainable_params": ...,  # a whole number
    # STUB     "depth_preserved": ...,  # True or False
    # STUB     # "no parameters", "output depends on input", "no gradient flows", "window is too small"
    # STUB     "why_not_trained": ...,
    # STUB     "gradient_flows": ...,  # True or False
    # STUB     "reduces_conv_params": ...,  # True or False
    # STUB }
    return {
        "trainable_params": 0,
        "depth_preserved": True,
        "why_not_trained": "no parameters",
        "gradient_flows": True,
        "reduces_conv_params": False,
    }
    # END SOLUTION
