"""The templates, and how they write numbers."""

import math
from urllib.parse import urlencode

from fastapi.templating import Jinja2Templates
from jinja2 import Environment, PackageLoader, StrictUndefined

from amur import __version__

MINUS = "\N{MINUS SIGN}"
STANCE_SIGNS = {"convergence": "▲", "friction": "▼", "mixed": "◆", "neutral": "·"}


def signed(number: float | None, digits: int = 2) -> str:
    """A balance as it is read.

    >>> signed(-0.256), signed(-0.001), signed(0.9, 1), signed(None)
    ('−0.26', '+0.00', '+0.9', 'too few')
    """
    if number is None or math.isnan(number):
        return "too few"
    return f"{number:+z.{digits}f}".replace("-", MINUS)


def link(path: str, **values: object) -> str:
    """An address with a query; empty values are left out.

    >>> link("/theme", theme="trade", since="", source=("A & B", "C"))
    '/theme?theme=trade&source=A+%26+B&source=C'
    """
    query = urlencode({key: value for key, value in values.items() if value}, doseq=True)
    return f"{path}?{query}" if query else path


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("amur.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["signed"] = signed
    environment.filters["number"] = "{:,}".format
    environment.globals.update(link=link, stance_signs=STANCE_SIGNS, version=__version__)
    return environment


templates = Jinja2Templates(env=_environment())
