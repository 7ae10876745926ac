"""Outgoing HTTP: a client that trusts its peer with little."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from tornado.httpclient import HTTPRequest, HTTPResponse
from tornado.simple_httpclient import (
    HTTPStreamClosedError,
    HTTPTimeoutError,
    SimpleAsyncHTTPClient,
)

MAX_ANSWER_BYTES = 1 << 20


class HttpClient:
    """Calls other servers: no redirects, small answers, bounded time.

    Every call raises `OSError` (a `TimeoutError` too) when no answer came.
    It has a Tornado client of its own, because Tornado shares clients by default,
    and with them the limits of whoever made the first.
    """

    def __init__(self, *, connect_seconds: float = 5.0, request_seconds: float = 10.0):
        self._connect_seconds = connect_seconds
        self._request_seconds = request_seconds
        self._client = SimpleAsyncHTTPClient(force_instance=True, max_body_size=MAX_ANSWER_BYTES)

    async def post_json(self, url: str, body: Mapping[str, str], headers: Mapping[str, str]) -> int:
        """Post `body` and answer the status."""
        response = await self._fetch(
            url,
            method="POST",
            body=msgspec.json.encode(body),
            headers={"Content-Type": "application/json", **headers},
        )
        return response.code

    async def post_form(self, url: str, fields: Mapping[str, str]) -> tuple[int, bytes]:
        """Post a form and answer the status and the body."""
        response = await self._fetch(
            url,
            method="POST",
            body=urlencode(fields),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
        )
        return response.code, response.body

    async def get(self, url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """The status and the body of what is at `url`."""
        response = await self._fetch(url, headers=dict(headers))
        return response.code, response.body

    async def _fetch(self, url: str, **options: Any) -> HTTPResponse:
        request = HTTPRequest(
            url,
            connect_timeout=self._connect_seconds,
            request_timeout=self._request_seconds,
            follow_redirects=False,
            # A compressed answer could be far larger than it looks (CVE-2026-49855).
            decompress_response=False,
            **options,
        )
        try:
            return await self._client.fetch(request, raise_error=False)
        except HTTPTimeoutError as error:
            raise TimeoutError(str(error)) from error
        except HTTPStreamClosedError as error:
            raise ConnectionError(str(error)) from error

    def close(self) -> None:
        """Drop what is open; no request may follow."""
        self._client.close()
