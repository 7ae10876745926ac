"""What tests over the whole route table need to know of the families."""

import re
from typing import Any

from handlers.forum import routes as forum
from handlers.lms import routes as lms
from handlers.routing import PUBLIC, SIGNED_IN, Route
from tests.factories import change_user
from tests.harness import Api, Reply

_FORUM_PATHS = {route.path for route in forum.ROUTES}
_LMS_PATHS = {route.path for route in lms.ROUTES}
# Pages of the links in mails: for people, so what goes wrong is HTML too.
PAGES = {"/verify-email", "/reset-password", "/confirm-delete"}


def filled(path: str) -> str:
    """A path with something in the place of each parameter."""
    return re.sub(r"\{[a-z_]+\}", "1", path.replace("{picture_index}", "0"))


def envelope(path: str, code: str, message: str) -> dict[str, Any]:
    """An error in the envelope of the path's family."""
    if path in _FORUM_PATHS:
        return {"error": message}
    if path in _LMS_PATHS:
        return {"detail": message}
    return {"error": {"code": code, "message": message}}


def message_of(path: str, reply: Reply) -> str:
    """What an error says, once its envelope is the family's."""
    if path in _LMS_PATHS:
        assert reply.body.keys() == {"detail"}, reply.body
        return str(reply.body["detail"])
    error = reply.body["error"]
    if path in _FORUM_PATHS:
        assert isinstance(error, str), reply.body
        return error
    assert error.keys() == {"code", "message"}, reply.body
    return str(error["message"])


async def token_for(api: Api, route: Route) -> str:
    """The token of somebody who may call the route; each signs in once a server."""
    needed = "user" if route.access in (PUBLIC, SIGNED_IN) else "superadmin"
    if needed not in api.tokens:
        number = {"user": "13800138000", "superadmin": "13800138001"}[needed]
        api.tokens[needed] = await api.sign_in(number)
        await change_user(api, f"+{number}", roles=sorted({"user", needed}))
    return api.tokens[needed]
