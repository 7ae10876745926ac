"""The one place that joins storage, repositories, services and workers."""

import logging
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from config import metrics
from config.clock import development_of
from config.families import access, accounts, console, forum, lms, shop, sociox
from config.families.shared import Crossing, Shared
from config.http_client import HttpClient
from config.settings import SettingError, Settings
from repositories.access.assignments import AssignmentRepository
from repositories.access.audit_entries import AuditEntryRepository
from repositories.access.permissions import PermissionRepository
from repositories.access.roles import RoleRepository
from repositories.accounts.users import UserRepository
from repositories.errors import is_unavailable
from repositories.indexes import ensure_indexes
from repositories.messaging.outbox import OutboxRepository
from repositories.pictures import PictureRepository
from repositories.storage import Storage, StorageRefused, open_storage
from services.access.audit import AuditLog
from services.access.defaults import ensure_defaults
from services.access.last_superadmin import LastSuperadminRule
from services.accounts.passwords import PasswordHasher
from services.accounts.tokens import CodeHasher, TokenSigner
from services.clock import Clock, system_clock
from services.health import HealthService
from services.housekeeping import Housekeeping
from services.messaging.attempts import AttemptRules
from services.messaging.delivery import Channel, Sender
from services.messaging.mail import MailSender, parse_mail_from, parse_smtp_url
from services.messaging.outbox import OutboxService
from services.messaging.sms import SmsSender
from services.messaging.worker import DeliveryWorker
from services.monitoring.traffic import Traffic
from services.pictures.images import ImageChecker
from services.pictures.pictures import PictureService
from services.services import Monitoring, Services

SECRET_FILE = "jwt-secret"  # noqa: S105 - the name of the file, not the secret
_log = logging.getLogger("agora.start")


@dataclass(frozen=True)
class Agora:
    """The running product without its HTTP: what a server, a script or a test works with."""

    storage: Storage
    services: Services
    worker: DeliveryWorker
    housekeeping: Housekeeping
    hasher: PasswordHasher
    images: ImageChecker
    http_client: HttpClient

    def start_workers(self) -> None:
        """Begin to deliver messages and to keep house."""
        self.worker.start()
        if self.services.monitoring.metrics is not None:
            self.services.monitoring.metrics.loop_lag.start()
        self.housekeeping.start()

    async def close(self) -> None:
        """Stop the workers, commit what is queued, let go of threads, sockets and files."""
        if self.services.monitoring.metrics is not None:
            self.services.monitoring.metrics.loop_lag.stop()
        await self.housekeeping.stop()
        await self.worker.stop()
        self.http_client.close()
        self.hasher.close()
        self.images.close()
        await self.storage.close()


async def bootstrap(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    storage: Storage | None = None,
    senders: Mapping[Channel, Sender] | None = None,
    delivery_rules: AttemptRules | None = None,
) -> Agora:
    """Join everything.

    Tests hand in a clock, a storage, senders and how soon those try again; otherwise the
    settings say which.
    Raises StorageRefused or SettingError.
    """
    if not settings.jwt_secret and settings.storage not in ("embedded", "memory"):
        raise SettingError(
            "--jwt-secret is required with MongoDB: every server process must have the same one. "
            "Make one with: python -c 'import secrets; print(secrets.token_hex(32))'"
        )
    http_client = HttpClient()
    opened: Storage | None = None
    try:
        if senders is None:
            senders = _senders(settings, http_client)
        if storage is None:
            storage = opened = await open_storage(
                settings.storage,
                settings.data_dir,
                allow_standalone=settings.allow_standalone,
                clock=clock,
            )
        await ensure_indexes(storage)
        await UserRepository(storage).ensure_listed()
        await ensure_defaults(RoleRepository(storage), PermissionRepository(storage))
        worker = DeliveryWorker(
            OutboxRepository(storage), senders, clock=clock, rules=delivery_rules
        )
        return _join(settings, storage, clock, senders, http_client, worker)
    except BaseException as problem:
        http_client.close()
        if opened is not None:
            await opened.close()
        if is_unavailable(problem):
            raise StorageRefused(str(problem)) from problem
        raise


