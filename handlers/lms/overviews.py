"""What managers see of everybody who takes a course or sits an exam."""

from urllib.parse import quote

from handlers.lms.base import LmsHandler
from handlers.lms.overview_views import FormStatisticsView, ParticipantsView
from handlers.lms.results_csv import as_csv, header, row
from handlers.pagination import PagedHandler


class CourseParticipantsHandler(PagedHandler, LmsHandler):
    """A page of those who take a course."""

    async def get(self, course_id: str) -> None:
        """In the order in which they joined; pages as in SHOP: `{"data": [...], "meta": {...}}`."""
        participants, page = await self.services.lms.course_participants.page(
            course_id, self.page_request()
        )
        self.render(ParticipantsView.of(participants, page))


class FormStatisticsHandler(LmsHandler):
    """What came of all attempts at an exam."""

    async def get(self, form_id: str) -> None:
        """How many passed, and with how many marks."""
        self.render(FormStatisticsView.of(await self.services.lms.form_statistics.get(form_id)))


class CourseResultsHandler(LmsHandler):
    """The results of a course for a spreadsheet."""

    async def get(self, course_id: str) -> None:
        """CSV, a line a participant, sent as it is read."""
        results = await self.services.lms.course_participants.results(course_id)
        name = results.course["name"]
        self.begin_stream("text/csv; charset=utf-8")
        self.set_header(
            "Content-Disposition",
            f'attachment; filename="results-{results.course["_id"]}.csv"; '
            f"filename*=UTF-8''{quote(f'Results of {name}.csv', safe='')}",
        )
        self.set_header("X-Content-Type-Options", "nosniff")
        self.write(as_csv([header(results)]))
        async for batch in results.batches:
            self.write(as_csv(row(results, each) for each in batch))
            await self.flush()
        await self.end_stream()
