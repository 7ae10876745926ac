"""Everything that has a machine."""

from tests.machines.exams import EXAMS
from tests.machines.machine import Subject
from tests.machines.orders import ORDERS
from tests.machines.posts import POSTS
from tests.machines.requirements import REQUIREMENTS
from tests.machines.subscriptions import SUBSCRIPTIONS

SUBJECTS: dict[str, Subject] = {
    subject.name: subject for subject in (EXAMS, ORDERS, SUBSCRIPTIONS, REQUIREMENTS, POSTS)
}
