"""Colours of balances: orange for friction, blue for convergence, so that colour blindness does not confuse them.

In print without colour both ends are dark; the sign that stands with every balance tells them apart there.
"""

LIGHT = ("#8f2d0c", "#b9501c", "#d98048", "#efbf97", "#e3ded4", "#b3cde2", "#74a3cb", "#3b75ab", "#164a7c")
"""From -1 to +1 in steps of a quarter, on white."""

DARK = ("#ff9a66", "#e27d49", "#b45f35", "#7c4a33", "#4a4845", "#3a5673", "#4777a5", "#6aa0d4", "#97c8f7")
"""As ``LIGHT``, on black."""


def as_css() -> str:
    """The colours as variables, for light and, on screens, for dark, and the classes ``step-0`` to ``step-8``."""
    light, dark = ("".join(f"--step-{at}:{colour};" for at, colour in enumerate(steps)) for steps in (LIGHT, DARK))
    rules = "".join(f".step-{at}{{fill:var(--step-{at})}}" for at in range(len(LIGHT)))
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}{rules}"


def step(balance: float) -> int:
    """Which colour a balance has.

    >>> [step(balance) for balance in (-1, -0.2, 0, 0.1, 0.13, 1)]
    [0, 3, 4, 4, 5, 8]
    """
    return round((balance + 1) * 4)
