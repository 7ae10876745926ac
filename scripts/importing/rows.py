"""Products in a file: CSV or JSON Lines, row by row, each with its line or what is wrong with it.

Nothing but the row at hand is kept, and the SKUs, to find those that come twice.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from handlers.bodies import decode_object
from handlers.shop.product_staff import CreateProduct, read_product
from services.errors import Invalid

COLUMNS = (
    "sku",
    "name",
    "base_price",
    "currency",
    "description",
    "sale_price",
    "status",
    "brand_id",
    "category_id",
    "images",
    "attributes",
    "stock",
)
_REQUIRED = COLUMNS[:4]
_MAX_LINE_BYTES = 1024 * 1024
_WHOLE = re.compile(r"-?[0-9]{1,15}")


class UnreadableFile(Exception):
    """The file as a whole can't be read as products; the message says what to change."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row and the line that it begins on; `given` is None when `problem` says why."""

    line: int
    given: dict[str, Any] | None
    problem: str = ""


def read_rows(path: Path) -> Iterator[FileRow]:
    """Every row of a file, in order.

    Raises UnreadableFile, or OSError when it can't be opened.
    """
    readers = {".csv": _read_csv, ".jsonl": _read_json_lines, ".ndjson": _read_json_lines}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UnreadableFile(f"{path.name}: the name must end with {', '.join(readers)}")
    lines: dict[str, int] = {}
    for row in reader(path):
        if row.given is None:
            yield row
            continue
        first = lines.setdefault(row.given["sku"], row.line)
        if first == row.line:
            yield row
        else:
            yield FileRow(row.line, None, f"sku is that of line {first}")


def _row(line: int, raw: dict[str, Any]) -> FileRow:
    try:
        return FileRow(line, read_product(raw, CreateProduct))
    except Invalid as problem:
        return FileRow(line, None, problem.message)


def _read_json_lines(path: Path) -> Iterator[FileRow]:
    with path.open("rb") as file:
        for number, line in enumerate(_lines(file), 1):
            if len(line) > _MAX_LINE_BYTES:
                yield FileRow(number, None, f"the line has more than {_MAX_LINE_BYTES} bytes")
            elif line.strip():
                yield _json_row(number, line)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Each line; of one that is too long, only the beginning."""
    while line := file.readline(_MAX_LINE_BYTES + 1):
        yield line
        while line and not line.endswith(b"\n") and len(line) > _MAX_LINE_BYTES:
            line = file.readline(_MAX_LINE_BYTES + 1)


def _json_row(number: int, line: bytes) -> FileRow:
    try:
        return _row(number, decode_object(line.strip().removeprefix(b"\xef\xbb\xbf")))
    except Invalid:
        return FileRow(number, None, "the line is not a JSON object in UTF-8")


def _read_csv(path: Path) -> Iterator[FileRow]:
    # What is not UTF-8 comes as surrogates, so that only its row is bad.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(file, strict=True)
        columns = _columns(reader, path)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as problem:
                yield FileRow(line, None, f"the row is not CSV: {problem}")
                continue
            if cells is None:
                return
            if cells:
                yield _csv_row(line, columns, cells)


def _columns(reader: Iterator[list[str]], path: Path) -> list[str]:
    try:
        columns = next(reader, [])
    except csv.Error as problem:
        raise UnreadableFile(f"{path.name}: the first line is not CSV: {problem}") from problem
    unknown = [name for name in columns if name not in COLUMNS]
    missing = [name for name in _REQUIRED if name not in columns]
    if unknown or missing or len(set(columns)) < len(columns):
        raise UnreadableFile(
            f"{path.name}: the first line must name the columns, each once: "
            f"{', '.join(_REQUIRED)}, and any of {', '.join(COLUMNS[len(_REQUIRED) :])}"
        )
    return columns


def _csv_row(line: int, columns: list[str], cells: list[str]) -> FileRow:
    if len(cells) != len(columns):
        return FileRow(line, None, f"the row has {len(cells)} fields, not {len(columns)}")
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return FileRow(line, None, "the row is not UTF-8")
    try:
        return _row(line, _from_cells(dict(zip(columns, cells, strict=True))))
    except ValueError as problem:
        return FileRow(line, None, str(problem))


def _from_cells(cells: dict[str, str]) -> dict[str, Any]:
    """A row of text as the object that JSON Lines would have; raises ValueError.

    An empty cell empties its field, but status and stock, which stay as they are.
    """
    currency = cells.pop("currency")
    raw: dict[str, Any] = {**cells}
    raw["base_price"] = {"amount": _whole("base_price", cells["base_price"]), "currency": currency}
    if "sale_price" in cells:
        sale = raw.pop("sale_price")
        raw["SalePrice"] = (
            {"amount": _whole("sale_price", sale), "currency": currency} if sale else None
        )
    for name in ("brand_id", "category_id", "status"):
        if name in cells:
            raw[name] = cells[name] or None
    if "stock" in cells:
        raw["stock"] = _whole("stock", cells["stock"]) if cells["stock"] else None
    if "images" in cells:
        raw["images"] = cells["images"].split()
    if "attributes" in cells:
        raw["attributes"] = _attributes(cells["attributes"])
    return raw


def _whole(name: str, text: str) -> int:
    if not _WHOLE.fullmatch(text.strip()):
        raise ValueError(f"{name} must be a whole number, prices in minor units, as in 99999")
    return int(text)


def _attributes(text: str) -> Any:
    try:
        return msgspec.json.decode(text) if text.strip() else {}
    except msgspec.DecodeError:
        raise ValueError('attributes must be a JSON object, as in {"color": "silver"}') from None
