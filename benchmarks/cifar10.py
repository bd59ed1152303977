"""A fast network for the whole of CIFAR-10 on two CPU cores: over 80 % of the 10,000 test images in minutes.

    python benchmarks/cifar10.py --data DIR [--seeds 5] [--threads 2] [--epochs 4] [--device cpu]
    python benchmarks/cifar10.py --hand-in DIR      # writes a hand-in of hw5 with it, for grader run --profile full

Why it is fast: a stem that halves the sides at once, with fixed filters that whiten patches of the images, both signs
of them beside a pooled copy of the image (which makes it an Inception module); pooling before normalisation; most of
the work at 16 x 16 and 8 x 8, and at 12 x 12 and 6 x 6 for most of the steps, which see images of 24 x 24; arrays
with the channels last; bfloat16 where the processor multiplies it (AVX-512 BF16 or AMX); few epochs with one cycle of
the learning rate, sixteen times as large for biases and scales; the mean of the last steps' weights; and the mean over
an image and its mirror image when it predicts. The whitening, the large steps of the biases and first weights that
hand maps on are K. Jordan's (arXiv:2404.00498), who trains to 94 % in 3.29 seconds on a GPU; small images first are
J. Howard's (DAWNBench, 2018).
"""

import argparse
import statistics
import time
from pathlib import Path

# What is below up to `main` is a hand-in's own code: it imports nothing of ours.
import torch
from torch import nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


class Stem(nn.Module):
    """(n, 3, 32, 32) to (n, width, 16, 16): whitened patches of 4 x 4, both signs of them, beside the pooled image."""

    def __init__(self, width):
        super().__init__()
        self.filters = nn.Conv2d(3, 48, 4, 2, padding=1, bias=False).requires_grad_(False)
        self.mix = nn.Conv2d(2 * 48 + 3, width, 1, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x):
        patches = self.filters(x)
        curved, small = F.gelu(patches), F.avg_pool2d(x, 2).to(patches.dtype)
        branches = torch.cat([curved, curved - patches, small], dim=1)  # GELU(-z) is GELU(z) - z
        return F.gelu(self.norm(self.mix(branches)))

    def whiten(self, x):
        self.filters.weight.copy_(whitening(x, 4, 4, 0.005))


class Block(nn.Module):
    """A 3 x 3 convolution, pooled to half the sides if asked, normalised, with a GELU; or that beside its own input."""

    def __init__(self, inputs, outputs, pool=False, residual=False):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(outputs, momentum=0.3)
        self.pool, self.residual = pool, residual
        if not residual:
            nn.init.dirac_(self.conv.weight[:inputs])  # the first maps begin as copies of what comes in

    def forward(self, x):
        maps = self.conv(x)
        maps = F.gelu(self.norm(F.max_pool2d(maps, 2) if self.pool else maps))
        return x + maps if self.residual else maps


class Fast(nn.Module):
    """uint8 (n, 3, 32, 32), or floats in [0, 1], to logits (n, 10)."""

    def __init__(self):
        super().__init__()
        self.stem = Stem(48)
        self.body = nn.Sequential(
            Block(48, 80, pool=True),
            Block(80, 128),
            Block(128, 128, residual=True),
            nn.MaxPool2d(2),
            Block(128, 160),
            nn.AdaptiveMaxPool2d(1),
            nn.Flatten(),
            nn.Linear(160, 10, bias=False),
        )

    def logits(self, x):
        with torch.autocast(x.device.type, torch.bfloat16, enabled=x.device.type == "cuda" or fast_bfloat16()):
            return self.body(self.stem(x.contiguous(memory_format=torch.channels_last))).float() / 8

    def forward(self, x):
        x = scaled(x)
        return self.logits(x) if self.training else self.logits(x) + self.logits(x.flip(-1))


def whitening(x, side, stride, least):
    """(3 side^2, 3, side, side): filters that take patches of x to values of variance 1 that do not hang together.

    x: (n, 3, 32, 32). least: added to the patches' own variances.
    """
    width = 3 * side * side
    patches = F.unfold(x, side, stride=stride).transpose(1, 2).reshape(-1, width)
    patches = patches - patches.mean(0)
    variances, directions = torch.linalg.eigh(patches.T @ patches / len(patches))
    return (directions / (variances + least).sqrt()).T.reshape(width, 3, side, side)


def groups(net, decay):
    """The trained weights, which decay, and the biases and scales, which do not."""
    trained = [p for p in net.parameters() if p.requires_grad]
    weights = {"params": [p for p in trained if p.ndim > 1], "weight_decay": decay}
    return [weights, {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0}]


def stepped(net, x, y, smoothing, optimiser, cycle):
    """One step on these rows; their loss."""
    optimiser.zero_grad()
    loss = F.cross_entropy(net(x), y, label_smoothing=smoothing)
    loss.backward()
    optimiser.step()
    cycle.step()
    return loss.detach()


