"""Hidden checks of counts and shapes: torch builds every layer, and its own tensors are counted and measured."""

import math

import torch

from grader import close, hint, points

QUOTED = hint("quoted", "An entry is a text: write the number itself, without quotation marks.")
NOT_WHOLE = hint("not_whole", "A count is a whole number: look again at the entry that has a fraction.")
NO_BIAS = hint("no_bias", "The biases are missing: every filter and every unit has one.")
INPUTS = hint("inputs", "The biases are counted by what goes in: each filter and each unit has one.")
LENGTH = hint("length", "The length is counted as channels: the same filter slides along it, so it costs nothing.")
SQUARE = hint("square", "The width is squared: a filter of a series extends along one axis only.")
KEPT = hint("kept", "The convolutions keep the length here, as if they were padded; without padding they shorten it.")
ROUNDED_UP = hint("rounded_up", "Pooling rounds up here: a rest that does not fill a window is dropped.")
NOT_DROPPED = hint("not_dropped", "A length has a fraction: pooling drops a rest that does not fill a window.")
REPEATED = hint("repeated", "This row repeats an earlier convolution: it has filters of its own, and a shorter input.")
ROWS = hint("rows", "A row is missing or too many: pooling and flattening are layers with a row of their own.")
MIXED = hint("mixed", "The two axes are exchanged in some rows only: write them the same way throughout.")
DROPPED = hint("dropped", "A last step that does not fit is dropped: divide, round down, and then add one.")
ONE_MORE = hint("one_more", "The first window takes no step: there is one window more than there are steps.")
BATCH = hint("batch", "Leave the batch out: a row holds the length and the channels, or one number, and nothing else.")
ONE_SIDE = hint("one_side", "Padding is added on both sides of an axis; here it is counted once.")
AXES = hint("axes", "Each axis has its entry, in three dimensions as well as in two.")
FLAT_KERNEL = hint("flat_kernel", "One axis of the filter is left out: it has weights along every axis.")
BIAS_EVERYWHERE = hint("bias_everywhere", "There is a bias for every weight of a filter: one bias a filter is enough.")


def _layers(given):
    """The nine layers of a network, built by torch."""
    layers, cin, length = [], given["channels"], given["length"]
    for cout, k in zip(given["filters"], given["kernels"], strict=True):
        layers += [torch.nn.Conv1d(cin, cout, k), torch.nn.MaxPool1d(given["pool"])]
        cin, length = cout, (length - k + 1) // given["pool"]
    wide, classes = given["dense"]
    return [*layers, torch.nn.Flatten(), torch.nn.Linear(cin * length, wide), torch.nn.Linear(wide, classes)]


def _table(layers):
    """The parameters of the layers that have any, by name."""
    counts = [sum(p.numel() for p in layer.parameters()) for layer in layers]
    return dict(zip(("conv1", "conv2", "conv3", "dense1", "dense2"), filter(None, counts), strict=True))


def _rows(layers, given):
    """The shape after each layer without the batch, measured, in the form (length, channels) or n."""
    x, rows = torch.zeros(1, given["channels"], given["length"]), []
    for layer in layers:
        x = layer(x)
        rows.append(tuple(x.shape[:0:-1]) if x.ndim == 3 else x.shape[1])
    return rows


def _no_counts(answer):
    """The entries that can be no counts, each worth nothing beside what is said of the others."""
    entries = answer.items() if isinstance(answer, dict) else ()
    quoted = {name: entry for name, entry in entries if isinstance(entry, str)}
    broken = {name: entry for name, entry in entries if isinstance(entry, float) and 0 < entry % 1 < 1}
    return [(0, cells, told) for cells, told in ((quoted, QUOTED), (broken, NOT_WHOLE)) if cells]


@points(4, part="q3a.params")
def test_parameters_of_each_layer(submission, given):
    """Each layer has as many parameters as its filters or units have weights and biases."""
    layers = _layers(given)
    right = _table(layers)
    biases = (*given["filters"], *given["dense"])
    no_bias = {name: right[name] - bias for name, bias in zip(right, biases, strict=True)}
    inputs = [given["channels"], *given["filters"][:2], layers[-2].in_features, given["dense"][0]]
    by_inputs = {name: no_bias[name] + n for name, n in zip(right, inputs, strict=True)}
    channels = [given["channels"], *given["filters"]]
    lengths = [given["length"], *(length for length, _ in _rows(layers, given)[1:5:2])]
    triples = list(zip(channels[:3], channels[1:], given["kernels"], strict=True))
    length_for_channels = [n * k * cout + cout for n, (_, cout, k) in zip(lengths, triples, strict=True)]
    squared = [cin * k * k * cout + cout for cin, cout, k in triples]

    def of_convolutions(counts):
        return {**right, **dict(zip(("conv1", "conv2", "conv3"), counts, strict=True))}

    def from_your_flatten():
        flat, wide = submission.conv1d_shapes()[6], given["dense"][0]
        flat = math.prod(flat) if isinstance(flat, tuple | list) else flat
        flat = int(flat) if isinstance(flat, float) and flat.is_integer() else flat
        if type(flat) is not int or flat < 1:
            raise ValueError(f"a row of {flat} numbers carries nothing")
        return {**right, "dense1": (flat + 1) * wide}

    answer = submission.conv1d_params()
    assert answer == close(
        right,
        each=True,
        carried=from_your_flatten,
        mistakes=[
            (0.6, no_bias, NO_BIAS),
            (0.6, by_inputs, INPUTS),
            (0.2, of_convolutions(length_for_channels), LENGTH),
            (0.3, of_convolutions(squared), SQUARE),
            *_no_counts(answer),
        ],
    )


