"""What one more encoding as JPEG takes from a network on CIFAR-10: a clue to what the first has taken.

    python benchmarks/reencoded.py --data DIR [--seeds 3] [--threads 2]

The image-folder form of the set holds the official pictures encoded as JPEG (quality 75, colours at half the
resolution). Here they are encoded so once more, with all blocks four pixels further on, and the fast network of
`cifar10.py` is trained and tested on both.
"""

from __future__ import annotations

import argparse
import io
import statistics

import numpy as np
import torch
from cifar10 import arguments, build_small_inception, train_inception, whole_set
from numpy.typing import NDArray
from PIL import Image
from training import accuracy

AWAY = 4  # pixels, of the 8 of a block


def main() -> None:
    given = arguments(argparse.ArgumentParser(description=__doc__.partition("\n")[0]))
    torch.set_num_threads(given.threads)
    found = whole_set(given.data)
    print(f"torch {torch.__version__}, {found.source}")
    (X, y), (unseen, labels) = found.train, found.unseen
    sets = {"as they are": (X, unseen), "encoded once more": (encoded(X), encoded(unseen))}
    errors: dict[str, list[float]] = {how: [] for how in sets}
    for seed in range(given.seeds):
        for how, images in sets.items():
            seen, other = map(torch.from_numpy, images)
            torch.manual_seed(seed)
            net = build_small_inception()
            list(train_inception(net, seen, torch.from_numpy(y), seed))
            errors[how].append(1 - accuracy(net, (other, torch.from_numpy(labels))))
            print(f"seed {seed}, {how}: {1 - errors[how][-1]:.4f}", flush=True)
    plain, twice = (statistics.mean(results) for results in errors.values())
    print(f"errors {plain:.4f} and {twice:.4f}, {twice / plain:.3f} times as many, n = {given.seeds}")


def encoded(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The images (n, 3, h, w) after one more encoding, on blocks that begin elsewhere."""
    around = np.pad(images, ((0, 0), (0, 0), (AWAY, AWAY), (AWAY, AWAY)), "reflect").transpose(0, 2, 3, 1)
    made = np.empty_like(images)
    for image, place in zip(around, made, strict=True):
        file = io.BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=75)
        place[:] = np.asarray(Image.open(file)).transpose(2, 0, 1)[:, AWAY:-AWAY, AWAY:-AWAY]
    return made


if __name__ == "__main__":
    main()
