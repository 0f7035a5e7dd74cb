"""What is made rather than kept: the script Vega out of vl-convert's package, the colours out of ``palette``."""

from functools import cache

from fastapi import APIRouter
from fastapi.responses import Response

from amur.web.palette import as_css

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
    return Response(as_css(), media_type="text/css", headers=_KEEP)
