"""Hidden checks of Leaky ReLU: the formula as a function, drawn tables, and a count unit by unit."""

import numpy as np

from grader import close, hint, points, same

FLAT = hint("flat", "To the left of zero this is flat: that is ReLU, and there the leaky one still has a slope.")
UNMULTIPLIED = hint("unmultiplied", "The slope is there but multiplies nothing: a slope times x is a line.")
ONE_MEASURE = hint("one_measure", "Only one of the two differences is looked at: what if they contradict each other?")
LOW_LOSS = hint("low_loss", "A lower loss is the better one: a negative difference of losses speaks for ReLU.")
UNDECIDED = hint("undecided", "A difference of zero speaks for nobody, whatever the other one says.")
SWAPPED = hint("swapped", "The winners are exchanged: each difference is ReLU less Leaky ReLU.")
ZEROS = hint("zeros", "These are zeros among all outputs: a unit is dead only if it is silent for every row.")
SOMETIMES = hint("sometimes", "A unit that is silent for some rows is alive: it has to be silent for all of them.")
BIAS = hint("bias", "The bias is not in it: what reaches the function is X W + b.")
ZERO = hint("zero", "A pre-activation of exactly zero gives the output zero as well: it keeps nothing awake.")
NUMBER = hint("number", "This is how many units are dead: their share of all units was asked.")
ROWS = hint("rows", "Rows are counted here: go through the rows of each unit, and count units.")


@points(3, part="q5a")
def test_formula(submission):
    """The formula is Leaky ReLU for every x and every slope between 0 and 1."""
    assert submission.leaky_relu_expr() == same(
        "max(x, 0) + m*min(x, 0)",
        symbols={"x": "real", "m": "in(0,1)"},
        mistakes=[(0.3, "max(x, 0)", FLAT), (0.3, "max(x, m)", UNMULTIPLIED), (0.3, "max(x, 0) + m", UNMULTIPLIED)],
        without=["leaky_relu"],
    )


def _winner(accuracy, loss):
    """The word for one cell, by the signs of what speaks for ReLU."""
    return {2: "relu", -2: "lrelu"}.get(int(np.sign(accuracy) - np.sign(loss)), "tie")


def _by(differences, at_zero):
    """What somebody says who looks at one measure alone, in favour of ReLU where it is positive."""
    return ["relu" if d > 0 else "lrelu" if d < 0 else at_zero for d in differences]


@points(3, part="q5b")
def test_winners(submission, draw):
    """Every cell has its winner, in a printed table and in twenty drawn ones, contradictions and zeros among them."""
    numbers = draw("tables")
    tables = [[(0.2789, -0.9952), (-0.523, 0.503), (-0.0888, 0.3474), (-0.09, 2.1124)]]
    for _ in range(20):
        signs = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1]), axis=-1).reshape(9, 2)  # every case, and some twice
        cells = numbers.permutation(np.concatenate([signs, numbers.choice(signs, 3)])) * numbers.uniform(
            0.01, 2, (12, 2)
        )
        tables.append([tuple(cell) for cell in cells.tolist()])

    for diffs in tables:
        right = [_winner(*cell) for cell in diffs]
        accuracies, losses = zip(*diffs, strict=True)
        one_sided = [
            _by(measure, at_zero)
            for measure in (accuracies, np.negative(losses))
            for at_zero in ("tie", "lrelu", "relu")
        ]
        with_zeros = ["relu" if a >= 0 >= b else "lrelu" if a <= 0 <= b else "tie" for a, b in diffs]
        exchanged = [{"relu": "lrelu", "lrelu": "relu"}.get(word, word) for word in right]
        assert submission.winner_table(diffs) == close(
            right,
            mistakes=[
                *((0.6, words, ONE_MEASURE) for words in one_sided),
                (0, [_winner(accuracy, -loss) for accuracy, loss in diffs], LOW_LOSS),
                (0, exchanged, SWAPPED),
                (0.6, with_zeros, UNDECIDED),
            ],
        )


def _counted(X, W, b):
    """Dead units over all units, counted one after the other; and what other ways of counting give."""
    bare = [sum(X[:, i] * unit[i] for i in range(len(unit))) for unit in W.T]
    units = [z + c for z, c in zip(bare, b, strict=True)]
    right, sometimes = (sum(bool(silent(z <= 0)) for z in units) / len(units) for silent in (np.all, np.any))
    without, strictly = (np.mean([z.all() for z in dead]) for dead in ([z <= 0 for z in bare], [z < 0 for z in units]))
    zeros, rows = (np.mean(np.stack(units) <= 0), np.mean([all(z <= 0) for z in np.stack(units, axis=1)]))
    slips = [(0.4, zeros, ZEROS), (0, without, BIAS), (0, strictly, ZERO), (0, sometimes, SOMETIMES), (0, rows, ROWS)]
    slips.append((0, right * len(units), NUMBER))
    return right, slips


def _shares_agree(submission, layers):
    """Compare the shares of all layers (X, W, b) at once: in one alone two ways of counting may agree by chance."""
    rights, slips = zip(*(_counted(*layer) for layer in layers), strict=True)
    mistakes = [(ways[0][0], [wrong for _, wrong, _ in ways], ways[0][2]) for ways in zip(*slips, strict=True)]
    return [submission.dead_fraction(*layer) for layer in layers] == close(rights, atol=1e-6, mistakes=mistakes)


@points(3, part="q5c")
def test_dead_units(submission, draw):
    """The share agrees with a count unit by unit, from layers that are all alive to layers that are all dead."""
    numbers = draw("layers")
    layers = []
    sizes = [(1000, 20, 100)] * 4 + [(1, 3, 40), (30, 2, 1), (1, 1, 1), (7, 4, 50)]
    for (N, d, h), bias in zip(sizes, (0, -2, -5, -10, 0, 0, -0.5, -1), strict=True):
        X, W = numbers.normal(size=(N, d)), numbers.normal(scale=np.sqrt(2 / d), size=(d, h))  # He's weights
        b = np.full(h, float(bias)) + (0.3 * numbers.normal(size=h) if h == 50 else 0)
        layers.append((X, W, b))

    assert _shares_agree(submission, layers)


@points(1, part="q5c")
def test_exactly_zero(submission, draw):
    """A unit whose pre-activation is exactly zero for some rows and negative for the others is dead."""
    numbers, layers = draw("zeros"), []
    for _ in range(5):
        X = numbers.integers(0, 4, size=(6, 3)).astype(float)
        X[0] = 0
        W = numbers.integers(-3, 4, size=(3, 9)).astype(float)
        W[:, :2], W[:, 2:4], W[:, 4] = 0, -np.abs(W[:, 2:4]), 1
        b = np.array([0.0, 0, 0, 0, 0, 0, 0, -1, 1])
        layers.append((X, W, b))

    assert _shares_agree(submission, layers)
