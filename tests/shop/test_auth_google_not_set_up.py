"""Sign-in by Google where nobody set it up (CONTRACT section 3)."""

import pytest

from tests.google_provider import callback
from tests.harness import Api
from tests.shop.test_auth import error


@pytest.mark.parametrize("path", ["/api/v1/auth/google", callback(code="x", state="y")])
async def test_without_a_client_id_it_is_503(api: Api, path: str):
    reply = await api.get(path)
    message = "Sign-in by Google is not set up here: it needs --google-client-id"
    assert (reply.status, reply.body) == (503, error("oauth_not_configured", message))
