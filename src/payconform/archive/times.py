"""Times as captured records and reports write them."""

from datetime import UTC, datetime


def iso(at: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
