"""Dates of articles: ISO 8601, of which the day and the month may be missing."""

from __future__ import annotations

import re
from datetime import date

_YEAR_OR_MONTH = re.compile(r"[0-9]{4}(?:-[0-9]{2})?")


def iso_date(said: str) -> str:
    """The year, month or day of an ISO 8601 date, as far as it goes and without the time; empty where it is none.

    >>> [iso_date(said) for said in ("2024", "2024-05", "2024-05-16", "2024-05-16T08:30Z", "20240516")]
    ['2024', '2024-05', '2024-05-16', '2024-05-16', '2024-05-16']
    >>> [iso_date(said) for said in ("2024-5", "2024-5-16", "2024-02-30", "2024/05/16", "16 May 2024", "")]
    ['', '', '', '', '', '']
    """
    coarse = _YEAR_OR_MONTH.fullmatch(said)
    day = f"{said}-01-01"[:10] if coarse else re.split("[T ]", said, maxsplit=1)[0]
    try:
        found = date.fromisoformat(day).isoformat()
    except ValueError:
        return ""
    return said if coarse else found
