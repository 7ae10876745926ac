"""The route of the audit log."""

from handlers.access import FULL_ADMINS
from handlers.sociox.audit import AuditEntryView, AuditLogHandler, AuditQuery
from handlers.sociox.base import served

ROUTES = (
    served(
        "GET",
        "/admin/audit-log",
        AuditLogHandler,
        FULL_ADMINS,
        answer=list[AuditEntryView],
        query=AuditQuery,
    ),
)