@points(1, part="q3a.params")
def test_count_of_any_layer(submission, draw):
    """The function counts ten layers rightly, with and without bias."""
    numbers = draw("layers")

    for number in range(10):
        cin, cout, k = numbers.integers(2, (20, 40, 10)).tolist()
        bias = number % 3 > 0
        options = {} if number == 1 else {"bias": bias}
        weights = sum(p.numel() for p in torch.nn.Conv1d(cin, cout, k, bias=False).parameters())
        assert submission.conv1d_count(cin, cout, k, **options) == close(
            sum(p.numel() for p in torch.nn.Conv1d(cin, cout, k, bias=bias).parameters()),
            mistakes=[
                (0.6, weights, NO_BIAS),
                (0.6, weights + cin * bias, INPUTS),
                (0.3, weights * k + cout * bias, SQUARE),
                (0.6, weights + cout, hint("unasked", "A bias is counted where there is none: see `bias=False`.")),
            ],
        )


def _one_way(answer, right):
    """The answer's rows as (length, channels): rows all written (channels, length), as PyTorch does, are turned."""
    if not isinstance(answer, list | tuple) or len(answer) != len(right):
        return answer
    pairs = [(row, want[1]) for row, want in zip(answer[:6], right[:6], strict=True) if _is_pair(row)]
    turned = sum((row[0] == filters) - (row[1] == filters) for row, filters in pairs)
    return [tuple(row[::-1]) if turned > 0 and isinstance(row, list | tuple) else row for row in answer]


def _have_a_batch(rows):
    """Whether every row begins with an axis for the batch, as Keras prints it: None, -1 or the same number."""
    sizes = [len(row) if isinstance(row, list | tuple) else 0 for row in rows] if isinstance(rows, list | tuple) else []
    return sizes == [3] * 6 + [2] * 3 and len({row[0] for row in rows}) == 1


def _is_pair(row):
    return isinstance(row, list | tuple) and len(row) == 2 and all(type(side) is int and side > 0 for side in row)


