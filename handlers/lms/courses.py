"""Courses: seen and joined by everybody, kept by managers."""

from handlers.bodies import Body, Int64
from handlers.lms.base import LmsHandler
from handlers.lms.course_views import CourseDetailsView, CourseView, Done, EnrolledView


class NewCourse(Body, frozen=True, kw_only=True):
    """A course to make; without `order_index` it is the last."""

    name: str
    description: str = ""
    image_url: str | None = None
    is_default: bool = False
    is_active: bool = True
    previous_course_id: str | None = None
    next_course_id: str | None = None
    order_index: Int64 = 0


class CourseChanges(Body, frozen=True, kw_only=True):
    """What a course is to be; what is left out stays."""

    name: str | None = None
    description: str | None = None
    image_url: str | None = None
    is_default: bool | None = None
    is_active: bool | None = None
    previous_course_id: str | None = None
    next_course_id: str | None = None
    default_step_id: str | None = None
    order_index: Int64 | None = None


class StepPlace(Body, frozen=True, kw_only=True):
    """Where a step is to be."""

    step_id: str
    order_index: Int64


class StepOrders(Body, frozen=True, kw_only=True):
    """Where some steps are to be; the others keep their order."""

    step_orders: list[StepPlace]


_NULLABLE = ("image_url", "previous_course_id", "next_course_id", "default_step_id")


class CoursesHandler(LmsHandler):
    """List the courses, or make one."""

    has_etag = True

    async def get(self) -> None:
        """LMS "Get All Courses"."""
        courses = await self.services.lms.courses.every(
            self.boolean_query("is_active"), self.boolean_query("is_default")
        )
        self.render([CourseView.of(course) for course in courses])

    async def post(self) -> None:
        """LMS "Create Course"."""
        given = self.parse_given(NewCourse, nullable=_NULLABLE)
        course = await self.services.lms.course_editing.create(given, actor=self.actor)
        self.render(CourseView.of(course), status=201)


class CourseHandler(LmsHandler):
    """See, change or delete a course."""

    has_etag = True

    async def get(self, course_id: str) -> None:
        """LMS "Get Course by ID"."""
        details = await self.services.lms.courses.get(course_id, actor=self.actor)
        self.render(CourseDetailsView.of_details(details))

    async def put(self, course_id: str) -> None:
        """LMS "Update Course"."""
        given = self.parse_given(CourseChanges, nullable=_NULLABLE)
        course = await self.services.lms.course_editing.update(course_id, given)
        self.render(CourseView.of(course))

    async def delete(self, course_id: str) -> None:
        """LMS "Delete Course"."""
        await self.services.lms.course_editing.delete(course_id)
        self.render_nothing()


class DefaultCourseHandler(LmsHandler):
    """Make a course the one that newcomers join."""

    async def put(self, course_id: str) -> None:
        """LMS "Set Default Course"."""
        self.render(CourseView.of(await self.services.lms.course_editing.set_default(course_id)))


class EnrollDefaultHandler(LmsHandler):
    """Join the default course."""

    async def post(self) -> None:
        """LMS "Enroll in Default Course"."""
        joined = await self.services.lms.enrolment.join_default(
            self.participant_query(), actor=self.actor
        )
        self.render(EnrolledView.of(joined, "Enrolled in default course"))


class EnrollHandler(LmsHandler):
    """Join a course."""

    async def post(self, course_id: str) -> None:
        """CONTRACT section 6: answers like "Enroll in Default Course"."""
        joined = await self.services.lms.enrolment.join(
            course_id, self.participant_query(), actor=self.actor
        )
        self.render(EnrolledView.of(joined, "Enrolled in course"))


class ReorderHandler(LmsHandler):
    """Put the steps of a course in another order."""

    async def post(self, course_id: str) -> None:
        """LMS "Reorder Steps"."""
        orders = self.parse(StepOrders).step_orders
        await self.services.lms.step_editing.reorder(
            course_id, [(place.step_id, place.order_index) for place in orders]
        )
        self.render(Done(message="Steps reordered successfully"))
