"""What LMS's handlers share: its envelope, its way with null, and its query values."""

from collections.abc import Sequence
from typing import Any, ClassVar

from handlers.base import Answer, BaseHandler
from handlers.bodies import Body
from services.errors import DomainError
from services.lms.errors import InvalidField
from services.lms.participants import check_manager, check_participant

_BOOLEANS = {"true": True, "false": False}


class LmsError(Answer, frozen=True, kw_only=True):
    """LMS's envelope of an error."""

    detail: str


class LmsHandler(BaseHandler):
    """A route of LMS: errors are `{"detail": "..."}`."""

    error_answers: ClassVar[tuple[type[Answer], ...]] = (LmsError,)

    async def prepare(self) -> None:
        """Check whom the query names before the body is parsed (CONTRACT section 2)."""
        await super().prepare()
        route = self.found.route
        declared = () if route is None or route.query is None else route.query.__struct_fields__
        if "manager_id" in declared:
            check_manager(self.manager_query(), actor=self.actor)
        if "participant_id" in declared and (named := self.participant_query()) is not None:
            check_participant(named, actor=self.actor)

    def error_body(self, error: DomainError) -> Any:
        """LMS's envelope."""
        return LmsError(detail=error.message)

    def parse_given(self, body: type[Body], *, nullable: Sequence[str] = ()) -> dict[str, Any]:
        """The fields that the body gives, as typed values; null only where it is a value.

        Raises MalformedBody, MissingFields, WrongType or InvalidField.
        """
        raw, read = self.body_object(), self.parse(body)
        given: dict[str, Any] = {}
        for name in body.__struct_fields__:
            if name not in raw:
                continue
            if raw[name] is None and name not in nullable:
                raise InvalidField(name, "can't be null")
            given[name] = getattr(read, name)
        return given

    def text_query(self, name: str) -> str | None:
        """A value of the query that the route declares, None when it is not there."""
        route = self.found.route
        if route is None or route.query is None:
            raise TypeError(f"{type(self).__name__} reads a query that its route does not declare")
        value: str | None = getattr(self.read_query(route.query), name)
        return value

    def participant_query(self) -> str | None:
        """Whose progress is meant: the service knows who may ask for whom."""
        return self.text_query("participant_id")

    def manager_query(self) -> str | None:
        """Who says that they review: the service knows that it is the caller."""
        return self.text_query("manager_id")

    def boolean_query(self, name: str) -> bool | None:
        """`true` or `false` in any case, None when it is not there. Raises InvalidField."""
        given = self.text_query(name)
        if given is None:
            return None
        if given.lower() not in _BOOLEANS:
            raise InvalidField(name, "must be true or false")
        return _BOOLEANS[given.lower()]

    def render_nothing(self) -> None:
        """Answer 204."""
        self.set_status(204)
        self.finish()
