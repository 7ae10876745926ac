"""Running SQL for its rows."""

from typing import Any

import apsw


def fetch(connection: apsw.Connection, sql: str, bindings: tuple[Any, ...] = ()) -> list[Any]:
    """All rows of a statement, which is then at its end and holds on to nothing."""
    return connection.execute(sql, bindings).fetchall()
