"""Fill the store with the documents' own examples: `python -m scripts.seed [--scale N] ...`."""

import sys
from collections.abc import Sequence

from config.bootstrap import Agora
from repositories.seeding import SeedRepository
from scripts import options
from scripts.seeding import forum, forum_scale, plans, promotions, shop, shop_scale, users_scale


def main(arguments: Sequence[str]) -> int:
    """Add the examples that are missing; running it again changes nothing."""
    parser = options.parser(main.__doc__ or "")
    parser.add_argument(
        "--scale",
        type=int,
        default=0,
        metavar="N",
        help="also N posts with N/2 replies and 2N likes, always the same ones",
    )
    parser.add_argument(
        "--products",
        type=int,
        default=0,
        metavar="N",
        help="also N products, always the same ones",
    )
    parser.add_argument(
        "--users",
        type=int,
        default=0,
        metavar="N",
        help="also N users, always the same ones",
    )
    own, settings = options.parse(parser, arguments)
    if min(own.scale, own.products, own.users) < 0:
        parser.error("--scale, --products and --users take a number from 0")

    async def seed(agora: Agora) -> int:
        repository = SeedRepository(agora.storage)
        added = await forum.seed(repository, agora.storage, agora.hasher)
        added += await promotions.seed(repository)
        added += await plans.seed(repository, agora.storage)
        added += await shop.seed(repository, agora.storage)
        if own.scale:
            added += await forum_scale.seed(repository, own.scale)
        if own.products:
            added += await shop_scale.seed(agora.storage, own.products)
        if own.users:
            added += await users_scale.seed(repository, own.users)
        print(f"{added} documents were added.")
        return options.OK

    return options.run(seed, settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