def _join(
    settings: Settings,
    storage: Storage,
    clock: Clock,
    senders: Mapping[Channel, Sender],
    http_client: HttpClient,
    worker: DeliveryWorker,
) -> Agora:
    secret = settings.jwt_secret or _kept_secret(settings)
    hasher, images = PasswordHasher(cost=settings.bcrypt_cost), ImageChecker()
    users, housekeeping = UserRepository(storage), Housekeeping()
    shared = Shared(
        settings=settings,
        storage=storage,
        http_client=http_client,
        clock=clock,
        users=users,
        hasher=hasher,
        signer=TokenSigner(secret, clock),
        code_hasher=CodeHasher(secret),
        pictures=PictureService(
            PictureRepository(storage), users, images, storage.transaction, clock
        ),
        outbox=OutboxService(
            OutboxRepository(storage),
            clock=clock,
            wake=worker.wake,
            deliverable=senders.keys(),
            message_id_domain=urlsplit(settings.public_url).hostname or "localhost",
        ),
        audit=AuditLog(AuditEntryRepository(storage), clock),
        last_superadmin=LastSuperadminRule(AssignmentRepository(storage), RoleRepository(storage)),
        wake_housekeeping=housekeeping.wake,
    )
    forum_services, of_forum = forum.join(shared)
    lms_services, of_lms = lms.join(shared)
    shop_services, of_shop = shop.join(shared)
    # Pictures last: the posts that show them are gone by then.
    crossings = (
        of_forum,
        of_lms,
        of_shop,
        sociox.crossing(shared),
        Crossing(erasers=(shared.pictures,)),
    )
    account_services = accounts.join(shared, crossings)
    sociox_services = sociox.join(shared, account_services, crossings)
    traffic = Traffic(clock)
    housekeeping.take_on(
        {
            "erasures": account_services.erasure.go_on,
            "expire": storage.expire,
            "pictures": shared.pictures.delete_unused,
            "renewals": sociox_services.renewals.settle_due,
            "exams": lms_services.exam_closing.close_overdue,
        }
    )
    services = Services(
        accounts=account_services,
        access=access.join(shared),
        forum=forum_services,
        lms=lms_services,
        shop=shop_services,
        sociox=sociox_services,
        console=console.join(shared, traffic),
        pictures=shared.pictures,
        outbox=shared.outbox,
        health=HealthService(storage.ping),
        monitoring=Monitoring(traffic=traffic, metrics=metrics.join(shared, images)),
        development=development_of(settings, clock, on_move=housekeeping.wake),
    )
    return Agora(storage, services, worker, housekeeping, hasher, images, http_client)


def _senders(settings: Settings, http_client: HttpClient) -> dict[Channel, Sender]:
    senders: dict[Channel, Sender] = {}
    try:
        if settings.smtp_url:
            senders["mail"] = MailSender(
                parse_smtp_url(settings.smtp_url), parse_mail_from(settings.mail_from)
            )
    except ValueError as problem:
        raise SettingError(str(problem)) from None
    if settings.sms_url:
        senders["sms"] = SmsSender(settings.sms_url, http_client.post_json)
    return senders


def _kept_secret(settings: Settings) -> str:
    """The secret of this data directory, made at the first start."""
    if settings.storage == "memory":
        return secrets.token_hex(32)
    path = settings.data_dir / SECRET_FILE
    try:
        return _read_secret(path)
    except FileNotFoundError:
        _write_secret(path)
        _log.info("made a secret for access tokens: %s", path)
        return _read_secret(path)


def _read_secret(path: Path) -> str:
    secret = path.read_text(encoding="ascii", errors="replace").strip()
    # A file that lost its content in a crash is often as long as it was, and all zeros.
    if len(secret) < 32 or not (secret.isascii() and secret.isprintable()):
        raise SettingError(
            f"{path} is damaged. Delete it: another is made at start, and access tokens, codes and "
            "links in mails are void then."
        )
    return secret


def _write_secret(path: Path) -> None:
    """Write the whole file or none, and never over that of another process."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)
    except FileExistsError:
        _log.debug("another process made the secret first")
    finally:
        temporary.unlink()
