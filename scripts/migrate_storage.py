"""Copy everything to another storage: `python -m scripts.migrate_storage FROM TO [--resume]`."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tqdm import tqdm

from repositories.embedded import CannotOpenStore
from repositories.embedded.copying import refuse_if_used
from repositories.embedded.opening import FILE_NAME
from repositories.errors import is_unavailable
from repositories.migration import Migration
from repositories.storage import Storage, StorageRefused, open_storage
from scripts import options

_STORES = "the data directory of an embedded store, or mongodb://..."


def main(arguments: Sequence[str]) -> int:
    """Copy everything from one storage to another, and compare them by counts and checksums.

    Stop every server that uses either of them first. A copy that was cut off goes on with
    --resume.
    """
    parser = options.parser(main.__doc__ or "")
    parser.epilog = "Also takes --allow-standalone, for a MongoDB without a replica set."
    parser.add_argument("source", metavar="FROM", help=_STORES)
    parser.add_argument("target", metavar="TO", help=f"{_STORES}; it must be empty")
    parser.add_argument("--resume", action="store_true", help="go on with a copy that was cut off")
    parser.add_argument("--dry-run", action="store_true", help="tell what there is to copy")
    own, settings = options.parse(parser, arguments)
    try:
        _refuse_what_is_used(own.source, own.target)
        return asyncio.run(
            _migrate(
                own.source,
                own.target,
                resume=own.resume,
                dry_run=own.dry_run,
                allow_standalone=settings.allow_standalone,
            )
        )
    except Exception as problem:
        is_told = isinstance(problem, StorageRefused | CannotOpenStore | OSError)
        if not is_told and not is_unavailable(problem):
            raise
        print(problem, file=sys.stderr)
        return options.UNUSABLE


def _is_mongodb(place: str) -> bool:
    return place.startswith(("mongodb://", "mongodb+srv://"))


def _refuse_what_is_used(source: str, target: str) -> None:
    if not _is_mongodb(source) and not (Path(source) / FILE_NAME).exists():
        raise StorageRefused(f"There is no store in {source}. Name a server's --data-dir.")
    if _name(source) == _name(target):
        raise StorageRefused("FROM and TO are the same. Name two storages.")
    for place in (source, target):
        if not _is_mongodb(place):
            refuse_if_used(Path(place))


def _name(place: str) -> str:
    """A place without its password."""
    if not _is_mongodb(place):
        return str(Path(place).resolve())
    parts = urlsplit(place)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


async def _open(place: str, *, allow_standalone: bool) -> Storage:
    if _is_mongodb(place):
        return await open_storage(place, Path(), allow_standalone=allow_standalone)
    return await open_storage("embedded", Path(place))


async def _migrate(
    source: str, target: str, *, resume: bool, dry_run: bool, allow_standalone: bool
) -> int:
    opened = await _open(source, allow_standalone=allow_standalone)
    try:
        if dry_run and not _is_mongodb(target) and not (Path(target) / FILE_NAME).exists():
            # Nothing is made: a store that is not there is empty.
            return _tell_plan(await Migration(opened, opened).counts(), target)
        into = await _open(target, allow_standalone=allow_standalone)
        try:
            migration = Migration(opened, into)
            if await Migration(into, opened).find_mark() is not None:
                raise StorageRefused("FROM is half a copy itself. Finish that one first.")
            problem = await _why_not(migration, _name(source), resume=resume)
            if problem:
                print(problem, file=sys.stderr)
                return options.UNUSABLE
            if dry_run:
                return _tell_plan(await migration.counts(), target)
            return await _copy(migration, source, target)
        finally:
            await into.close()
    finally:
        await opened.close()


async def _why_not(migration: Migration, source: str, *, resume: bool) -> str:
    """What is in the way of copying to the target, or ''."""
    begun_from = await migration.find_mark()
    if begun_from is None:
        if await migration.has_anything():
            return "TO is not empty. Name an empty data directory or database."
        return "There is nothing to resume in TO. Leave --resume out." if resume else ""
    if begun_from != source:
        return f"TO has half a copy of {begun_from}. Resume that one, or name an empty TO."
    return "" if resume else "TO has half a copy of FROM. Go on with --resume."


async def _copy(migration: Migration, source: str, target: str) -> int:
    if await migration.find_mark() is None:
        await migration.mark(_name(source))
    try:
        return await _copy_and_compare(migration, target)
    except Exception as problem:
        if not is_unavailable(problem):
            raise
        print(f"{problem} What was copied stays: go on with --resume.", file=sys.stderr)
        return options.FAILED


async def _copy_and_compare(migration: Migration, target: str) -> int:
    counts = await migration.counts()
    with _progress("copying", sum(counts.values())) as progress:
        for collection in counts:
            await migration.copy(collection, progress.update)
    different = []
    with _progress("comparing", 2 * sum(counts.values())) as progress:
        for collection in counts:
            before, after = await migration.compared(collection, progress.update)
            print(f"{collection}: {after.count:,} documents, checksum {after.checksum[:16]}")
            if before != after:
                different.append(f"{collection} differs: FROM has {before}, TO has {after}.")
    if different:
        print("\n".join(different), file=sys.stderr)
        print("Something wrote to them meanwhile. Empty TO and copy anew.", file=sys.stderr)
        return options.FAILED
    # Last: MongoDB begins to delete what has expired as soon as it knows when that is.
    print("Making the indexes.", file=sys.stderr)
    try:
        await migration.make_indexes()
    except StorageRefused as problem:
        print(problem, file=sys.stderr)
        print("TO has every document, and is unfinished: go on with --resume.", file=sys.stderr)
        return options.FAILED
    await migration.finish()
    print(
        f"{sum(counts.values()):,} documents in {len(counts)} collections are in {_name(target)}, "
        "the same as in FROM. Start the servers on it with the --jwt-secret they had."
    )
    return options.OK


def _tell_plan(counts: dict[str, int], target: str) -> int:
    for collection, count in counts.items():
        print(f"{collection}: {count:,} documents")
    print(f"{sum(counts.values()):,} documents would be copied to {_name(target)}.")
    return options.OK


def _progress(what: str, total: int) -> tqdm:
    return tqdm(total=total, desc=what, unit="document", disable=None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
