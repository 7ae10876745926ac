"""Write all about one person to a zip file: `python -m scripts.export_user --email E OUT.zip`."""

import os
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from tqdm import tqdm

from config.bootstrap import Agora
from repositories.types import Document
from scripts import options
from scripts.exporting.plain_json import as_json
from services.accounts.exporting import AccountExport

PICTURES = "pictures"


def main(arguments: Sequence[str]) -> int:
    """Write everything that is kept about one person, as JSON, and their pictures.

    Passwords, tokens, codes and what messages said are not in it, nor what is others'.
    """
    parser = options.parser(main.__doc__ or "")
    parser.add_argument("out", type=Path, help="the zip file to make")
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--id", help="the account's id, 24 hex digits")
    who.add_argument("--email", help="the address it signs in with")
    who.add_argument("--phone", help="the phone number or name it signs in to the forum with")
    own, settings = options.parse(parser, arguments)

    async def run(agora: Agora) -> int:
        export = agora.services.accounts.export
        if own.id is not None:
            user = await export.get_by_id(own.id)
        elif own.email is not None:
            user = await export.get_by_email(own.email)
        else:
            user = await export.get_by_phone(own.phone)
        unfinished = own.out.with_name(f"{own.out.name}.unfinished-{os.getpid()}")
        try:
            with _archive(unfinished) as archive:
                counts = await write(export, user, archive)
            unfinished.rename(own.out)
        except OSError as problem:
            print(problem, file=sys.stderr)
            return options.UNUSABLE
        finally:
            unfinished.unlink(missing_ok=True)
        told = ", ".join(f"{count} {section}" for section, count in counts.items() if count)
        print(f"{own.out} has all about {user['_id']}: {told}.")
        return options.OK

    if own.out.exists():
        print(f"{own.out} is there already. Name a file that is not.", file=sys.stderr)
        return options.UNUSABLE
    return options.run(run, settings, needs_store=True)


@contextmanager
def _archive(path: Path) -> Iterator[ZipFile]:
    """A new zip file that nobody else on the machine may read."""
    with (
        open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file,
        ZipFile(file, "w", ZIP_DEFLATED) as archive,
    ):
        yield archive


async def write(export: AccountExport, user: Document, archive: ZipFile) -> dict[str, int]:
    """Write all about an account to a zip file, and answer how much is in each section."""
    counts = {}
    with tqdm(unit="document", desc="export", disable=None) as progress:
        for section, documents in export.sections(user):
            pictures: list[Document] = []
            counts[section] = await _write_section(archive, section, documents, pictures, progress)
            for picture in pictures:
                await _write_picture(export, archive, picture)
    return counts


async def _write_section(
    archive: ZipFile,
    section: str,
    documents: AsyncIterator[Document],
    pictures: list[Document],
    progress: tqdm,
) -> int:
    """Write `SECTION.json`, a list, and collect what is to be read of `pictures`."""
    count = 0
    with archive.open(f"{section}.json", "w") as file:
        file.write(b"[")
        async for document in documents:
            file.write(b",\n" if count else b"\n")
            file.write(as_json(document))
            if section == PICTURES:
                pictures.append({"_id": document["_id"], "filename": document["filename"]})
            count += 1
            progress.update()
        file.write(b"\n]\n")
    return count


async def _write_picture(export: AccountExport, archive: ZipFile, picture: Document) -> None:
    download = await export.find_picture(picture)
    if download is None:  # deleted a moment ago
        return
    # Pictures are compressed as they are.
    name = ZipInfo(f"{PICTURES}/{picture['filename']}")
    name.compress_type = ZIP_STORED
    with archive.open(name, "w") as file:
        while piece := await download.readchunk():
            file.write(piece)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
