"""How plans are refused."""

from services.errors import Invalid, NotFound


class PlanNotFound(NotFound):
    """There is no such plan, or it was deleted."""

    def __init__(self, message: str = "Plan not found"):
        super().__init__(message)


class PlanNameTaken(Invalid):
    """Another plan that is not deleted has this name."""

    code = "plan_name_taken"

    def __init__(self) -> None:
        super().__init__("name is taken by another plan")


class InvalidPlan(Invalid):
    """A field can't be used; the message names it by its path and says what it takes."""

    code = "invalid_plan"

    def __init__(self, path: str, problem: str):
        super().__init__(f"{path} {problem}")


class TooManyPlans(Invalid):
    """There are as many plans as a list can hold."""

    code = "too_many_plans"

    def __init__(self, limit: int):
        super().__init__(f"There are {limit} plans, which is the most; delete one first")
