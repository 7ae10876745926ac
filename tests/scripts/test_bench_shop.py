"""What is measured of the shop beside its cells: search, import, and the last pieces."""

import asyncio
from dataclasses import replace
from itertools import repeat

import pytest

from repositories.storage import open_storage
from scripts.bench.families import shop, shop_sale
from scripts.bench.families.shop_import import import_rows
from scripts.bench.families.shop_sale import sale_rows
from scripts.bench.load import LoadFailed
from scripts.bench.one_client import Times, times_of
from scripts.bench.plan import QUICK, Place
from scripts.prove.sale import Sale
from scripts.server_process import start_server

PLAN = replace(QUICK, rounds=1, clients=4, products=40)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where each store is filled once; every test looks at what it puts there itself."""
    return Place(tmp_path_factory.mktemp("place"))


@pytest.fixture(scope="module")
def sold(place):
    """The rows of a sale of twelve pieces without a kill, and of one with."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shop_sale, "_PIECES", 12)
        patch.setattr(shop_sale, "_KILLED_AFTER", (4, 8))
        return list(sale_rows(place, PLAN))


def test_times_are_told_by_their_order():
    times = Times()
    for number in range(1, 101):
        times.add("/odd" if number % 2 else "/even", number / 1000)
    assert times.count() == 100
    assert times.median_ms() == pytest.approx(50.5)
    assert times.medians_ms() == pytest.approx({"/odd": 50, "/even": 51})
    assert times.percentile_ms(99) == pytest.approx(100)
    assert str(times) == "median 50.50 ms, p99 100.0 ms, longest 100.0 ms"


def test_one_client_asks_at_a_pace_and_takes_no_refusal_for_an_answer(tmp_path):
    with start_server(tmp_path / "data", tmp_path / "log", "--storage=memory") as server:
        server.wait_until_healthy()
        assert times_of(server, repeat("/health", 5), every_seconds=0.001).count() == 5
        with pytest.raises(LoadFailed, match="/nowhere was answered 404"):
            times_of(server, ["/health", "/nowhere"])
    with pytest.raises(LoadFailed, match="GET /health: "):
        times_of(server, ["/health"])


def test_every_keyword_is_searched_for_on_the_large_catalog(place, monkeypatch):
    monkeypatch.setattr(shop, "_SEARCHES", 2 * len(shop._KEYWORDS))
    row = shop.search_row(place, shop.contents(place, 40))
    assert (row.cell, str(row.bar)) == (
        "keyword search at one client, 40 products",
        "at most 3 ms",
    )
    assert row.value > 0
    monkeypatch.setattr(shop, "_KEYWORDS", ("x" * 201,))
    failed = shop.search_row(place, shop.contents(place, 40))
    assert failed.verdict == "missed"
    assert "was answered 400" in failed.figure


def test_an_import_is_timed_with_the_health_of_the_server_meanwhile(place):
    rate, health = import_rows(place, PLAN)
    assert (rate.cell, str(rate.bar)) == (
        "import of 40 products beside the server",
        "at least 5,000 rows a second",
    )
    assert (health.cell, str(health.bar)) == (
        "p99 of `/health` meanwhile, one client",
        "at most 50 ms",
    )
    assert rate.value > 0
    assert health.value > 0
    count = asyncio.run(_with_storage(place, _imported))
    assert count == 40


def test_the_last_pieces_are_sold_once_with_and_without_a_kill(sold):
    whole, killed = sold
    assert (whole.value, whole.figure, whole.verdict) == (
        0,
        "1 times: 0 wrong; 12 orders acknowledged, 4 refused with 400",
        "ok",
    )
    assert (killed.value, killed.verdict) == (0, "ok")


@pytest.mark.usefixtures("sold")
def test_a_piece_sold_twice_or_never_is_told(place):
    async def lose_an_order_and_find_a_piece(storage):
        order = await storage["orders"].find_one({"items.product_id": "sale-whole-0"})
        await storage["orders"].delete_one({"_id": order["_id"]})
        await storage["products"].update_one({"_id": "sale-killed-0"}, {"$inc": {"stock": 2}})
        lost = Sale("sale-whole-0", 12, placed=[str(order["_id"])], wrong=["500 {}"])
        found = Sale("sale-killed-0", 12)
        return [await sale.look(storage, is_over=True) for sale in (lost, found)], order["_id"]

    (lost, found), order_id = asyncio.run(_with_storage(place, lose_an_order_and_find_a_piece))
    assert (lost.lost, lost.oversold, lost.problems) == (
        1,
        0,
        [f"order {order_id} was acknowledged, and is lost", "0 left and 11 sold of 12", "500 {}"],
    )
    assert (found.lost, found.oversold, found.problems) == (
        0,
        2,
        ["2 left and 12 sold of 12", "2 left, and refused"],
    )


async def _with_storage(place, work):
    storage = await open_storage("embedded", place.shop(0))
    try:
        return await work(storage)
    finally:
        await storage.close()


async def _imported(storage):
    return len(await storage["products"].find({"sku": {"$regex": "^FILE-"}}).to_list(None))
