"""Load products from a file: `python -m scripts.import_catalog FILE [--skip-bad] [--dry-run]`."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from config.bootstrap import Agora
from repositories.errors import WriteConflict
from scripts import options
from scripts.importing.rows import COLUMNS, FileRow, UnreadableFile, read_rows
from services.shop.product_import import Outcome, ProductImport, Row

_BATCH_ROWS = 500
# Between batches, for the server's writes to have their turn at a file of both.
_PAUSE_SECONDS = 0.005
_RETRIES = 8


def main(arguments: Sequence[str]) -> int:
    """Load products from a CSV or JSON Lines file.

    A product whose SKU is known is changed, others are made. Every row is checked first,
    and when any is bad nothing is changed. An import that was interrupted leaves what it
    had done, whole products only; running it again does the rest.
    """
    parser = options.parser(main.__doc__ or "")
    parser.add_argument(
        "file",
        type=Path,
        help=f"NAME.csv with any of the columns {', '.join(COLUMNS)}, or NAME.jsonl with "
        "objects as POST /api/v1/admin/catalog/products takes them",
    )
    parser.add_argument("--skip-bad", action="store_true", help="leave bad rows out, load others")
    parser.add_argument("--dry-run", action="store_true", help="check and tell, change nothing")
    own, settings = options.parse(parser, arguments)

    async def load(agora: Agora) -> int:
        service = agora.services.shop.catalog_editing.product_import
        try:
            found = await _check(own.file, service)
            if not own.dry_run and (own.skip_bad or not found["bad"]):
                found = await _load(own.file, service)
                print(_told(found, "were"))
            elif own.dry_run:
                print(_told(found, "would be"))
            else:
                print(f"Nothing was changed: {found['bad']} rows are bad.")
        except (UnreadableFile, OSError) as problem:
            print(problem, file=sys.stderr)
            return options.UNUSABLE
        return options.FAILED if found["bad"] else options.OK

    return options.run(load, settings)


async def _check(path: Path, service: ProductImport) -> Counter[str]:
    """Count what the rows would come to, and say of each bad one why it is."""
    found: Counter[str] = Counter()
    for batch in _batches(path, "checking"):
        for row, outcome in _paired(batch, await service.preview(_readable(batch))):
            found[outcome.kind] += 1
            if outcome.kind == "bad":
                tqdm.write(f"line {row.line}: {outcome.problem}", file=sys.stderr)
    return found


async def _load(path: Path, service: ProductImport) -> Counter[str]:
    """Keep the rows that are not bad, and count what they came to."""
    found: Counter[str] = Counter()
    for batch in _batches(path, "loading"):
        outcomes = await _keep(_readable(batch), service)
        found.update(outcome.kind for _, outcome in _paired(batch, outcomes))
        await asyncio.sleep(_PAUSE_SECONDS)
    return found


async def _keep(rows: list[Row], service: ProductImport) -> list[Outcome]:
    for attempt in range(_RETRIES):
        try:
            return await service.keep(rows)
        except WriteConflict:
            await asyncio.sleep(_PAUSE_SECONDS * 2**attempt)
    return await service.keep(rows)


def _batches(path: Path, name: str) -> Iterator[list[FileRow]]:
    rows = read_rows(path)
    with tqdm(unit="row", desc=name) as progress:
        while batch := list(islice(rows, _BATCH_ROWS)):
            yield batch
            progress.update(len(batch))


def _readable(batch: list[FileRow]) -> list[Row]:
    return [row.given for row in batch if row.given is not None]


def _paired(batch: list[FileRow], outcomes: list[Outcome]) -> list[tuple[FileRow, Outcome]]:
    """Each row with what it comes to; those that could not be read are bad."""
    rest = iter(outcomes)
    return [
        (row, Outcome("bad", row.problem) if row.given is None else next(rest)) for row in batch
    ]


def _told(found: Counter[str], verb: str) -> str:
    return (
        f"{found['new']} products {verb} added, {found['changed']} {verb} changed, "
        f"{found['same']} are as they were, {found['bad']} rows are bad."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
