"""SMS by webhook: what is posted, what the answers mean."""

from collections.abc import Mapping
from typing import Protocol

from services.messaging.delivery import DeliveryFailed, DeliveryRefused, Message

# RFC 9110: 408 Request Timeout (section 15.5.9); RFC 6585: 429 Too Many Requests (section 4).
_WORTH_ANOTHER_TRY = frozenset({408, 429})


class PostJson(Protocol):
    """Posts JSON and answers the status; `OSError` (a `TimeoutError` too) when none came."""

    async def __call__(
        self, url: str, body: Mapping[str, str], headers: Mapping[str, str]
    ) -> int: ...


class SmsSender:
    """Sends each SMS as a POST of `{"to", "body"}`; any 2xx is delivery.

    The webhook can tell a repetition by `X-Message-ID`, also sent as
    `Idempotency-Key`.
    """

    def __init__(self, url: str, post_json: PostJson):
        self._url = url
        self._post_json = post_json

    async def send(self, message: Message) -> None:
        """Hand the SMS to the webhook; see `Sender`."""
        headers = {"X-Message-ID": message.message_id, "Idempotency-Key": message.message_id}
        try:
            status = await self._post_json(
                self._url, {"to": message.to, "body": message.body or ""}, headers
            )
        except OSError as error:
            reason = str(error) or type(error).__name__
            raise DeliveryFailed(f"the SMS webhook did not answer: {reason}") from error
        _raise_by_status(status)


def _raise_by_status(status: int) -> None:
    if 200 <= status <= 299:
        return
    reason = f"the SMS webhook answered {status}"
    if 400 <= status <= 499 and status not in _WORTH_ANOTHER_TRY:
        raise DeliveryRefused(reason)
    if 300 <= status <= 399:
        reason += "; redirects are not followed, set --sms-url to the final address"
    raise DeliveryFailed(reason)
