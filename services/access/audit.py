"""The audit log: who did what, on whom, when, and from where."""

from collections.abc import Iterable
from enum import StrEnum

from bson import ObjectId

from repositories.access.audit_entries import AuditEntryRepository
from repositories.types import Document, Tx
from services.access.actor import Actor
from services.clock import Clock


class AuditAction(StrEnum):
    """What an entry may tell of: the kind of thing, a dot, and what was done to it."""

    CREATE_ROLE = "role.create"
    UPDATE_ROLE = "role.update"
    DELETE_ROLE = "role.delete"
    GRANT_PERMISSION = "role.grant"
    REVOKE_PERMISSION = "role.revoke"
    CREATE_PERMISSION = "permission.create"
    UPDATE_PERMISSION = "permission.update"
    DELETE_PERMISSION = "permission.delete"
    CREATE_PRODUCT = "product.create"
    UPDATE_PRODUCT = "product.update"
    ARCHIVE_PRODUCT = "product.archive"
    CREATE_CATEGORY = "category.create"
    UPDATE_CATEGORY = "category.update"
    ARCHIVE_CATEGORY = "category.archive"
    CREATE_BRAND = "brand.create"
    UPDATE_BRAND = "brand.update"
    ARCHIVE_BRAND = "brand.archive"
    CREATE_PROMOTION = "promotion.create"
    UPDATE_PROMOTION = "promotion.update"
    ARCHIVE_PROMOTION = "promotion.archive"
    SET_ORDER_STATUS = "order.set_status"
    DELETE_POST = "post.delete"
    ASSIGN_ROLE = "user.assign_role"
    REMOVE_ROLE = "user.remove_role"
    CREATE_ADMIN = "admin.create"
    LIMIT_ADMIN = "admin.limit"
    DELETE_ADMIN = "admin.delete"
    DEACTIVATE_USER = "user.deactivate"
    REACTIVATE_USER = "user.reactivate"
    DELETE_USER = "user.delete"
    SEND_RESET_LINK = "user.send_reset_link"
    CREATE_SUBSCRIPTION = "subscription.create"
    UPDATE_SUBSCRIPTION = "subscription.update"
    CANCEL_SUBSCRIPTION = "subscription.cancel"
    CREATE_PLAN = "plan.create"
    UPDATE_PLAN = "plan.update"
    UPDATE_PLAN_FEATURES = "plan.update_features"
    SET_PLAN_STATUS = "plan.set_status"
    DELETE_PLAN = "plan.delete"
    GRADE_SUBMISSION = "submission.grade"
    APPROVE_SUBMISSION = "submission.approve"
    REJECT_SUBMISSION = "submission.reject"
    REQUEST_RETAKE = "submission.request_retake"
    APPROVE_REQUIREMENT_ROW = "requirement_submission.approve_row"
    REJECT_REQUIREMENT_ROW = "requirement_submission.reject_row"
    APPROVE_REQUIREMENT_TABLE = "requirement_submission.approve"
    RETRY_MESSAGE = "message.retry"


class AuditLog:
    """Written by the actions of staff that `AuditAction` names, in their own transaction."""

    def __init__(self, entries: AuditEntryRepository, clock: Clock):
        self._entries = entries
        self._clock = clock

    async def record(
        self,
        action: AuditAction,
        target_id: ObjectId | str,
        *,
        actor: Actor,
        tx: Tx,
        details: Document | None = None,
    ) -> None:
        """Keep that `actor` did `action`; `details` hold no secret and no personal data."""
        await self._entries.insert(
            {
                "_id": ObjectId(),
                "at": self._clock(),
                "actor_id": actor.id,
                "action": action.value,
                "target_kind": action.partition(".")[0],
                "target_id": str(target_id),
                "address": actor.address,
                "details": details or {},
            },
            tx=tx,
        )

    async def record_fields(
        self,
        action: AuditAction,
        target: Document,
        fields: Iterable[str],
        *,
        named_by: str,
        actor: Actor,
        tx: Tx,
    ) -> None:
        """Keep which fields of `target` were set, with the one that people know it by."""
        details = {named_by: target[named_by], "fields": sorted(fields)}
        await self.record(action, target["_id"], actor=actor, tx=tx, details=details)

    async def record_changes(
        self,
        action: AuditAction,
        before: Document,
        after: Document,
        fields: Iterable[str],
        *,
        named_by: str,
        actor: Actor,
        tx: Tx,
    ) -> None:
        """Keep which of `fields` are others `after` than `before`; nothing when none is."""
        changed = [name for name in fields if after[name] != before[name]]
        if changed:
            await self.record_fields(action, after, changed, named_by=named_by, actor=actor, tx=tx)
