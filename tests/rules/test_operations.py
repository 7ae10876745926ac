"""What docs/operations.md tells people to type and to watch is there."""

import re
from pathlib import Path

from config.settings import ROWS, option_name
from scripts.building.entry import SCRIPTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text()
# Of scripts and of `docker compose`, `systemctl` and the like.
OTHER_OPTIONS = "version|password|email|dry-run|retry-dead|force|with-secret|superadmin"


def test_its_variables_are_settings():
    named = {name.lower() for name in re.findall(r"\bAGORA_([A-Z_]+)", PAGE)}
    assert {"data_dir", "public_url", "trusted_proxies"} <= named <= ROWS.keys()


def test_its_options_are_settings_or_of_scripts():
    given = set(re.findall(r"agora-run(?: [^\s|]+)*? --([a-z-]+)", PAGE))
    known = {option_name(name).removeprefix("--") for name in ROWS}
    assert given
    assert given <= known | set(OTHER_OPTIONS.split("|"))


def test_its_scripts_are_in_the_one_file():
    named = set(re.findall(r"agora-run ([a-z_]+)", PAGE))
    assert {"check", "restore"} <= named
    assert named <= set(SCRIPTS)


def test_what_its_alerts_ask_for_is_measured():
    asked = set(re.findall(r"\bagora_[a-z_]+", PAGE))
    assert "agora_store_up" in asked
    measured = "".join(
        path.read_text() for path in sorted((ROOT / "services" / "monitoring").glob("*.py"))
    )
    names = {re.sub(r"_(bucket|total)$", "", name) for name in asked}
    assert [name for name in sorted(names) if f'"{name}"' not in measured] == []


def test_the_files_it_links_to_exist():
    links = re.findall(r"\]\(([^)#]+)", PAGE)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
