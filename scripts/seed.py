"""Fill the store with the documents' own examples: `python -m scripts.seed [--scale N] ...`."""

import sys
from collections.abc import Sequence

from config.bootstrap import Agora
from repositories.seeding import SeedRepository
from scripts import options
from scripts.seeding import (
    forum,
    forum_scale,
    lms,
    lms_scale,
    plans,
    promotions,
    shop,
    shop_scale,
    users_scale,
)

_COUNTS = {
    "scale": "also N posts with N/2 replies and 2N likes, always the same ones",
    "products": "also N products, always the same ones",
    "users": "also N users, always the same ones",
    "courses": "also N courses of 100 steps with 20 materials each, which user1 takes",
    "participants": "also N others who take these courses, each with five exams; the last 200 "
    "of all are pending",
}


def main(arguments: Sequence[str]) -> int:
    """Add the examples that are missing; running it again changes nothing."""
    parser = options.parser(main.__doc__ or "")
    for name, shown in _COUNTS.items():
        parser.add_argument(f"--{name}", type=int, default=0, metavar="N", help=shown)
    own, settings = options.parse(parser, arguments)
    for name in _COUNTS:
        if getattr(own, name) < 0:
            parser.error(f"--{name} takes a number from 0")
    if own.participants and own.courses < lms_scale.EXAMS_EACH:
        parser.error(f"--participants needs --courses={lms_scale.EXAMS_EACH} or more")

    async def seed(agora: Agora) -> int:
        repository = SeedRepository(agora.storage)
        added = await forum.seed(repository, agora.storage, agora.hasher)
        added += await promotions.seed(repository)
        added += await plans.seed(repository, agora.storage)
        added += await shop.seed(repository, agora.storage)
        added += await lms.seed(repository, agora.storage)
        if own.scale:
            added += await forum_scale.seed(repository, own.scale)
        if own.products:
            added += await shop_scale.seed(agora.storage, own.products)
        if own.users:
            added += await users_scale.seed(repository, own.users)
        if own.courses:
            added += await lms_scale.seed(repository, own.courses, own.participants)
        print(f"{added} documents were added.")
        return options.OK

    return options.run(seed, settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
