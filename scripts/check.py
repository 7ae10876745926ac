"""Look for damage: `python -m scripts.check [--data-dir ...]`, also while the server runs."""

import asyncio
import sys
from collections.abc import Sequence

from tqdm import tqdm

from config.bootstrap import Agora
from config.settings import Settings
from repositories.access.checking import AccessCheckingRepository
from repositories.accounts.checking import (
    DirectoryCheckingRepository,
    FamilyCheckingRepository,
)
from repositories.forum.checking import ForumCheckingRepository
from repositories.lms.checking import CourseCheckingRepository, ParticipationCheckingRepository
from repositories.lms.courses import CourseRepository
from repositories.lms.materials import MaterialRepository
from repositories.lms.requirement_tables import RequirementTableRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.lms.steps import StepRepository
from repositories.shop.checking import ListingCheckingRepository, OrderCheckingRepository
from repositories.sociox.checking import SubscriptionCheckingRepository
from repositories.storage import Storage, StorageRefused, check_file
from scripts import options
from services.access.checking import AccessCheck
from services.accounts.directory_checking import DirectoryCheck
from services.accounts.family_checking import FamilyCheck
from services.checking import Check
from services.forum.checking import ForumCheck
from services.lms.attempt_checking import AttemptCheck
from services.lms.course_checking import CourseCheck
from services.lms.outlines import Outlines
from services.lms.participation_checking import ParticipationCheck
from services.shop.listing_checking import ListingCheck
from services.shop.order_checking import OrderCheck
from services.sociox.subscription_checking import SubscriptionCheck


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
        problems = []
        with tqdm(unit="document", desc="check", disable=None) as progress:
            for each in _checks(agora.storage):
                problems += await each.find_problems(progress.update)
        return _report(problems)

    return options.run(check, settings)


def _checks(storage: Storage) -> Sequence[Check]:
    """Every subject's check."""
    transaction = storage.transaction
    return (
        ForumCheck(ForumCheckingRepository(storage), transaction),
        AccessCheck(AccessCheckingRepository(storage), transaction),
        DirectoryCheck(DirectoryCheckingRepository(storage), transaction),
        FamilyCheck(FamilyCheckingRepository(storage), transaction),
        OrderCheck(OrderCheckingRepository(storage), transaction),
        ListingCheck(ListingCheckingRepository(storage), transaction),
        SubscriptionCheck(SubscriptionCheckingRepository(storage), transaction),
        *_lms_checks(storage),
    )


def _lms_checks(storage: Storage) -> Sequence[Check]:
    transaction, participation = storage.transaction, ParticipationCheckingRepository(storage)
    courses = CourseRepository(storage)
    outlines = Outlines(
        courses,
        StepRepository(storage),
        MaterialRepository(storage),
        RequirementTableRepository(storage),
    )
    return (
        CourseCheck(CourseCheckingRepository(storage), transaction),
        AttemptCheck(participation, transaction),
        ParticipationCheck(
            participation, courses, StepProgressRepository(storage), outlines, transaction
        ),
    )


def _report(problems: Sequence[str]) -> int:
    for problem in problems:
        print(problem)
    if not problems:
        print("No problems were found.")
    return options.FAILED if problems else options.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
