"""SOCIOX: the list of users, and the search in it, among few users and among many."""

import math
from collections.abc import Iterator, Sequence
from itertools import cycle, islice

from scripts.bench.figures import Row, at_most
from scripts.bench.load import LoadFailed
from scripts.bench.one_client import Times, times_of
from scripts.bench.plan import Place, Plan, run_module
from scripts.server_process import start_server

_TIMES_MORE = 100
_REQUESTS = 1_000
_ROUNDS = 5
_ADMIN, _PASSWORD = "bench@example.com", "a password for measuring"
_LIST = "/api/v1/admin/users?page_size=20"
# All users; a first name, which a tenth has; the beginning of two of them.
_PATHS = (_LIST, f"{_LIST}&search=ada.", f"{_LIST}&search=d")


def sociox_rows(place: Place, plan: Plan) -> Iterator[Row]:
    """What a page of users takes, with a hundredth of the users and with all."""
    few, many = plan.users // _TIMES_MORE, plan.users
    name = f"page of 20 users, {many:,} against {few:,}"
    bar = at_most(1.5)
    try:
        times = _times(place, (few, many))
    except LoadFailed as problem:
        yield Row(name, math.nan, f"failed: {problem}", bar=bar)
        return
    for path in _PATHS:
        before, after = (each.medians_ms()[path] for each in times)
        query = path.partition("page_size=20")[2].removeprefix("&")
        figure = f"median {after:.2f} ms with {many:,}, {before:.2f} ms with {few:,}"
        yield Row(f"{name}, {query or 'no search'}", after / before, figure, bar=bar)


def _times(place: Place, sizes: Sequence[int]) -> list[Times]:
    """What the paths take at each size; in rounds, so that a busy moment meets both."""
    stores = [place.users(size) for size in sizes]
    for store in stores:
        run_module(
            "scripts.create_admin",
            f"--email={_ADMIN}",
            f"--password={_PASSWORD}",
            f"--data-dir={store}",
        )
    every = [Times() for _ in sizes]
    for _ in range(_ROUNDS):
        for store, times in zip(stores, every, strict=True):
            with start_server(store, place.log) as server:
                server.wait_until_healthy()
                token = server.sign_in_by_email(_ADMIN, _PASSWORD)
                paths = islice(cycle(_PATHS), _REQUESTS)
                times.merge(times_of(server, paths, token=token))
    return every
