"""Orders under `kill -9`: pieces are in the stock or sold, never both and never neither."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.bootstrap import bootstrap
from config.settings import Settings
from repositories.shop.products import ProductRepository
from repositories.storage import open_storage
from scripts.crash.connection import Connection, NoAnswer
from scripts.server_process import Process, start_server
from services.accounts.passwords import PasswordHasher
from tests.harness import SECRET
from tests.shop.shopping import ORDER, product_document

CLIENTS = 32
PIECES = 100
KILLED_AFTER = (15, 55)


@dataclass
class Customers:
    """Clients that buy one piece after the other, and remember what they were answered."""

    tokens: list[str]
    placed: list[str] = field(default_factory=list)
    refusals: list[Any] = field(default_factory=list)

    async def buy(self, server: Process, *, until: int | None = None) -> None:
        """Buy until nothing is left, or kill the server when so many orders were placed."""

        async def one(token: str) -> None:
            try:
                connection = await Connection.open(server.port, token)
            except NoAnswer:
                return
            try:
                while await self._order(connection):
                    if until is not None and len(self.placed) >= until:
                        server.kill()
            except NoAnswer:
                pass  # killed; nobody knows of the request in flight
            finally:
                await connection.close()

        await asyncio.gather(*(one(token) for token in self.tokens))

    async def _order(self, connection: Connection) -> bool:
        body = {"product_id": "prod-1", "quantity": 1}
        status, answer = await connection.call("POST", "/api/v1/cart/items", body)
        if status == 200:
            status, answer = await connection.call("POST", "/api/v1/orders", ORDER)
        if status == 201:
            self.placed.append(answer["data"]["id"])
            return True
        self.refusals.append((status, answer["error"]["code"]))
        return False


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


async def stock_and_orders(data_dir: Path) -> tuple[int, list[dict[str, Any]]]:
    """What is left, and every order that is kept."""
    storage = await open_storage("embedded", data_dir)
    try:
        product = await ProductRepository(storage).find("prod-1")
        assert product is not None
        return product["stock"], await storage["orders"].find({}).to_list(None)
    finally:
        await storage.close()


async def test_every_piece_is_in_the_stock_or_sold_whenever_the_server_is_killed(tmp_path: Path):
    data_dir, log = tmp_path / "data", tmp_path / "log"
    customers = Customers(await prepare(data_dir))
    for until in (*KILLED_AFTER, None):
        with start_server(data_dir, log, f"--jwt-secret={SECRET}") as server:
            server.wait_until_healthy()
            await customers.buy(server, until=until)
        stock, orders = await stock_and_orders(data_dir)
        assert stock + sum(item["quantity"] for each in orders for item in each["items"]) == PIECES
        assert set(customers.placed) <= {str(each["_id"]) for each in orders}
    assert stock == 0
    assert set(customers.refusals) == {(400, "out_of_stock")}
