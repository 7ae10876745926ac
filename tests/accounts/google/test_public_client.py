"""A client id without a secret, as another provider than Google may give one (RFC 6749, 2.1)."""

from typing import Any

import pytest

from tests.google_provider import Provider, come_back
from tests.harness import Api


@pytest.fixture
def given_settings(provider: Provider) -> dict[str, Any]:
    """The provider takes the client without a secret."""
    provider.client_secret = ""
    return provider.settings


async def test_no_secret_is_sent_where_there_is_none(api: Api, provider: Provider):
    assert (await come_back(api, provider)).status == 200
    assert provider.exchanges == 1


async def test_the_start_tells_that_google_would_want_one(
    api: Api,
    caplog: pytest.LogCaptureFixture,
):
    told = [record.getMessage() for record in caplog.get_records("setup")]
    assert told == [
        "--google-client-id is given without --google-client-secret, "
        "which Google asks every server for"
    ]