def _from_your_rows(rows, right, given):
    """Each row recomputed from the student's own row before it, and the same with pooling rounded up: two tables.

    A row without any right number carries nothing on. Whoever has rounded up once pays once: the first table rounds up
    from there on.
    """

    def carries(i):
        return _is_pair(rows[i]) and (rows[i][0] == right[i][0] or rows[i][1] == right[i][1])

    carried, upward, always_up = list(right), list(right), False
    for i in range(1, 6):
        if not carries(i - 1):
            continue
        length, channels = rows[i - 1]
        if i % 2:
            down, up = ((length // given["pool"], channels), (-(-length // given["pool"]), channels))
            carried[i], upward[i] = (up if always_up else down), up
            always_up = always_up or (_is_pair(rows[i]) and tuple(rows[i]) == up != down)
        else:
            carried[i] = upward[i] = (length - given["kernels"][i // 2] + 1, given["filters"][i // 2])
    if carries(5):
        carried[6] = upward[6] = math.prod(rows[5])
    return carried, upward


def _with_fractions(right, given):
    """The rows that nobody rounds, in two tables: up to the first with a fraction, and with all that follow from it."""
    rows, length = [], given["length"]
    for filters, k in zip(given["filters"], given["kernels"], strict=True):
        rows += [(length - k + 1, filters), ((length - k + 1) / given["pool"], filters)]
        length = rows[-1][0]
    rows += [length * given["filters"][-1], *given["dense"]]
    first = next((n for n, row in enumerate(rows) if row != right[n]), len(rows) - 1)
    return [*right[:first], rows[first], *right[first + 1 :]], rows


def _padded(given):
    """The rows that a network has whose convolutions keep the length."""
    rows, length = [], given["length"]
    for filters in given["filters"]:
        rows += [(length, filters), (length // given["pool"], filters)]
        length //= given["pool"]
    return [*rows, length * given["filters"][-1], *given["dense"]]


@points(4, part="q3a.shapes")
def test_shape_after_each_layer(submission, given):
    """Each of the nine rows follows from the one before it."""
    right = _rows(_layers(given), given)
    rows = _one_way(submission.conv1d_shapes(), right)
    assert not isinstance(rows, list | tuple) or len(rows) == len(right), ROWS
    assert not _have_a_batch(rows), BATCH
    complete = isinstance(rows, list) and len(rows) == len(right)
    carried, upward = _from_your_rows(rows if complete else right, right, given)
    padded = _padded(given)
    broken, unrounded = _with_fractions(right, given)

    if rows != close(padded):
        assert rows == close(
            right,
            each=True,
            carried=lambda: carried,
            mistakes=[
                (0, upward, ROUNDED_UP),
                (0, broken, NOT_DROPPED),
                (0.8, unrounded, NOT_DROPPED),
                (0, [*right[:2], right[0], right[3], right[2], *right[5:]], REPEATED),
                (0, [row[::-1] if isinstance(row, tuple) else row for row in right], MIXED),
            ],
        )
    else:
        assert rows == close(right, mistakes=[(0.4, padded, KEPT)])


@points(1, part="q3a.total")
def test_total(submission, given):
    """The total is the sum over all layers that learn."""

    def sum_of_your_table():
        counts = list(submission.conv1d_params().values())
        if not all(type(count) is int and count > 0 for count in counts):
            raise ValueError("a table with empty cells carries nothing")
        return sum(counts)

    right = sum(_table(_layers(given)).values())
    assert submission.conv1d_total() == close(right, carried=sum_of_your_table, carried_share=0.7)


def _drawn_layers(numbers):
    """Ten layers in two and ten in three dimensions: input, kernel, stride, padding, each a tuple."""
    for axes in [2, 3] * 10:
        kernel = numbers.integers(2, 6, axes)
        spare = numbers.integers(0, 7, axes)  # how much larger the input is than the kernel
        stride, padding = numbers.integers(1, 4, axes), numbers.integers(0, 3, axes)
        yield tuple(tuple(sides.tolist()) for sides in (kernel + spare, kernel, stride, padding))


@points(2.5, part="q3b")
def test_count_in_two_and_three_dimensions(submission, draw):
    """The counts agree with torch's layers, for kernels with unequal sides too."""
    numbers = draw("counts")
    cases = [(3, 16, (3, 3)), (3, 16, (3, 3, 3))]
    cases += [(*numbers.integers(2, 9, 2).tolist(), kernel) for _, kernel, _, _ in _drawn_layers(numbers)]

    for cin, cout, kernel in cases:
        layer = (torch.nn.Conv2d if len(kernel) == 2 else torch.nn.Conv3d)(cin, cout, kernel)
        cells = math.prod(kernel)
        flat = [(0.4, cout * cin * (cells // side) + cout, FLAT_KERNEL) for side in kernel if len(kernel) == 3]
        assert submission.conv_nd_params(cin, cout, kernel) == close(
            sum(p.numel() for p in layer.parameters()),
            mistakes=[
                *flat,
                (0.2, cout * cin * cells + cout * cells, BIAS_EVERYWHERE),
                (0.4, cout * cin * cells + cin, INPUTS),
            ],
        )


@points(2.5, part="q3b")
def test_shape_in_two_and_three_dimensions(submission, draw):
    """The sizes agree with torch's convolutions, axis by axis, for unequal strides and paddings too."""
    layers, right = list(_drawn_layers(draw("shapes"))), []
    for sizes, kernel, stride, padding in layers:
        convolve = torch.nn.functional.conv2d if len(kernel) == 2 else torch.nn.functional.conv3d
        x, w = torch.zeros(1, 1, *sizes), torch.zeros(1, 1, *kernel)
        right.append(list(convolve(x, w, stride=stride, padding=padding).shape[2:]))

    def every(one):
        return [[one(*axis) for axis in zip(*layer, strict=True)] for layer in layers]

    answers = [submission.conv_nd_shape(*layer) for layer in layers]
    lengths = [len(one) if hasattr(one, "__len__") else len(sides) for one, sides in zip(answers, right, strict=True)]
    assert lengths == [len(sides) for sides in right], AXES
    # all at once: one layer alone may fit a slip that was not made
    assert answers == close(
        right,
        mistakes=[
            (0.4, every(lambda n, k, s, p: -(-(n + 2 * p - k) // s) + 1), DROPPED),
            (0.4, every(lambda n, k, s, p: (n + 2 * p - k) / s + 1), DROPPED),
            (0.4, every(lambda n, k, s, p: (n + 2 * p - k) // s), ONE_MORE),
            (0.4, every(lambda n, k, s, p: (n + p - k) // s + 1), ONE_SIDE),
        ],
    )
