"""`python -m scripts.import_catalog` loads whole files or nothing, and says which rows are bad."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from repositories.seeding import SeedRepository
from repositories.storage import open_storage
from scripts import import_catalog
from scripts.seeding import shop_scale

HEADER = "sku,name,base_price,currency,description,sale_price,category_id,images,attributes,stock"
LAMP = 'LAMP-1,Desk lamp,1999,USD,"Bright, warm",1499,cat-3,https://example.com/1.jpg,'
GOOD = [LAMP + '"{""color"": ""red""}",7', "灯-2,台灯,500,USD,,,,,,"]


def products(data_dir: Path) -> dict[str, Any]:
    """Every product, by SKU."""

    async def read() -> list[dict[str, Any]]:
        storage = await open_storage("embedded", data_dir)
        try:
            return await storage["products"].find({}).to_list(None)
        finally:
            await storage.close()

    return {product["sku"]: product for product in asyncio.run(read())}


def load(data_dir: Path, content: str | bytes, *options: str, name: str = "products.csv") -> int:
    """Import a file of this content; the exit code."""
    path = data_dir / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return import_catalog.main([str(path), f"--data-dir={data_dir}", *options])


def csv_of(*rows: str) -> str:
    return "\n".join((HEADER, *rows)) + "\n"


def test_a_csv_file_is_loaded_and_again_changes_nothing(data_dir, capsys):
    assert load(data_dir, csv_of(*GOOD)) == 0
    assert "2 products were added, 0 were changed, 0 are as they were" in capsys.readouterr().out
    found = products(data_dir)
    lamp = found["LAMP-1"]
    assert {
        key: lamp[key] for key in ("name", "description", "stock", "status", "category_id")
    } == {
        "name": "Desk lamp",
        "description": "Bright, warm",
        "stock": 7,
        "status": "active",
        "category_id": "cat-3",
    }
    assert lamp["base_price"] == {"amount": 1999, "currency": "USD"}
    assert lamp["sale_price"] == {"amount": 1499, "currency": "USD"}
    assert lamp["images"] == ["https://example.com/1.jpg"]
    assert lamp["attributes"] == {"color": "red"}
    assert (found["灯-2"]["sale_price"], found["灯-2"]["stock"]) == (None, 0)

    assert load(data_dir, csv_of(*GOOD)) == 0
    assert "0 products were added, 0 were changed, 2 are as they were" in capsys.readouterr().out
    assert products(data_dir) == found


def test_json_lines_change_what_they_name_and_leave_the_rest(data_dir, capsys):
    price = {"amount": 2000, "currency": "USD"}
    rows = [
        {"sku": "MOUSE-001", "name": "Wireless Mouse 2", "base_price": price},
        {"sku": "NEW-1", "name": "New", "base_price": price, "SalePrice": None, "stock": 3},
    ]
    content = "\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    assert load(data_dir, content, name="products.jsonl") == 0
    assert "1 products were added, 1 were changed" in capsys.readouterr().out
    mouse = products(data_dir)["MOUSE-001"]
    assert (mouse["_id"], mouse["name"], mouse["base_price"]) == (
        "prod-2",
        "Wireless Mouse 2",
        price,
    )
    assert (mouse["category_id"], mouse["stock"]) == ("cat-2", 10000)


BAD = [
    ("A-1,Lamp,19.99,USD,,,,,,", "base_price must be a whole number"),
    ("A-1,Lamp,,USD,,,,,,", "base_price must be a whole number"),
    ("A-1,,100,USD,,,,,,", "name is required"),
    (",Lamp,100,USD,,,,,,", "sku is required"),
    ("A-1,Lamp,100,usd,,,,,,", "base_price.currency must be three capital letters"),
    ("A-1,Lamp,100,USD,,101,,,,", "SalePrice.amount must not be above base_price"),
    ("A-1,Lamp,100,USD,,,cat-9,,,", "category_id names none that there is: cat-9"),
    ("A-1,Lamp,100,USD,,,,ftp://x,,", "images must be addresses"),
    ("A-1,Lamp,100,USD,,,,,red,", "attributes must be a JSON object"),
    ("A-1,Lamp,100,USD,,,,,[1],", "attributes: Expected object | null, got array"),
    ("A-1,Lamp,100,USD,,,,,,-1", "stock must be from 0"),
    ("A-1,Lamp,100,USD,,,,,,many", "stock must be a whole number"),
    ("A-1,Lamp,100", "the row has 3 fields, not 10"),
    (GOOD[0], "sku is that of line 2"),
]


def test_one_bad_row_and_nothing_is_changed(data_dir, capsys):
    before = products(data_dir)
    assert load(data_dir, csv_of(*GOOD, BAD[0][0])) == 1
    assert capsys.readouterr().out == "Nothing was changed: 1 rows are bad.\n"
    assert products(data_dir) == before


def test_bad_rows_are_told_and_skipped_when_told_so(data_dir, capsys):
    bad = [row.replace("A-1", f"A-{number}") for number, (row, _) in enumerate(BAD)]
    rows = [*GOOD, *bad]
    assert load(data_dir, csv_of(*rows), "--skip-bad") == 1
    output = capsys.readouterr()
    told = [line for line in output.err.splitlines() if line.startswith("line ")]
    assert len(told) == len(BAD)
    for line, (problem, (_, reason)) in enumerate(zip(told, BAD, strict=True), 4):
        assert problem[: len(f"line {line}: {reason}")] == f"line {line}: {reason}"
    assert f"2 products were added, 0 were changed, 0 are as they were, {len(BAD)}" in output.out
    assert len(products(data_dir)) == 16


def test_a_dry_run_changes_nothing(data_dir, capsys):
    before = products(data_dir)
    assert load(data_dir, csv_of(*GOOD), "--dry-run") == 0
    assert "2 products would be added, 0 would be changed" in capsys.readouterr().out
    assert load(data_dir, csv_of(*GOOD, BAD[0][0]), "--dry-run", "--skip-bad") == 1
    assert products(data_dir) == before


def test_bad_lines_of_json_are_told_by_number(data_dir, capsys):
    content = b'{"sku": "A"}\n[]\n{"sku": \n\xff\xfe\n' + b"x" * 1_100_000 + b"\n{}\n"
    assert load(data_dir, content, name="products.jsonl") == 1
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("line ")]
    assert lines == [
        "line 1: name is required",
        "line 2: the line is not a JSON object in UTF-8",
        "line 3: the line is not a JSON object in UTF-8",
        "line 4: the line is not a JSON object in UTF-8",
        "line 5: the line has more than 1048576 bytes",
        "line 6: sku is required",
    ]


def test_a_row_that_is_not_utf_8_is_bad_and_its_neighbours_are_not(data_dir, capsys):
    content = csv_of(*GOOD).encode() + b"A-1,L\xe4mp,100,USD,,,,,,\n"
    assert load(data_dir, content, "--skip-bad") == 1
    output = capsys.readouterr()
    assert "line 4: the row is not UTF-8" in output.err
    assert "2 products were added" in output.out


def test_a_row_over_several_lines_is_known_by_its_first(data_dir, capsys):
    rows = ('A-1,"Lamp\nof two lines",100,USD,,,,,,', "A-2,Lamp,x,USD,,,,,,")
    assert load(data_dir, csv_of(*rows)) == 1
    assert "line 4: base_price must be" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("products.csv", "sku,name\n", "the first line must name the columns"),
        ("products.csv", "", "the first line must name the columns"),
        ("products.csv", "sku,name,base_price,currency,colour\n", "the first line must name"),
        ("products.csv", "sku,sku,name,base_price,currency\n", "the first line must name"),
        ("products.xlsx", "", "the name must end with .csv, .jsonl, .ndjson"),
    ],
)
def test_what_is_no_such_file_is_not_begun(data_dir, capsys, name, content, message):
    assert load(data_dir, content, name=name) == 2
    assert message in capsys.readouterr().err


def test_a_file_that_is_not_there_is_not_begun(data_dir, capsys):
    assert import_catalog.main([str(data_dir / "none.csv"), f"--data-dir={data_dir}"]) == 2
    assert "none.csv" in capsys.readouterr().err


def test_an_import_that_was_cut_off_is_completed_by_the_next(data_dir, capsys):
    rows = [f"S-{number},Lamp {number},100,USD,,,,,,1" for number in range(900)]
    assert load(data_dir, csv_of(*rows[:500])) == 0
    assert load(data_dir, csv_of(*rows)) == 0
    assert "400 products were added, 0 were changed, 500 are as they were" in (
        capsys.readouterr().out
    )


def test_a_generated_file_is_loaded_whole(data_dir, capsys):
    async def seed_groups() -> int:
        storage = await open_storage("embedded", data_dir)
        try:
            return await shop_scale.seed_groups(SeedRepository(storage))
        finally:
            await storage.close()

    assert (asyncio.run(seed_groups()), asyncio.run(seed_groups())) == (70, 0)
    path = data_dir / "generated.csv"
    shop_scale.write_catalog_file(path, 40)
    assert import_catalog.main([str(path), f"--data-dir={data_dir}"]) == 0
    assert "40 products were added, 0 were changed" in capsys.readouterr().out
