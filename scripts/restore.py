"""Put a backup in the place of a store: `python -m scripts.restore SOURCE [--force]`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from config.bootstrap import SECRET_FILE
from repositories.embedded import CannotOpenStore
from repositories.embedded.copying import content_of, put_in_place, refuse_if_used, sync_file
from repositories.embedded.opening import FILE_NAME, sync_directory
from scripts import options
from scripts.backups import manifest
from scripts.backups.hashing import verified
from scripts.backups.manifest import BadBackup, Manifest


class _Refused(Exception):
    """The target is not to be written."""


def main(arguments: Sequence[str]) -> int:
    """Restore what scripts.backup made to the data directory; the server must not run.

    Every checksum is compared before anything is changed, and at every moment the old store or
    the new one is there, whole.
    """
    parser = options.parser(main.__doc__ or "")
    parser.epilog = (
        "Also takes the server's settings, such as --data-dir=... (python server.py --help), or "
        "their AGORA_ variables. Refused while the server runs."
    )
    parser.add_argument("source", type=Path, help="the directory that scripts.backup made")
    parser.add_argument("--force", action="store_true", help="replace the store that is there")
    parser.add_argument("--dry-run", action="store_true", help="verify and tell, change nothing")
    own, settings = options.parse(parser, arguments)
    if settings.storage != "embedded":
        print("Only embedded storage is restored by this script.", file=sys.stderr)
        return options.UNUSABLE
    try:
        found = manifest.read(own.source, store=FILE_NAME, others=(SECRET_FILE,))
        _refuse_unless_free(settings.data_dir, force=own.force)
        if own.dry_run:
            _verify(own.source, found)
        else:
            _restore(own.source, found, settings.data_dir)
    except BadBackup as problem:
        print(problem, file=sys.stderr)
        return options.FAILED
    except (_Refused, CannotOpenStore, OSError) as problem:
        print(problem, file=sys.stderr)
        return options.UNUSABLE
    print(_told(found, settings.data_dir, "would be" if own.dry_run else "are"))
    return options.OK


def _refuse_unless_free(data_dir: Path, *, force: bool) -> None:
    path = data_dir / FILE_NAME
    if not path.exists() or path.stat().st_size == 0:
        return
    if not force:
        raise _Refused(
            f"There is a store in {data_dir} already. Name another --data-dir, or replace it by "
            "--force, which loses what is in it."
        )
    refuse_if_used(data_dir)


def _verify(source: Path, found: Manifest) -> None:
    with _progress(found) as progress:
        for name in found.files:
            verified(source, name, found, progress.update)


def _restore(source: Path, found: Manifest, data_dir: Path) -> None:
    data_dir.mkdir(parents=True, exist_ok=True)
    unfinished = {name: data_dir / f"{name}.restoring-{os.getpid()}" for name in found.files}
    try:
        with _progress(found) as progress:
            for name, copy in unfinished.items():
                verified(source, name, found, progress.update, copy=copy)
        store = unfinished.pop(FILE_NAME)
        try:
            _compare(store, found)
            sync_file(store)
            put_in_place(store, data_dir)
        finally:
            store.unlink(missing_ok=True)
        # After the store, which is refused when a server was started meanwhile: that keeps its own.
        for name, copy in unfinished.items():
            copy.chmod(0o600)
            sync_file(copy)
            copy.replace(data_dir / name)
        sync_directory(data_dir)
    finally:
        for copy in unfinished.values():
            copy.unlink(missing_ok=True)


def _compare(store: Path, found: Manifest) -> None:
    content = content_of(store)
    if content.problems or content.documents != found.collections:
        problems = content.problems or ["It has other documents than its manifest says."]
        raise BadBackup(f"{problems[0]} Nothing was restored; use another backup.")


def _progress(found: Manifest) -> tqdm:
    total = sum(file.bytes for file in found.files.values())
    return tqdm(total=total, desc="verifying", unit="B", unit_scale=True, disable=None)


def _told(found: Manifest, data_dir: Path, verb: str) -> str:
    documents = sum(found.collections.values())
    secret = (
        "with the secret that signs tokens."
        if found.jwt_secret == "included"  # noqa: S105 - a word of the manifest
        else "without the secret that signs tokens: if that is not here either, one is made at "
        "start, and access tokens, codes and links in mails are void."
    )
    return (
        f"{documents:,} documents in {len(found.collections)} collections, as of "
        f"{found.began_at:%Y-%m-%d %H:%M:%S} UTC, {verb} in {data_dir}, {secret}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
