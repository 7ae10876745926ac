"""What is left of a limit, in the headers that clients read it from.

draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4.
"""

from collections.abc import Iterable

from services.limits import Quota


def rate_limit_headers(quotas: Iterable[Quota]) -> dict[str, str]:
    """`RateLimit-Policy` with every limit, and `RateLimit` with what is left of each."""
    quotas = tuple(quotas)
    return {
        "RateLimit-Policy": ", ".join(map(_policy, quotas)),
        "RateLimit": ", ".join(map(_left, quotas)),
    }


def _policy(quota: Quota) -> str:
    limit = quota.limit
    return f'"{limit.name}";q={limit.count};w={int(limit.window.total_seconds())}'


def _left(quota: Quota) -> str:
    reset = "" if quota.reset_seconds is None else f";t={quota.reset_seconds}"
    return f'"{quota.limit.name}";r={quota.remaining}{reset}'
