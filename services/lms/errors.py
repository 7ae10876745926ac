"""The refusals that more than one of LMS's services uses.

What the path names and is not there is NotFound; what a body or a query names, Invalid
(CONTRACT section 2).
"""

from services.errors import Forbidden, Invalid, NotFound


class InvalidField(Invalid):
    """A field or query value is not as it has to be; `problem` goes on after its name."""

    code = "invalid_field"

    def __init__(self, field: str, problem: str):
        super().__init__(f"{field} {problem}")
        self.field, self.problem = field, problem


class UnknownReference(InvalidField):
    """A body or a query names something that is not there."""

    code = "unknown_reference"

    def __init__(self, field: str, kind: str):
        super().__init__(field, f"names no {kind}")


class CourseNotFound(NotFound):
    """There is no such course."""

    code = "course_not_found"

    def __init__(self) -> None:
        super().__init__("Course not found")


class StepNotFound(NotFound):
    """There is no such step."""

    code = "step_not_found"

    def __init__(self) -> None:
        super().__init__("Step not found")


class MaterialNotFound(NotFound):
    """There is no such material."""

    code = "material_not_found"

    def __init__(self) -> None:
        super().__init__("Material not found")


class FormNotFound(NotFound):
    """There is no such form."""

    code = "form_not_found"

    def __init__(self) -> None:
        super().__init__("Form not found")


class RequirementTableNotFound(NotFound):
    """There is no such requirement table."""

    code = "requirement_table_not_found"

    def __init__(self) -> None:
        super().__init__("Requirement table not found")


class ParticipantNotFound(NotFound):
    """There is no such account."""

    code = "participant_not_found"

    def __init__(self) -> None:
        super().__init__("Participant not found")


class StepLocked(Forbidden):
    """The step before is not complete."""

    code = "step_locked"

    def __init__(self) -> None:
        super().__init__("This step is locked; complete the one before it first")


class AnotherParticipant(Forbidden):
    """Only managers ask or act for others."""

    code = "another_participant"

    def __init__(self) -> None:
        super().__init__("participant_id must be your own; only managers act for others")


class AnotherManager(Forbidden):
    """Nobody reviews in the name of another."""

    code = "another_manager"

    def __init__(self) -> None:
        super().__init__("manager_id must be your own")


class CourseInactive(Invalid):
    """Nobody joins an inactive course."""

    code = "course_inactive"

    def __init__(self) -> None:
        super().__init__("This course is not active and can't be joined")
