"""Orders under `kill -9`: pieces are in the stock or sold, never both and never neither."""

from pathlib import Path

from config.bootstrap import bootstrap
from config.settings import Settings
from repositories.shop.products import ProductRepository
from repositories.storage import open_storage
from scripts.prove.sale import Findings, Sale
from scripts.server_process import start_server
from services.accounts.passwords import PasswordHasher
from tests.harness import SECRET
from tests.shop.shopping import product_document

CLIENTS = 32
PIECES = 100
KILLED_AFTER = (15, 55)


async def prepare(data_dir: Path) -> list[str]:
    """A store with the last pieces of a product, and a token for each customer."""
    settings = Settings(data_dir=data_dir, jwt_secret=SECRET, bcrypt_cost=4)
    agora = await bootstrap(settings, senders={})
    hasher = PasswordHasher(cost=4)
    try:
        products = ProductRepository(agora.storage)
        async with agora.storage.transaction() as tx:
            await products.insert([product_document("prod-1", stock=PIECES)], tx=tx)
        password_hash = await hasher.hash("secret1")
        tokens = []
        for number in range(CLIENTS):
            accounts = agora.services.accounts
            user = await accounts.registration.insert_with_phone(f"c{number}", password_hash)
            tokens.append((await accounts.sessions.open(user["_id"])).access)
        return tokens
    finally:
        hasher.close()
        await agora.close()


async def look(data_dir: Path, sale: Sale, *, is_over: bool) -> Findings:
    """What is wrong with the stock and the orders that are kept."""
    storage = await open_storage("embedded", data_dir)
    try:
        return await sale.look(storage, is_over=is_over)
    finally:
        await storage.close()


async def test_every_piece_is_in_the_stock_or_sold_whenever_the_server_is_killed(tmp_path: Path):
    data_dir, log = tmp_path / "data", tmp_path / "log"
    tokens, sale = await prepare(data_dir), Sale("prod-1", PIECES)
    for kill_at in (*KILLED_AFTER, None):
        with start_server(data_dir, log, f"--jwt-secret={SECRET}") as server:
            server.wait_until_healthy()
            await sale.run([server], tokens, kill_at=kill_at)
        assert await look(data_dir, sale, is_over=kill_at is None) == Findings()
    assert sale.refused == CLIENTS
