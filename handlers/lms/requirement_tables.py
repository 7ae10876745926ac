"""Requirement tables: seen by everybody, kept by managers."""

from typing import Any

import msgspec

from handlers.bodies import Body, Int64
from handlers.lms.base import LmsHandler
from handlers.lms.requirement_views import TableSummaryView, TableView


class RequirementBody(Body, frozen=True, kw_only=True):
    """A row of a table."""

    serial_number: Int64
    activity: str
    target: int | float
    unit: str


class NewTable(Body, frozen=True, kw_only=True):
    """A requirement table to make."""

    name: str
    step_id: str
    requirements: list[RequirementBody]
    description: str = ""


class TableChanges(Body, frozen=True, kw_only=True):
    """What a table is to be; what is left out stays, rows are replaced as a whole."""

    name: str | None = None
    step_id: str | None = None
    requirements: list[RequirementBody] | None = None
    description: str | None = None


class TableHandlerBase(LmsHandler):
    """A route that takes or shows a requirement table."""

    def parse_table(self, body: type[Body]) -> dict[str, Any]:
        """The fields that the body gives, rows as plain objects."""
        given = self.parse_given(body)
        if "requirements" in given:
            given["requirements"] = msgspec.to_builtins(given["requirements"])
        return given


class TablesHandler(TableHandlerBase):
    """List the requirement tables, or make one."""

    has_etag = True

    async def get(self) -> None:
        """LMS "Get All Requirement Tables"."""
        tables = await self.services.lms.requirement_tables.every(self.text_query("step_id"))
        self.render([TableSummaryView.of(table) for table in tables])

    async def post(self) -> None:
        """LMS "Create Requirement Table"."""
        given = self.parse_table(NewTable)
        table = await self.services.lms.requirement_tables.create(given, actor=self.actor)
        self.render(TableView.of(table), status=201)


class TableHandler(TableHandlerBase):
    """See, change or delete a requirement table."""

    has_etag = True

    async def get(self, table_id: str) -> None:
        """LMS "Get Requirement Table by ID"."""
        self.render(TableView.of(await self.services.lms.requirement_tables.get(table_id)))

    async def put(self, table_id: str) -> None:
        """LMS "Update Requirement Table"."""
        given = self.parse_table(TableChanges)
        table = await self.services.lms.requirement_tables.update(table_id, given)
        self.render(TableView.of(table))

    async def delete(self, table_id: str) -> None:
        """LMS "Delete Requirement Table"."""
        await self.services.lms.requirement_tables.delete(table_id)
        self.render_nothing()
