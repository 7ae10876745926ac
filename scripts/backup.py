"""Copy the whole store as it is at one moment: `python -m scripts.backup TARGET`."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from config.bootstrap import SECRET_FILE
from config.settings import Settings
from repositories.embedded import CannotOpenStore
from repositories.embedded.copying import content_of, copy_moment, sync_file
from repositories.embedded.opening import FILE_NAME, sync_directory
from scripts import options
from scripts.backups import manifest
from scripts.backups.hashing import hashed
from scripts.backups.manifest import Manifest, Secret


def main(arguments: Sequence[str]) -> int:
    """Back up the embedded store to a new directory, while the server runs.

    All that was acknowledged before the start is in it, and nothing half. What was cut off has
    no manifest.json and is refused by scripts.restore.
    """
    parser = options.parser(main.__doc__ or "")
    parser.add_argument("target", type=Path, help="the directory to make")
    parser.add_argument(
        "--with-secret",
        action="store_true",
        help="include the secret that signs access tokens: who has the backup can then sign in as "
        "anybody; without it, restoring voids access tokens, codes and links in mails",
    )
    own, settings = options.parse(parser, arguments)
    problem = _why_not(settings, own.target)
    if problem:
        print(problem, file=sys.stderr)
        return options.UNUSABLE
    unfinished = _unfinished(own.target)
    try:
        unfinished.mkdir(mode=0o700, parents=True)
    except OSError as problem_met:
        print(problem_met, file=sys.stderr)
        return options.UNUSABLE
    try:
        made = _back_up(settings.data_dir, unfinished, with_secret=own.with_secret)
        if isinstance(made, str):
            print(made, file=sys.stderr)
            return options.FAILED
        unfinished.rename(own.target)
        sync_directory(own.target.parent)
    except (CannotOpenStore, OSError) as problem_met:
        print(problem_met, file=sys.stderr)
        return options.UNUSABLE
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    print(_told(made, own.target))
    return options.OK


def _why_not(settings: Settings, target: Path) -> str:
    if settings.storage != "embedded":
        return (
            "Only embedded storage is backed up by this script. Back MongoDB up by its own tools: "
            "mongodump --oplog takes one moment."
        )
    if target.exists():
        return f"{target} is there already. Name a directory that is not; one for each backup."
    unfinished = _unfinished(target)
    if unfinished.exists():
        return (
            f"{unfinished} is there: another backup is being made to it, or was cut off. Delete it "
            "if none is."
        )
    return ""


def _unfinished(target: Path) -> Path:
    """Where a backup is made, beside its place; it is moved there whole."""
    return target.with_name(f"{target.name}.unfinished")


def _back_up(data_dir: Path, directory: Path, *, with_secret: bool) -> Manifest | str:
    """Fill `directory`; answers what is in it, or what is wrong with the store."""
    began_at = manifest.now()
    copy = directory / FILE_NAME
    with tqdm(desc="copying", unit="B", unit_scale=True, disable=None) as progress:

        def show(copied: int, total: int) -> None:
            progress.total = total
            progress.update(copied - progress.n)

        copy_moment(data_dir, copy, show)
    content = content_of(copy)
    if content.problems:
        return "\n".join((*content.problems, "The store is damaged; nothing was backed up."))
    secret = _copy_secret(data_dir, directory, with_secret=with_secret)
    with tqdm(desc="checksums", unit="B", unit_scale=True, disable=None) as progress:
        files = {each.name: hashed(each, progress.update) for each in sorted(directory.iterdir())}
    made = Manifest(
        began_at=began_at, files=files, collections=content.documents, jwt_secret=secret
    )
    manifest.write(made, directory)
    for each in directory.iterdir():
        sync_file(each)
    sync_directory(directory)
    return made


def _copy_secret(data_dir: Path, directory: Path, *, with_secret: bool) -> Secret:
    secret = data_dir / SECRET_FILE
    if not secret.exists():
        return "none"
    if not with_secret:
        return "left out"
    copy = directory / SECRET_FILE
    copy.touch(mode=0o600)
    copy.write_bytes(secret.read_bytes())
    return "included"


def _told(made: Manifest, target: Path) -> str:
    documents = sum(made.collections.values())
    size = sum(file.bytes for file in made.files.values())
    secrets = {
        "included": "The secret that signs tokens is in it: keep it as safe as the passwords.",
        "left out": "The secret that signs tokens was left out (--with-secret includes it).",
        "none": "There is no secret in the data directory, so none is in it.",
    }
    return (
        f"{documents:,} documents in {len(made.collections)} collections, {size:,} bytes, are in "
        f"{target}. {secrets[made.jwt_secret]}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
