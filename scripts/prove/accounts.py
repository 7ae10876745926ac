"""Accounts of a proof, made and signed in over HTTP."""

from collections.abc import Sequence

from scripts.server_process import Process, ServerFailed

PASSWORD = "a password of a proof"  # noqa: S105 - of accounts that live for minutes


def make_accounts(server: Process, names: Sequence[str]) -> dict[str, str]:
    """Forum accounts, made where they are not there yet; an access token of each by its name.

    Raises ServerFailed.
    """
    for name in names:
        credentials = {"phone_number": name, "password": PASSWORD}
        status, content = server.call("POST", "/api/register/", credentials)
        if status not in (201, 401):  # 401: it is there
            raise ServerFailed(f"Registering was answered {status} {content!r}")
    return sign_in(server, names)


def sign_in(server: Process, names: Sequence[str]) -> dict[str, str]:
    """An access token of each account by its name; it serves for 15 minutes, restarts or not.

    Raises ServerFailed.
    """
    return {name: server.sign_in(name, PASSWORD) for name in names}
