"""The routes of courses."""

from handlers.access import MANAGERS
from handlers.lms.course_views import CourseDetailsView, CourseView, Done, EnrolledView
from handlers.lms.courses import (
    CourseChanges,
    CourseHandler,
    CoursesHandler,
    DefaultCourseHandler,
    EnrollDefaultHandler,
    EnrollHandler,
    NewCourse,
    ReorderHandler,
    StepOrders,
)
from handlers.routing import SIGNED_IN, Route

_COURSES = "/courses"
_COURSE = f"{_COURSES}/{{course_id}}"

ROUTES = (
    Route("GET", _COURSES, CoursesHandler, SIGNED_IN, answer=list[CourseView]),
    Route("POST", _COURSES, CoursesHandler, MANAGERS, NewCourse, CourseView),
    Route("GET", _COURSE, CourseHandler, SIGNED_IN, answer=CourseDetailsView),
    Route("PUT", _COURSE, CourseHandler, MANAGERS, CourseChanges, CourseView),
    Route("DELETE", _COURSE, CourseHandler, MANAGERS),
    Route("PUT", f"{_COURSE}/set-default", DefaultCourseHandler, MANAGERS, answer=CourseView),
    Route(
        "POST",
        f"{_COURSES}/enroll-default",
        EnrollDefaultHandler,
        SIGNED_IN,
        answer=EnrolledView,
    ),
    Route("POST", f"{_COURSE}/steps/reorder", ReorderHandler, MANAGERS, StepOrders, Done),
    Route("POST", f"{_COURSE}/enroll", EnrollHandler, SIGNED_IN, answer=EnrolledView),
)
