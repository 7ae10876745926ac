"""What the container's files name is there: nothing else would tell before somebody builds them."""

import re
from pathlib import Path

from config.settings import ROWS
from scripts.building.contents import PRODUCT

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "compose.yaml").read_text()


def _copied() -> set[str]:
    copied = re.findall(r"^COPY (?!--from)(\S+) \S+$", DOCKERFILE, re.MULTILINE)
    assert len(copied) == DOCKERFILE.count("\nCOPY ") - 1  # that from the first stage
    return set(copied)


def test_the_image_has_the_whole_product_and_nothing_else():
    assert _copied() == {*PRODUCT, "requirements.txt"}
    assert all((ROOT / name).exists() for name in _copied())


def test_what_is_copied_is_let_into_the_build():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == _copied()


def test_the_settings_that_containers_are_given_exist():
    named = {name.lower() for name in re.findall(r"\bAGORA_([A-Z_]+)", DOCKERFILE + COMPOSE)}
    assert {"address", "data_dir", "storage", "jwt_secret"} <= named
    assert named <= ROWS.keys()


def test_the_image_starts_a_file_that_is_in_it_as_a_user_without_rights():
    assert 'ENTRYPOINT ["python", "server.py"]' in DOCKERFILE
    assert "\nUSER 10001:10001\n" in DOCKERFILE
    assert "--uid 10001 --gid 10001" in DOCKERFILE


def test_one_server_starts_by_default_and_more_on_mongodb_by_a_profile():
    text = COMPOSE.partition("\nservices:\n")[2].partition("\nvolumes:\n")[0]
    services = dict(re.findall(r"^  (\S+):\n((?:(?:    .*)?\n)+)", text + "\n", re.MULTILINE))
    assert [name for name in services if "profiles:" not in services[name]] == ["agora"]
    assert "AGORA_STORAGE: mongodb://mongodb:27017/" in services["agora-mongodb"]
    assert services["mongodb"].startswith("    image: mongo:")
