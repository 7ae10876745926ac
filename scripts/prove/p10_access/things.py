"""What belongs to the user, made by the requests that people make it with."""

import base64
import io
import itertools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from PIL import Image

from config.bootstrap import Agora
from scripts.crash.goods import offer_goods
from scripts.crash.shopping import ADDRESS
from scripts.prove.p10_access.callers import ADMIN, MANAGER, OTHER, SUPERADMIN, USER, Callers
from scripts.server_process import ServerFailed
from services.access.actor import Permission, Role
from services.access.defaults import PERMISSION_IDS, ROLE_IDS

Call = Callable[[str, str, Any, str | None], Awaitable[tuple[int, Any]]]
"""Sends method, path, JSON body and token; answers the status and the decoded answer."""

Ids = dict[str, Any]
UNKNOWN_ID = "507f1f77bcf86cd799439011"
_QUESTION = {
    "question_id": "q1",
    "question_type": "MCQ",
    "question_text": "Which?",
    "options": [
        {"option_id": "a", "text": "This", "is_correct": True},
        {"option_id": "b", "text": "That", "is_correct": False},
    ],
    "marks": 5,
}


class NotMade(ServerFailed):
    """Something to try on could not be made; the message has the answer."""


def _pixel() -> str:
    content = io.BytesIO()
    Image.new("RGB", (1, 1)).save(content, "gif")
    return base64.b64encode(content.getvalue()).decode()


