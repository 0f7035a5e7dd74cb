"""What is made rather than kept: the script Vega out of vl-convert's package, the colours out of ``palette``."""

from functools import cache

from fastapi import APIRouter
from fastapi.responses import Response

from amur.web.palette import DARK, LIGHT

router = APIRouter(include_in_schema=False)
_KEEP = {"Cache-Control": "private, max-age=86400"}


@cache
def vega_bundle() -> bytes:
    """Vega, Vega-Lite and Vega-Embed as one JavaScript module, which exports ``vegaEmbed``."""
    import vl_convert  # noqa: PLC0415 (slow to import)

    bundle: str = vl_convert.javascript_bundle("export { vegaEmbed };")
    return bundle.encode()


@router.get("/assets/vega.js")
def vega() -> Response:
    """The script that draws charts."""
    return Response(vega_bundle(), media_type="text/javascript", headers=_KEEP)


@router.get("/assets/palette.css")
def palette() -> Response:
    """The colours of balances, as CSS variables, for light and dark."""
    light, dark = ("".join(f"--step-{at}:{colour};" for at, colour in enumerate(steps)) for steps in (LIGHT, DARK))
    rules = "".join(f".step-{at}{{fill:var(--step-{at})}}" for at in range(len(LIGHT)))
    text = f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}{rules}"
    return Response(text, media_type="text/css", headers=_KEEP)
