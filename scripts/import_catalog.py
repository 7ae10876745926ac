"""Load products from a file: `python -m scripts.import_catalog FILE [--skip-bad] [--dry-run]`."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile

from tqdm import tqdm

from config.bootstrap import Agora
from scripts import options
from scripts.importing.accepted import AcceptedRows
from scripts.importing.rows import COLUMNS, FileRow, UnreadableFile, read_rows
from services.shop.product_import import Outcome, ProductImport, Row

_BATCH_ROWS = 1_000


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

    async def run(agora: Agora) -> int:
        service = agora.services.shop.catalog_editing.product_import
        with TemporaryFile() as file:
            accepted = AcceptedRows(file)
            try:
                found = await _check(own.file, service, accepted)
            except (UnreadableFile, OSError) as problem:
                print(problem, file=sys.stderr)
                return options.UNUSABLE
            if own.dry_run:
                print(_told(found, "would be"))
            elif found["bad"] and not own.skip_bad:
                print(f"Nothing was changed: {found['bad']} rows are bad.")
            else:
                found = Counter(bad=found["bad"]) + await _load(accepted, service)
                print(_told(found, "were"))
        return options.FAILED if found["bad"] else options.OK

    return options.run(run, settings, needs_store=own.dry_run)


async def _check(path: Path, service: ProductImport, accepted: AcceptedRows) -> Counter[str]:
    """Accept the rows that are not bad, count what they would come to, and say why others are."""
    found: Counter[str] = Counter()
    for batch in _batches(path):
        for row, outcome in _paired(batch, await service.preview(_readable(batch))):
            found[outcome.kind] += 1
            if outcome.kind == "bad":
                _tell(row.line, outcome)
            elif row.given is not None:
                accepted.add(row.line, row.given)
    return found


async def _load(accepted: AcceptedRows, service: ProductImport) -> Counter[str]:
    """Keep the accepted rows, and count what they came to."""
    found: Counter[str] = Counter()
    lines = iter(accepted.lines)
    with tqdm(total=len(accepted.lines), unit="row", desc="loading", disable=None) as progress:
        async for outcomes in service.load(accepted):
            found.update(outcome.kind for outcome in outcomes)
            progress.update(len(outcomes))
            for outcome, line in zip(outcomes, lines, strict=False):
                if outcome.kind == "bad":  # its category, say, was archived meanwhile
                    _tell(line, outcome)
    return found


def _tell(line: int, outcome: Outcome) -> None:
    tqdm.write(f"line {line}: {outcome.problem}", file=sys.stderr)


def _batches(path: Path) -> Iterator[list[FileRow]]:
    rows = read_rows(path)
    with tqdm(unit="row", desc="checking", disable=None) as progress:
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
