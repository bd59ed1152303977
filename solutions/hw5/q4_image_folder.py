"""Read a folder of pictures, build one small network in two ways, and train both.

Data sets of your own rarely come as arrays: they come as folders of files that differ in size, in colour and in
spelling, and most mistakes of a project are made between the disk and the first layer. And `nn.Sequential` and a
hand-written `forward` are two spellings of one function; see them agree to the last digit, and both are safe to use.

## The folder

`load_folder(root, size)` reads this layout and nothing else:

    root/
      meadow/   IMG_2.png   IMG_10.JPG   notes.txt
      street/   a.jpeg
      tundra/

- Every sub-folder of `root` is a class, an empty one too. The classes are sorted by name (Python's `sorted` on
  strings), and a class's place in that list is its label.
- A picture is a file whose name ends in `.png`, `.jpg` or `.jpeg`, in small or capital letters. Everything else is
  skipped. Inside a class the pictures are sorted by name.
- Each picture is converted to RGB first (a grey picture gets three equal channels, an alpha channel is dropped), then
  resized to `size` x `size` with Pillow's bilinear filter, then divided by 255.

Here `sorted` puts `IMG_10.JPG` before `IMG_2.png`, so `y` is `[0, 0, 1]` and the classes are
`["meadow", "street", "tundra"]`: label 2 exists, only without pictures.

## The network

For images `(N, 3, h, w)`, float32 in [0, 1], of any size of at least 4 x 4:

| step | layer |
|---|---|
| 1 | convolution, 3 to 16 channels, 3 x 3, padding 1 |
| 2 | ReLU |
| 3 | max pooling, 2 x 2 |
| 4 | convolution, 16 to 32 channels, 3 x 3, padding 1 |
| 5 | ReLU |
| 6 | max pooling, 2 x 2 |
| 7 | global average pooling: one number a channel |
| 8 | dense layer, 32 to `n_classes` |

The network returns logits `(N, n_classes)`, no softmax: the cross-entropy of PyTorch takes logits. A convolution has
`c_out * (c_in * k * k + 1)` parameters; a layer from 1 to 5 channels with 3 x 3 filters, for one, has 50.

## What to return

`load_folder` returns `(X, y, classes)`. `build_sequential` returns the network as one `nn.Sequential`;
`FunctionalNet` is the same network as a class of its own, whose `forward` calls the steps one by one, and
`copy_weights` carries the weights over. `fit` trains either of the two in place and returns its losses.

## What earns the points

The loader is tried on folders made for the purpose, with grey and transparent pictures, stray files, an empty class and
file names in capitals. The networks are compared on fresh inputs, outputs and gradients. `fit` trains both networks for
ten epochs on generated grey-scale scans in four classes, which no linear model can tell apart; what counts is how many
scans it has never seen are labelled correctly.

## References

- Pillow's handbook, *Concepts: filters*, https://pillow.readthedocs.io/en/stable/handbook/concepts.html#filters
- M. Lin, Q. Chen, S. Yan: *Network In Network*, arXiv:1312.4400, section 3.2: global average pooling before the last
  layer.
"""

import os
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

# BEGIN SOLUTION
ENDINGS = (".png", ".jpg", ".jpeg")


