"""SHOP: products and pages of them, the search, the import, and the last pieces of a product."""

import math
from collections.abc import Iterator
from itertools import cycle, islice
from urllib.parse import unquote

from scripts.bench.cells import SMALL, Cell, Contents
from scripts.bench.comparison import Comparison
from scripts.bench.families.shop_import import import_rows
from scripts.bench.families.shop_sale import sale_rows
from scripts.bench.figures import Row, at_least, at_most
from scripts.bench.load import LoadFailed
from scripts.bench.one_client import times_of
from scripts.bench.plan import Place, Plan
from scripts.server_process import start_server

_PAGE = 20
_SEARCHES = 1_000
# As people search: a word that most products have, one that some have, a beginning, two and
# three words, a number that one product has, and something that there is not.
_KEYWORDS = ("and", "lamp", "wire", "quiet%20lamp", "bright%20steel%20desk", "1234", "absent")

CELLS = (
    Cell(
        "product by id",
        "/api/v1/catalog/products/scale-%d",
        at_least(0.7),
        at_least(0.8),
        about=SMALL,
    ),
    Cell(
        f"page of {_PAGE} with its count",
        f"/api/v1/catalog/products?page=%d&page_size={_PAGE}",
        at_least(0.45),
        at_least(0.55),
        page_size=_PAGE,
        about=SMALL,
        sizes_bar=at_least(0.8),
    ),
)


def shop_rows(place: Place, plan: Plan) -> Iterator[Row]:
    """The catalog under load, then what is measured otherwise."""
    large, small = contents(place, plan.products), contents(place, plan.products // 10)
    yield from Comparison(place, plan, large, small, CELLS).rows()
    yield search_row(place, large)
    yield from import_rows(place, plan)
    yield from sale_rows(place, plan)


def contents(place: Place, products: int) -> Contents:
    """A shop with so many products beside the examples; their ids end in numbers from 0."""
    return Contents(place.shop(products), products, "products", products - 1)


def search_row(place: Place, large: Contents) -> Row:
    """One client that searches the large catalog, each keyword as often as the others."""
    name, bar = f"keyword search at one client, {large}", at_most(3, "ms")
    paths = [f"/api/v1/catalog/products?keyword={keyword}" for keyword in _KEYWORDS]
    with start_server(large.data_dir, place.log) as server:
        server.wait_until_healthy()
        try:
            times = times_of(server, islice(cycle(paths), _SEARCHES))
        except LoadFailed as problem:
            return Row(name, math.nan, f"failed: {problem}", bar=bar)
    path, slowest_ms = max(times.medians_ms().items(), key=lambda one: one[1])
    keyword = unquote(path.partition("=")[2])
    figure = f"{times}; slowest `{keyword}`, median {slowest_ms:.2f} ms"
    return Row(name, times.median_ms(), figure, bar=bar)
