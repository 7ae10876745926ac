"""Make an administrator's account: `python -m scripts.create_admin --email E --password P`."""

import sys
from collections.abc import Sequence

from config.bootstrap import Agora
from scripts import options


def main(arguments: Sequence[str]) -> int:
    """Make the account; the first administrator is a superadmin in any case."""
    parser = options.parser(main.__doc__ or "")
    parser.add_argument("--email", required=True, help="the address to sign in with")
    parser.add_argument("--password", required=True, help="6 to 72 bytes")
    parser.add_argument("--superadmin", action="store_true", help="may manage other admins")
    own, settings = options.parse(parser, arguments)

    async def create(agora: Agora) -> int:
        role = await agora.services.accounts.registration.as_administrator(
            own.email, own.password, is_superadmin=own.superadmin
        )
        print(f"{own.email} can sign in as {role}.")
        return options.OK

    return options.run(create, settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
