"""Put the store in order: `python -m scripts.maintenance [--retry-dead] [--dry-run]`."""

import sys
from collections.abc import Sequence

from tqdm import tqdm

from config.bootstrap import Agora
from repositories.expiry import ExpiryRepository
from repositories.forum.checking import ForumCheckingRepository
from repositories.forum.posts import PostRepository
from repositories.messaging.outbox import OutboxRepository
from repositories.picture_chunks import PictureChunkRepository
from repositories.shop.checking import OrderCheckingRepository
from repositories.shop.promotions import PromotionRepository
from scripts import options
from services.clock import system_clock
from services.forum.checking import ForumCheck
from services.forum.upkeep import ForumUpkeep
from services.messaging.upkeep import DeadLetterUpkeep
from services.shop.order_checking import OrderCheck
from services.shop.upkeep import PromotionUpkeep
from services.upkeep import Upkeep
from services.upkeep.expired import ExpiredUpkeep
from services.upkeep.pictures import PictureUpkeep


def main(arguments: Sequence[str]) -> int:
    """Delete what has expired and what nothing shows, and count anew what is counted.

    What it does not put right, scripts.check tells.
    """
    parser = options.parser(main.__doc__ or "")
    parser.add_argument(
        "--retry-dead", action="store_true", help="also try again to send what was given up"
    )
    parser.add_argument("--dry-run", action="store_true", help="tell what is to do, and do nothing")
    own, settings = options.parse(parser, arguments)

    async def maintain(agora: Agora) -> int:
        parts = _parts(agora)
        if own.retry_dead:
            parts.append(DeadLetterUpkeep(OutboxRepository(agora.storage), system_clock))
        outcomes = []
        with tqdm(unit="document", desc="maintenance", disable=None) as progress:
            for part in parts:
                outcomes += await part.run(progress.update, dry_run=own.dry_run)
        told = [each.told(dry_run=own.dry_run) for each in outcomes if each.count]
        print("\n".join(told or ["Everything is in order."]))
        return options.OK

    return options.run(maintain, settings, needs_store=True)


def _parts(agora: Agora) -> list[Upkeep]:
    storage, pictures = agora.storage, agora.services.pictures
    transaction = storage.transaction
    forum, orders = ForumCheckingRepository(storage), OrderCheckingRepository(storage)
    return [
        ExpiredUpkeep(ExpiryRepository(storage), system_clock),
        ForumUpkeep(
            ForumCheck(forum, transaction), forum, PostRepository(storage), pictures, transaction
        ),
        PictureUpkeep(pictures, PictureChunkRepository(storage), transaction, system_clock),
        PromotionUpkeep(
            OrderCheck(orders, transaction), orders, PromotionRepository(storage), transaction
        ),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
