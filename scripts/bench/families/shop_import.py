"""The import of a catalog beside a server that answers."""

import asyncio
import math
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from repositories.seeding import SeedRepository
from repositories.storage import open_storage
from scripts.bench.figures import Row, at_least, at_most
from scripts.bench.load import LoadFailed
from scripts.bench.one_client import Times, times_of
from scripts.bench.plan import Place, Plan
from scripts.seeding import shop_scale
from scripts.server_process import ROOT, Process, environment, start_server

_EVERY_SECONDS = 0.005


def import_rows(place: Place, plan: Plan) -> Iterator[Row]:
    """Rows a second, from the command's start to its end, and `/health` asked meanwhile."""
    data_dir, file = place.shop(0), place.directory / "catalog.csv"
    shop_scale.write_catalog_file(file, plan.products)
    asyncio.run(_seed_groups(data_dir))
    name = f"import of {plan.products:,} products beside the server"
    rate_bar, health_bar = at_least(5_000, "rows a second"), at_most(50, "ms")
    with start_server(data_dir, place.log) as server:
        server.wait_until_healthy()
        try:
            seconds, times = _import(server, data_dir, file)
        except LoadFailed as problem:
            yield Row(name, math.nan, f"failed: {problem}", bar=rate_bar)
            return
    rate = plan.products / seconds
    yield Row(name, rate, f"{rate:,.0f} rows a second, {seconds:.1f} s", bar=rate_bar)
    name = "p99 of `/health` meanwhile, one client"
    figure = f"{times}; {times.count():,} requests, one due each 5 ms"
    yield Row(name, times.percentile_ms(99), figure, bar=health_bar)


async def _seed_groups(data_dir: Path) -> None:
    storage = await open_storage("embedded", data_dir)
    try:
        await shop_scale.seed_groups(SeedRepository(storage))
    finally:
        await storage.close()


def _import(server: Process, data_dir: Path, file: Path) -> tuple[float, Times]:
    """The seconds that the import took, and the answers meanwhile. Raises LoadFailed."""
    command = [sys.executable, "-m", "scripts.import_catalog", str(file), f"--data-dir={data_dir}"]
    ended: list[float] = []

    def until_imported(running: subprocess.Popen[bytes]) -> Iterator[str]:
        while running.poll() is None:
            yield "/health"
        ended.append(time.perf_counter())

    began = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL
    ) as running:
        try:
            times = times_of(server, until_imported(running), every_seconds=_EVERY_SECONDS)
        except LoadFailed:
            running.kill()
            raise
    if running.returncode:
        raise LoadFailed(f"the import ended with {running.returncode}")
    return ended[0] - began, times
