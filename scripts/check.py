"""Look for damage: `python -m scripts.check [--data-dir ...]`, also while the server runs."""

import asyncio
import sys
from collections.abc import Sequence

from tqdm import tqdm

from config.bootstrap import Agora
from config.settings import Settings
from repositories.checking import CheckingRepository
from repositories.storage import StorageRefused, check_file
from scripts import options
from services.checking import CheckService


def main(arguments: Sequence[str]) -> int:
    """Check the store and what is in it; prints the problems, and exits with 1 if there are any."""
    parser = options.parser(main.__doc__ or "")
    _, settings = options.parse(parser, arguments)
    if settings.storage == "embedded":
        try:
            problems = asyncio.run(check_file(settings.data_dir))
        except StorageRefused as problem:
            print(problem, file=sys.stderr)
            return options.UNUSABLE
        if problems:
            # Of a damaged file, nothing that is read is worth a conclusion.
            return _report(problems)
    else:
        print("Only what the documents say is checked; the storage itself is MongoDB's.")
    return _check_documents(settings)


def _check_documents(settings: Settings) -> int:
    async def check(agora: Agora) -> int:
        service = CheckService(CheckingRepository(agora.storage), agora.storage.transaction)
        with tqdm(unit="document", desc="check", disable=None) as progress:
            problems = await service.find_problems(progress.update)
        return _report(problems)

    return options.run(check, settings)


def _report(problems: Sequence[str]) -> int:
    for problem in problems:
        print(problem)
    if not problems:
        print("No problems were found.")
    return options.FAILED if problems else options.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
