"""The one file that `python -m scripts.build` makes, started as a stranger to this checkout."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from repositories.embedded.opening import FILE_NAME
from scripts import build
from scripts.building import contents, entry
from scripts.server_process import HOST, environment, free_port

ROOT = Path(__file__).parents[2]
# Neither this checkout nor the libraries of this environment: only what is in the file.
PYTHON = (getattr(sys, "_base_executable", sys.executable), "-I", "-S")
OF_THE_CHECKOUT = {"__init__", "options", "server_process", "marked_page", "build"}


@dataclass(frozen=True)
class OneFile:
    """A built file, the directory that it is run in, and where it unpacks itself."""

    path: Path
    cwd: Path
    unpacked: Path

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        # Compiling what is unpacked would only be of use to the next start.
        variables = {"SHIV_ROOT": str(self.unpacked), "SHIV_COMPILE_PYC": "false"}
        return subprocess.Popen(
            [*PYTHON, str(self.path), *arguments],
            cwd=self.cwd,
            env={**environment(), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        process = self.start(*arguments)
        said, _ = process.communicate(timeout=60)
        return process.returncode, said


@pytest.fixture(scope="module")
def one_file(tmp_path_factory: pytest.TempPathFactory) -> OneFile:
    path = tmp_path_factory.mktemp("built") / "agora.pyz"
    assert build.main(["--output", str(path)]) == 0
    return OneFile(path, tmp_path_factory.mktemp("cwd"), tmp_path_factory.mktemp("unpacked"))


@pytest.fixture(scope="module")
def port(one_file: OneFile) -> Iterator[int]:
    """Where the file's server listens; it is stopped by SIGTERM, and has to end with 0."""
    number = free_port()
    process = one_file.start(f"--port={number}", f"--address={HOST}", "--bcrypt-cost=4")
    for _ in range(600):
        try:
            _call(number, "GET", "/health")
            break
        except OSError:
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.05)
    yield number
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=15)
    assert (process.returncode, said.rstrip().endswith("stopped")) == (0, True), said


def _call(port: int, method: str, path: str, body: object = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    with closing(connection):
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_it_can_be_executed_by_the_python_that_is_there(one_file: OneFile):
    assert os.access(one_file.path, os.X_OK)
    assert one_file.path.read_bytes().startswith(b"#!/usr/bin/env python3\n")


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/swagger-ui-bundle.js", "/openapi.json"])
def test_its_server_has_the_files_of_its_pages(port: int, path: str):
    assert _call(port, "GET", path)[0] == 200


def test_its_server_is_well_and_keeps_what_it_is_told_beside_the_caller(one_file: OneFile, port):
    assert _call(port, "GET", "/health") == (200, b'{"status":"ok"}')
    account = {"phone_number": "13800138000", "password": "secret1"}
    assert _call(port, "POST", "/api/register/", account)[0] == 201
    assert sorted(path.name for path in one_file.cwd.iterdir()) == ["data"]
    assert (one_file.cwd / "data" / FILE_NAME).stat().st_size > 0


def test_a_script_is_run_by_its_name(one_file: OneFile, port):
    out = one_file.cwd.with_name("all.zip")
    code, said = one_file.run("export_user", str(out), "--phone=13800138000")
    assert (code, "has all about" in said) == (0, True), said
    assert out.stat().st_size > 0


def test_it_says_what_it_was_made_of(one_file: OneFile):
    assert one_file.run("--version") == (0, f"{build.build_of_this_checkout()}\n")


def test_a_script_that_is_not_in_it_is_refused_with_those_that_are(one_file: OneFile):
    said = f"There is no bench in it, but {', '.join(entry.SCRIPTS)}.\n"
    assert one_file.run("bench") == (2, said)


def test_every_script_is_in_it_but_those_of_the_checkout():
    scripts = {path.stem for path in (ROOT / "scripts").glob("*.py")}
    assert set(entry.SCRIPTS) == scripts - OF_THE_CHECKOUT


def test_another_python_is_told_which_it_needs(monkeypatch, capsys):
    built = entry.Build("1.0.0", "commit 0123456789ab", "cpython-39", "linux-riscv64")
    monkeypatch.setattr(entry, "_read_build", lambda: built)
    monkeypatch.setattr(sys, "argv", ["agora.pyz"])
    assert entry.main() == 2
    told = " on ".join(entry.this_python())
    assert capsys.readouterr().err == (
        "This file is Agora 1.0.0, commit 0123456789ab, for cpython-39 on linux-riscv64; "
        f"here is {told}.\n"
    )


def test_a_library_that_is_not_here_stops_the_build(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(contents, "_required", lambda: ["no-such-library==1.0"])
    assert build.main(["--output", str(tmp_path / "agora.pyz")]) == 2
    assert capsys.readouterr().err == (
        "no-such-library is not installed here. Install what requirements.txt lists, then build "
        "with the same Python.\n"
    )
    assert list(tmp_path.iterdir()) == []