def scaled(x):
    """uint8, or floats in [0, 1], to floats in [-2, 2]."""
    return (x if x.is_floating_point() else x.float() / 255) * 4 - 2


def fast_bfloat16():
    """Whether this processor multiplies bfloat16 faster than float32."""
    return any(
        getattr(torch.cpu, name, lambda: False)() for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    )


def build_small_inception():
    return Fast().to(memory_format=torch.channels_last)


def train_inception(net, X, y, seed, epochs=4, batch=250, small=0.8):
    """One cycle of SGD; images are mirrored in every other epoch, moved by a pixel, and small for a share of the steps.

    Yields each epoch's mean loss.
    """
    torch.manual_seed(seed)
    steps = epochs * -(-len(X) // batch)
    with torch.no_grad():
        net.stem.whiten(scaled(X[:2000]))
    optimiser = torch.optim.SGD(groups(net, 0.02), lr=0.12, momentum=0.9, nesterov=True)
    rise = {"pct_start": 0.25, "final_div_factor": 50, "anneal_strategy": "linear"}
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, [0.12, 16 * 0.12], total_steps=steps + 1, **rise)
    mean = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.85), use_buffers=True)
    mirrored, step = torch.rand(len(X), device=X.device) < 0.5, 0
    net.train()
    for _ in range(epochs):
        losses = []
        for rows in torch.randperm(len(X), device=X.device).split(batch):
            x = X[rows]
            x = torch.where(mirrored[rows, None, None, None], x.flip(-1), x)
            down, right = torch.randint(3, (2,)).tolist()
            x = F.pad(x / 255, (1, 1, 1, 1), "reflect")[:, :, down : down + 32, right : right + 32]
            if step < small * steps:
                x = F.interpolate(x, (24, 24), mode="bilinear", antialias=True)
            losses.append(stepped(net, x, y[rows], 0.1, optimiser, cycle))
            step += 1
            if step > 0.7 * steps and step % 5 == 0:
                mean.update_parameters(net)
        mirrored = ~mirrored
        yield torch.stack(losses).mean().item()
    net.load_state_dict(mean.module.state_dict())


def main():
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--epochs", type=int, default=4)
    asked.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    given = arguments(asked)
    if given.hand_in:
        hand_in(given.hand_in, __file__)
    else:
        measure(given, build_small_inception, train_inception)


COURSE = Path(__file__).resolve().parent.parent


def arguments(asked):
    """What both of these networks are measured by."""
    asked.add_argument("--data", type=Path, help="the folder with the real data sets")
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument("--hand-in", type=Path, metavar="DIR", help="write a hand-in there, and train nothing")
    return asked.parse_args()


def hand_in(folder, *files):
    """The question's solution, followed by the own code of these files."""
    texts = [(COURSE / "solutions/hw5/q7_inception.py").read_text(encoding="utf-8")]
    for file in files:
        own = Path(file).read_text(encoding="utf-8").partition("# What is below")[2].partition("\n\n\ndef main")[0]
        texts.append(f"# {own}\n")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "q7_inception.py").write_text("\n\n".join(texts), encoding="utf-8")


def measure(given, build, train):
    """Train with each seed on the whole set and print what it reaches on the test images."""
    from training import accuracy

    torch.set_num_threads(given.threads)
    found = whole_set(given.data)
    both = (tuple(torch.from_numpy(half).to(given.device) for half in rows) for rows in (found.train, found.unseen))
    (X, y), (unseen, labels) = both
    cpu = f"{given.threads} threads, bfloat16 {fast_bfloat16()}"
    where = torch.cuda.get_device_name() if given.device == "cuda" else cpu
    print(f"torch {torch.__version__}, {where}, {found.source}")
    results = []
    for seed in range(given.seeds):
        started, used = time.perf_counter(), time.process_time()
        torch.manual_seed(seed)
        net = build().to(given.device)
        for loss in train(net, X, y, seed, given.epochs):
            print(f"  loss {loss:.4f}, {time.perf_counter() - started:.1f} s", flush=True)
        seconds, used = time.perf_counter() - started, time.process_time() - used
        results.append(accuracy(net, (unseen, labels)))
        print(f"seed {seed}: {results[-1]:.4f} in {seconds:.1f} s ({used:.1f} s of processor time)", flush=True)
    spread = statistics.stdev(results) if len(results) > 1 else 0.0
    print(f"mean {statistics.mean(results):.4f}, sd {spread:.4f}, lowest {min(results):.4f}, n = {len(results)}")


def whole_set(data):
    """All of CIFAR-10, from the folder with the real data sets."""
    from grader.data.loaders import load

    return load("cifar10", datasets=COURSE / "datasets", data_dir=data, profile="full")


if __name__ == "__main__":
    main()
