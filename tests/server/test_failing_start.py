"""A disk that fails while the server starts: it says so and ends, and starts when it is well."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from config.bootstrap import bootstrap
from config.settings import Settings

ROOT = Path(__file__).parents[2]


def test_a_disk_that_fails_during_the_start_is_told_in_words(tmp_path):
    fault = {"kinds": "sync", "file": "-wal", "error": "ENOSPC", "n": 1, "lasts": True}
    run = subprocess.run(
        [
            *(sys.executable, "-m", "tests.storage.failing_server", "--disk-port=0"),
            *(f"--fault={json.dumps(fault)}", "--port=0", f"--data-dir={tmp_path}"),
        ],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert run.returncode == 2
    (line,) = run.stderr.splitlines()
    assert line.startswith("Agora can't start. The store has no space left on its disk;")
    asyncio.run(_start_and_stop(tmp_path))


async def _start_and_stop(data_dir: Path) -> None:
    agora = await bootstrap(Settings.load([f"--data-dir={data_dir}"], {}))
    await agora.close()