class Things:
    """Makes what rows are tried on; each `make` is new, as trying may use it up."""

    def __init__(self, agora: Agora, callers: Callers, call: Call):
        self._agora = agora
        self._callers = callers
        self._call = call
        self._numbers = itertools.count(1)
        self._course: Ids = {}
        self._makers: Mapping[str, Callable[[], Awaitable[Ids]]] = {
            "post": self._post,
            "upload": self._upload,
            "record": self._record,
            "line": self._line,
            "order": self._order,
            "sitting": self._sitting,
            "table": self._table,
            "participant": self._participant,
            "child account": self._child_account,
            "an admin": self._admin,
            "an admin's account": self._admin_account,
            "an admin's role": self._admin_role,
            "somebody": self._somebody,
            "empty role": self._role,
            "role with a permission": self._role_with_permission,
            "permission of admins": self._permission,
        }

    async def prepare(self) -> None:
        """Put goods into the shop."""
        await offer_goods(self._agora.storage)

    async def make(self, thing: str) -> Ids:
        """The ids that stand in paths and bodies for a new thing. Raises NotMade."""
        user = str(self._callers.accounts[USER].id)
        return {"user": user, **await self._makers[thing]()}

    async def _ask(self, who: str, method: str, path: str, body: Any = None) -> Any:
        token = await self._callers.token(who)
        status, answer = await self._call(method, path, body or {}, token)
        if status not in (200, 201):
            raise NotMade(f"{method} {path} was answered {status} {answer}")
        return answer

    async def _post(self) -> Ids:
        body = {"content": f"post {next(self._numbers)}"}
        return {"post": (await self._ask(USER, "POST", "/api/forum/create_post/", body))["postid"]}

    async def _upload(self) -> Ids:
        body = {"image_type": "gif", "image_data": _pixel()}
        answer = await self._ask(USER, "POST", "/api/forum/create_picture/", body)
        return {"upload": answer["filename"]}

    async def _record(self) -> Ids:
        body = {"date": "2024-12-03", "sleep_status": "early", "note": ""}
        return {"record": (await self._ask(USER, "POST", "/api/sleep-records/", body))["id"]}

    async def _line(self) -> Ids:
        body = {"product_id": "goods-many", "quantity": 1}
        answer = await self._ask(USER, "POST", "/api/v1/cart/items", body)
        line = answer["data"]["items"][0]["id"]
        return {"line": line, "item_id": line}

    async def _order(self) -> Ids:
        await self._line()
        body = {"shipping_address": ADDRESS}
        answer = await self._ask(USER, "POST", "/api/v1/orders", body)
        return {"order_id": answer["data"]["id"]}

    async def _participant(self) -> Ids:
        """The user, and a course of one step with a material, an exam and a requirement table."""
        if not self._course:
            await self._make_course()
        ids = await self._sitting()
        return {**self._course, **ids, "participant_id": str(self._callers.accounts[USER].id)}

    async def _make_course(self) -> None:
        course = await self._add("/courses", {"name": "Course"})
        await self._ask(MANAGER, "PUT", f"/courses/{course}/set-default")
        step = await self._add("/steps", {"name": "Step", "course_id": course})
        questions = {"duration_minutes": 30, "questions": [_QUESTION]}
        form = await self._add("/forms", {"name": "Exam", "step_id": step, **questions})
        video: Ids = {"material_type": "Video", "title": "Video"}
        video["content"] = {"url": "https://example.com/watch?v=1"}
        material = await self._add(f"/steps/{step}/materials", video)
        requirements = [{"serial_number": 1, "activity": "Read", "target": 1, "unit": "page"}]
        table = {"name": "Table", "step_id": step, "requirements": requirements}
        made = {"course_id": course, "step_id": step, "form_id": form, "material_id": material}
        made["table_id"] = await self._add("/requirement-tables", table)
        await self._ask(USER, "POST", f"/steps/{step}/materials-complete")
        self._course = made

    async def _add(self, path: str, body: Ids) -> str:
        return str((await self._ask(MANAGER, "POST", path, body))["id"])

    async def _sitting(self) -> Ids:
        """An attempt of the user that runs; the same one until it is handed in."""
        if not self._course:
            await self._make_course()
        await self._end_attempt()
        path = f"/steps/{self._course['step_id']}/exam/start"
        self._attempt = (await self._ask(USER, "POST", path))["submission_id"]
        return {"submission_id": self._attempt}

    _attempt = ""

    async def _end_attempt(self) -> None:
        """Hand in what runs, and send it back: another may begin."""
        if not self._attempt:
            return
        token = await self._callers.token(USER)
        await self._call("POST", f"/forms/submissions/{self._attempt}/submit", {}, token)
        path = f"/form-submissions/{self._attempt}/reject"
        await self._ask(MANAGER, "POST", path, {"feedback": "Again"})

    async def _table(self) -> Ids:
        if not self._course:
            await self._make_course()
        path = f"/requirement-tables/{self._course['table_id']}/my-submission"
        submission = (await self._ask(USER, "GET", path))["submission_id"]
        body = {"serial_number": 1, "completed": True}
        path = f"/requirement-tables/submissions/{submission}/rows"
        await self._ask(USER, "POST", path, body)
        return {"submission_id": submission}

    async def _child_account(self) -> Ids:
        number = next(self._numbers)
        body: Ids = {"email": f"child{number}@example.com", "password": "secret1"}
        body |= {"name": "Child", "permissions": ["read"]}
        answer = await self._ask(USER, "POST", "/api/v1/users/child-users", body)
        return {"child_id": answer["data"]["id"]}

    async def _admin(self) -> Ids:
        account = await self._callers.make(ADMIN)
        return {"admin_id": str(account.id), "email": account.email}

    async def _admin_account(self) -> Ids:
        admin = await self._admin()
        return {"user_id": admin["admin_id"], "email": admin["email"]}

    async def _admin_role(self) -> Ids:
        return {**await self._admin_account(), "role_id": str(ROLE_IDS[Role.ADMIN])}

    async def _somebody(self) -> Ids:
        account = await self._callers.make(OTHER)
        return {"user_id": str(account.id), "email": account.email}

    async def _role(self) -> Ids:
        body = {"name": f"role {next(self._numbers)}"}
        answer = await self._ask(SUPERADMIN, "POST", "/api/v1/admin/roles", body)
        manage_products = str(PERMISSION_IDS[Permission.MANAGE_PRODUCTS])
        return {"role_id": answer["data"]["role"]["id"], "manage_products": manage_products}

    async def _role_with_permission(self) -> Ids:
        ids = await self._role()
        ids |= await self._permission()
        path = f"/api/v1/admin/roles/{ids['role_id']}/permissions"
        await self._ask(SUPERADMIN, "POST", path, {"permission_id": ids["permission_id"]})
        return ids

    async def _permission(self) -> Ids:
        body = {"name": f"permission {next(self._numbers)}", "resource": "things"}
        body |= {"action": "manage"}
        answer = await self._ask(SUPERADMIN, "POST", "/api/v1/admin/permissions", body)
        return {"permission_id": answer["data"]["permission"]["id"]}