# END SOLUTION
def load_folder(root: str | os.PathLike, size: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """q4a: all pictures of a folder with one sub-folder a class, as arrays.

    root: path of the folder; size: side of the square images in pixels. Returns X: (N, 3, size, size) float32 in
    [0, 1], y: (N,) int64, and the class names in the order of their labels. The rows are ordered by class, then by
    file name. At least one picture is there; files that are named like pictures are pictures.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as root:
    ...     for name, grey in [("night/1.png", 0), ("day/1.png", 255), ("day/2.png", 51)]:
    ...         (Path(root) / name).parent.mkdir(exist_ok=True)
    ...         Image.new("RGB", (5, 4), (grey, grey, grey)).save(Path(root) / name)
    ...     X, y, classes = load_folder(root, 2)
    >>> X.shape, X.dtype.name, y.tolist(), list(classes)
    ((3, 3, 2, 2), 'float32', [0, 0, 1], ['day', 'night'])
    >>> X[:, 0, 0, 0].round(3).tolist() == np.float32([1, 0.2, 0]).tolist()
    True
    """
    # BEGIN SOLUTION
    classes = sorted(entry.name for entry in Path(root).iterdir() if entry.is_dir())
    images, labels = [], []
    for label, name in enumerate(classes):
        for file in sorted(os.listdir(Path(root) / name)):
            if file.lower().endswith(ENDINGS):
                with Image.open(Path(root) / name / file) as picture:
                    square = picture.convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
                images.append(np.asarray(square, dtype=np.float32) / 255)
                labels.append(label)
    return np.stack(images).transpose(0, 3, 1, 2), np.array(labels, dtype=np.int64), classes
    # END SOLUTION


def build_sequential(n_classes: int) -> nn.Sequential:
    """q4b: the network of the table as one nn.Sequential of torch's own layers.

    n_classes: number of classes. The network maps (N, 3, h, w) float32 to logits (N, n_classes) for any h, w >= 4.
    It is complete when it is returned: every layer is given its sizes, and a lazy one has none before it runs.

    >>> net = build_sequential(7)
    >>> isinstance(net, nn.Sequential)
    True
    >>> tuple(net(torch.rand(2, 3, 20, 12)).shape)
    (2, 7)
    """
    # BEGIN SOLUTION
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, n_classes),
    )
    # END SOLUTION


class FunctionalNet(nn.Module):
    """q4c: the same network, its forward written out step by step with torch.nn.functional.

    The module holds the three layers that have parameters and no nn.Sequential; ReLU and pooling are calls in
    `forward`. It maps (N, 3, h, w) float32 to logits (N, n_classes), in training and in evaluation mode alike.
    Its layers are given their sizes too.

    >>> tuple(FunctionalNet(5)(torch.rand(2, 3, 9, 16)).shape)
    (2, 5)
    """

    def __init__(self, n_classes: int) -> None:
        """q4c: the layers that have parameters. n_classes: number of classes."""
        super().__init__()
        # BEGIN SOLUTION
        self.first = nn.Conv2d(3, 16, 3, padding=1)
        self.second = nn.Conv2d(16, 32, 3, padding=1)
        self.head = nn.Linear(32, n_classes)
        # END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """q4c: the steps of the table, one by one. x: (N, 3, h, w) float32; returns logits (N, n_classes)."""
        # BEGIN SOLUTION
        x = F.max_pool2d(F.relu(self.first(x)), 2)
        x = F.max_pool2d(F.relu(self.second(x)), 2)
        return self.head(x.mean(dim=(2, 3)))
        # END SOLUTION


def copy_weights(seq: nn.Sequential, fun: FunctionalNet) -> None:
    """q4c: carry the weights of `seq` over into `fun`, so that both compute the same function.

    seq: a network from build_sequential; fun: a FunctionalNet with as many classes. Changes `fun` in place, returns
    nothing. The values are copied: afterwards the two networks share no memory and learn independently.

    >>> seq, fun, x = build_sequential(3), FunctionalNet(3), torch.rand(2, 3, 16, 16)
    >>> copy_weights(seq, fun)
    >>> torch.allclose(seq(x), fun(x), atol=1e-6)
    True
    """
    # BEGIN SOLUTION
    with torch.no_grad():
        for mine, theirs in zip(fun.parameters(), seq.parameters(), strict=True):
            mine.copy_(theirs)
    # END SOLUTION


def fit(net: nn.Module, X: torch.Tensor, y: torch.Tensor, epochs: int, seed: int) -> list[float]:
    """q4d: train `net` in place and return the mean loss of every epoch.

    net: a network from build_sequential or a FunctionalNet; X: (N, 3, h, w) float32 in [0, 1] and y: (N,) int64, both
    tensors on the device to be used; epochs: how often every image is seen; seed: fixes the order of the images, so
    that two calls with equal arguments train alike. The optimiser, its step size and the batch size are up to you. Only
    the network's parameters and buffers are carried from the training to the measurement.

    >>> X, y = torch.rand(40, 3, 8, 8), torch.arange(40) % 2
    >>> X[y == 1] = X[y == 1].round()
    >>> losses = fit(build_sequential(2), X, y, epochs=3, seed=0)
    >>> len(losses), all(isinstance(loss, float) for loss in losses)
    (3, True)
    """
    # BEGIN SOLUTION
    order = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    net.train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(X), generator=order).to(X.device).split(32):
            loss = F.cross_entropy(net(X[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        losses.append(total / len(X))
    return losses
    # END SOLUTION
