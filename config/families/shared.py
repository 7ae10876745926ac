"""What the services of more than one family are made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from config.http_client import HttpClient
from config.settings import Settings
from repositories.accounts.users import UserRepository
from repositories.storage import Storage
from services.access.audit import AuditLog
from services.access.last_superadmin import LastSuperadminRule
from services.accounts.counting import AccountCounter
from services.accounts.erasure import Eraser
from services.accounts.exporting import Exporter
from services.accounts.passwords import PasswordHasher
from services.accounts.profile import Renamer
from services.accounts.tokens import CodeHasher, TokenSigner
from services.clock import Clock
from services.messaging.outbox import OutboxService
from services.pictures.pictures import PictureService


@dataclass(frozen=True)
class Shared:
    """Handed to each family's `join`."""

    settings: Settings
    storage: Storage
    http_client: HttpClient
    clock: Clock
    users: UserRepository
    hasher: PasswordHasher
    signer: TokenSigner
    code_hasher: CodeHasher
    pictures: PictureService
    outbox: OutboxService
    audit: AuditLog
    last_superadmin: LastSuperadminRule
    wake_housekeeping: Callable[[], None]


@dataclass(frozen=True)
class Crossing:
    """What a family hands over for what crosses them all: deleting, renaming, counting and
    exporting what accounts have."""

    erasers: Sequence[Eraser] = ()
    renamers: Sequence[Renamer] = ()
    counters: Sequence[AccountCounter] = ()
    exporters: Sequence[Exporter] = ()
