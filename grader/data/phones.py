"""The stand-in for the Mobile Price table: the same 20 columns and ranges, and a price that is linear in them."""

from __future__ import annotations

import numpy as np

from grader.data.raster import Rows

# Column: lowest, highest, number of different values, as in the real table; and what it weighs in the price.
COLUMNS = {
    "battery_power": (501, 1998, 1498, 0.5),
    "blue": (0, 1, 2, 0),
    "clock_speed": (0.5, 3.0, 26, 0.3),
    "dual_sim": (0, 1, 2, 0),
    "fc": (0, 19, 20, 0),
    "four_g": (0, 1, 2, 0),
    "int_memory": (2, 64, 63, 0.3),
    "m_dep": (0.1, 1.0, 10, 0),
    "mobile_wt": (80, 200, 121, 0),
    "n_cores": (1, 8, 8, 0.3),
    "pc": (0, 20, 21, 0),
    "px_height": (0, 1960, 1961, 0.25),
    "px_width": (500, 1998, 1499, 0.25),
    "ram": (256, 3998, 3743, 1.5),
    "sc_h": (5, 19, 15, 0),
    "sc_w": (0, 18, 19, 0),
    "talk_time": (2, 20, 19, 0),
    "three_g": (0, 1, 2, 0),
    "touch_screen": (0, 1, 2, 0),
    "wifi": (0, 1, 2, 0),
}


def phones(rng: np.random.Generator, n: int, *, noise: float) -> Rows:
    """`X: (n, 20) float32` in the order of COLUMNS, `y: (n,) int64`, the quarter from 0 to 3 that the price falls into.

    A column weighs in units of its own spread, so cores and clock count though their numbers are small: a network on
    raw columns learns badly, on standardised ones well. `noise` is a share of the price's spread.
    """
    table = {
        name: low + (high - low) * rng.integers(0, values, n) / (values - 1)
        for name, (low, high, values, _) in COLUMNS.items()
    }
    table["px_height"] = np.rint(table["px_height"] * table["px_width"] / 1998)  # no screen is higher than wide
    table["sc_w"] = np.rint(table["sc_w"] * table["sc_h"] / 19)
    table["fc"] = np.rint(table["fc"] * table["pc"] / 20)  # the front camera is the lesser one
    table["four_g"] = table["four_g"] * table["three_g"]
    X = np.stack([table[name] for name in COLUMNS], axis=1)
    price = (X - X.mean(0)) / np.maximum(X.std(0), 1e-9) @ np.array([weight for *_, weight in COLUMNS.values()])
    price = price / max(float(price.std()), 1e-9) + rng.normal(0, noise, n)  # 1e-9: a table of one row has no spread
    quarter = np.argsort(np.argsort(price)) * 4 // n
    return X.astype(np.float32), quarter.astype(np.int64)
