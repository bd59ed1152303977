"""Show a network each image in many guises, and read what that does to its accuracy, class by class.

A car seen from the other side, or a little further left, is the same car, but to a convolutional network it is a new
image. Augmentation makes such images from the ones at hand, anew in every epoch; whether that pays within two epochs is
a question that you can answer by measuring.

## Flips and crops (q3a)

For each image of a batch by itself: with probability 1/2 it is mirrored left to right; and it gets a border of 4 pixels
on all four sides by reflection (`mode="reflect"` of numpy and torch: the edge pixel itself is not repeated), out of
which a window of the old size is cut at a random place. There are 9 places down and 9 across, all equally likely, the
old one in the middle among them. The order of mirroring and cutting does not matter.

A row `1 2 3 4` of pixels with a border of 2 is `3 2 1 2 3 4 3 2`. Its windows of 4 pixels begin with 3, 2, 1, 2 and 3.

## Accuracy by class (q3b, q3c)

The accuracy of a class is the share of *its* images that were named rightly, in percent: right ones among those whose
true label it is, divided by how many those are. For the labels `0 0 0 1` and the predictions `0 1 0 1` it is 66.67 for
class 0 and 100 for class 1. A class without images has no accuracy, and gets nan.

## Two epochs (q3d)

`train_augmented` sees every image once an epoch, in two epochs, not more. With `augmented=True` each batch goes through
your own `augment` on its way into the network, each time with new random numbers, so that no image looks the same in
both epochs. With `augmented=False` the images go in as they are. The network itself changes no image: predictions are
made without augmentation. Two epochs are few: small batches, of 32 images say, and a learning rate that rises and then
falls make the most of them.

## What to return

Each docstring names the shapes. `CLASSES` holds the names of CIFAR-10's classes in the order of their labels.

## What earns the points

The augmented images are looked for among all that may come of each image; that each image has draws of its own, that
all places and both sides occur and that nothing but `rng` is random count separately. Both trainings are judged by the
grader's own predictions on images that your code never sees: on the whole of CIFAR-10 at least half of the 10,000 test
images are to be right, on the practice subset (5,000 images to train on) the bars are lower. Whether augmentation is
used as described is watched in a short training on a few images.

## References

- A. Krizhevsky, I. Sutskever, G. E. Hinton: *ImageNet Classification with Deep Convolutional Neural Networks*, NIPS
  2012, section 4.1.
- C. Shorten, T. M. Khoshgoftaar: *A survey on Image Data Augmentation for Deep Learning*, Journal of Big Data 6:60,
  2019.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def augment(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """q3a: each image of the batch, perhaps mirrored, and cut anew out of its reflected surroundings.

    x: (N, 3, 32, 32), uint8 or float32; it stays as it is. rng: where all random numbers come from, so that the same
    state of rng gives the same images. Returns an array of the same shape and dtype, image i made from image i.

    >>> x = np.random.default_rng(0).random((4, 3, 32, 32), dtype=np.float32)
    >>> out = augment(x, np.random.default_rng(1))
    >>> out.shape, out.dtype.name, set(out[2].flat) <= set(x[2].flat)
    ((4, 3, 32, 32), 'float32', True)
    """
    # BEGIN SOLUTION
    n, channels, h, w = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (4, 4), (4, 4)), mode="reflect")
    down, right = (rng.integers(0, 9, (n, 1)) + np.arange(side) for side in (h, w))
    right = np.where(rng.random((n, 1)) < 0.5, right[:, ::-1], right)
    image, channel = np.arange(n)[:, None, None, None], np.arange(channels)[:, None, None]
    return padded[image, channel, down[:, None, :, None], right[:, None, None, :]]
    # END SOLUTION


def per_class_accuracy(y_true: np.ndarray, y_pred: np.ndarray, n: int) -> np.ndarray:
    """q3b: the accuracy of each class in percent.

    y_true, y_pred: (m,) int64 labels from 0 to n - 1. Returns (n,) float64, nan for a class that y_true does not hold.

    >>> per_class_accuracy(np.array([0, 0, 0, 1]), np.array([0, 1, 0, 1]), 3).round(2).tolist()
    [66.67, 100.0, nan]
    """
    # BEGIN SOLUTION
    total = np.bincount(y_true, minlength=n)
    right = np.bincount(y_true[y_true == y_pred], minlength=n)
    return np.where(total > 0, 100 * right / np.maximum(total, 1), np.nan)
    # END SOLUTION


def train_test_gap(train: list[float], test: list[float]) -> dict[str, list[str] | float]:
    """q3c: the classes that do better in the test than in training, and the two means.

    train, test: ten accuracies each, in percent, in the order of CLASSES. test_higher: the names of the classes whose
    test accuracy is the higher one (equal is not higher), in the order of CLASSES; mean_train, mean_test: the means
    over the ten classes, to two digits after the point or more.

    >>> gap = train_test_gap([80.0] * 9 + [50.0], [70.0] * 9 + [60.0])
    >>> gap["test_higher"], float(gap["mean_train"]), float(gap["mean_test"])
    (['truck'], 77.0, 69.0)
    """
    # BEGIN SOLUTION
    # STUB return {
    # STUB     "test_higher": ...,  # a list of names out of CLASSES
    # STUB     "mean_train": ...,
    # STUB     "mean_test": ...,
    # STUB }
    higher = [name for name, a, b in zip(CLASSES, train, test, strict=True) if b > a]
    return {"test_higher": higher, "mean_train": float(np.mean(train)), "mean_test": float(np.mean(test))}
    # END SOLUTION


# BEGIN SOLUTION
class _Normalise(nn.Module):
    """Bytes to numbers around 0: uint8 is divided by 255 first, floats in [0, 1] are taken as they are."""

    def forward(self, x):
        x = x if x.is_floating_point() else x.float() / 255
        return (x - 0.47) / 0.25  # mean and spread of CIFAR-10's pixels


def _block(cin, cout):
    """A convolution, half the height and width, batch normalisation of what is left, ReLU."""
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, padding=1, bias=False), nn.MaxPool2d(2), nn.BatchNorm2d(cout), nn.ReLU()
    )


# END SOLUTION
def build_cnn() -> nn.Module:
    """q3d: a fresh network for CIFAR-10, of your own design.

    It maps images (N, 3, 32, 32) to logits (N, 10); uint8 images are divided by 255 inside the network, float32 images
    in [0, 1] are taken as they are. In evaluation mode equal images give equal logits: nothing in it is random then.

    >>> net = build_cnn().eval()
    >>> images = torch.randint(0, 256, (4, 3, 32, 32), dtype=torch.uint8)
    >>> tuple(net(images).shape), torch.allclose(net(images), net(images.float() / 255), atol=1e-4)
    ((4, 10), True)
    """
    # BEGIN SOLUTION
    return nn.Sequential(
        _Normalise(), _block(3, 32), _block(32, 64), _block(64, 128), nn.Flatten(), nn.Linear(128 * 4 * 4, 10)
    )
    # END SOLUTION


def train_augmented(net: nn.Module, X: torch.Tensor, y: torch.Tensor, augmented: bool, seed: int) -> list[float]:
    """q3d: train `net` in place for two epochs and return the mean loss of each.

    net: a network from build_cnn; X: (n, 3, 32, 32) uint8 and y: (n,) int64 from 0 to 9, both tensors on the device to
    be used; augmented: whether every batch goes through `augment`, called by this name; seed: fixes everything random
    here. On the practice subset (n = 5,000) a minute is meant, on the whole of CIFAR-10 ten. Only the network's
    parameters and buffers are carried from the training to the measurement.

    >>> X, y = torch.randint(0, 256, (40, 3, 32, 32), dtype=torch.uint8), torch.arange(40) % 10
    >>> losses = train_augmented(build_cnn(), X, y, augmented=True, seed=0)
    >>> len(losses), all(isinstance(loss, float) for loss in losses)
    (2, True)
    """
    # BEGIN SOLUTION
    batch, peak = 32, 0.02
    order, rng = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    net.train()
    optimizer = torch.optim.SGD(net.parameters(), lr=peak, momentum=0.9, nesterov=True, weight_decay=5e-4)
    steps = 2 * -(-len(X) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, total_steps=steps, cycle_momentum=False)
    losses = []
    for _ in range(2):
        total = 0.0
        for rows in torch.randperm(len(X), generator=order).to(X.device).split(batch):
            images = X[rows]
            if augmented:
                images = torch.from_numpy(augment(images.cpu().numpy(), rng)).to(X.device)
            loss = F.cross_entropy(net(images), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(rows)
        losses.append(total / len(X))
    return losses
    # END SOLUTION
