"""P3: a server whose disk fails when told to, and what it answers meanwhile and afterwards."""

from contextlib import closing
from pathlib import Path

from scripts.prove.failing_disk import FAILING_SERVER, DiskControl, Fault
from scripts.server_process import Process, free_port, start_server


def register(server: Process, name: str) -> int:
    credentials = {"phone_number": name, "password": "secret1"}
    return server.call("POST", "/api/register/", credentials)[0]


def test_a_write_is_refused_while_the_disk_fails_and_done_right_after(tmp_path: Path):
    port = free_port()
    options = (f"--disk-port={port}", "--bcrypt-cost=4")
    data_dir, log = tmp_path / "data", tmp_path / "log"
    with start_server(data_dir, log, *options, command=FAILING_SERVER) as server:
        server.wait_until_healthy()
        with closing(DiskControl(port)) as disk:
            for number, fault in enumerate(
                (
                    Fault("write", "-wal", "ENOSPC", lasts=True),
                    Fault("sync", "-wal", "EIO", lasts=True),
                    Fault("open write", "", "EROFS", lasts=True),
                )
            ):
                disk.arm(fault)
                assert register(server, f"user{number}") == 503
                assert server.call("GET", "/health")[0] == 200
                assert disk.end() is True
                assert register(server, f"user{number}") == 201
            disk.arm(Fault("sync", "-wal", "EIO", n=1_000))
            assert register(server, "another") == 201
            assert disk.end() is False
