"""P2: which answers the calls of a server show to have waited for the disk."""

import pytest

from scripts.prove.covered import Audit, mark_of
from scripts.prove.system_calls import read_calls

WAL = "20 pwrite64(7</data/agora.db-wal>, "
FRAME = WAL + r'"\0\0\0\5\0\0\0\0\1\2\3\4\5\6\7\10\1\2\3\4\5\6\7\10", 24, 32) = 24'
COMMIT_FRAME = WAL + r'"\0\0\0\5\0\0\0\t\1\2\3\4\5\6\7\10\1\2\3\4\5\6\7\10", 24, 32) = 24'
PAGE = WAL + r'"\r\0\0durable-000001\0", 4096, 56) = 4096'
OTHER_PAGE = WAL + r'"\r\0\0nothing\0", 4096, 56) = 4096'
SYNC = "20 fdatasync(7</data/agora.db-wal>) = 0"
SYNC_BEGINS = "20 fdatasync(7</data/agora.db-wal> <unfinished ...>"
SYNC_ENDS = "20 <... fdatasync resumed>)  = 0"
FAILED_SYNC = "20 fdatasync(7</data/agora.db-wal>) = -1 EIO (Input/output error)"
OTHER_SYNC = "20 fdatasync(8</data/agora.db>) = 0"
ANSWER = (
    r'21 sendto(9<socket:[5]>, "HTTP/1.1 201 Created\r\nX-Request-Id: durable-000001\r\n\r\n{}",'
    " 80, 0, NULL, 0) = 80"
)
LOG = r'21 write(2</data/log>, "201 POST request=durable-000001\n", 9) = 9'


def audited(*lines: str) -> tuple[set[str], set[str]]:
    audit = Audit("agora.db-wal")
    for call in read_calls(lines):
        audit.take(call)
    return audit.covered, audit.uncovered


@pytest.mark.parametrize(
    "lines",
    [
        (COMMIT_FRAME, PAGE, SYNC, ANSWER),
        (FRAME, PAGE, COMMIT_FRAME, OTHER_PAGE, SYNC, LOG, ANSWER),
        (COMMIT_FRAME, PAGE, SYNC_BEGINS, LOG, SYNC_ENDS, ANSWER),
        (COMMIT_FRAME, PAGE, SYNC, COMMIT_FRAME, PAGE, ANSWER),
    ],
)
def test_an_answer_after_the_sync_of_its_commit_is_covered(lines):
    assert audited(*lines) == ({mark_of(1)}, set())


@pytest.mark.parametrize(
    "lines",
    [
        (COMMIT_FRAME, PAGE, ANSWER, SYNC),
        (COMMIT_FRAME, PAGE, SYNC_BEGINS, ANSWER, SYNC_ENDS),
        (SYNC_BEGINS, COMMIT_FRAME.replace("20 ", "22 "), PAGE, SYNC_ENDS, ANSWER),
        (SYNC, COMMIT_FRAME, PAGE, OTHER_SYNC, ANSWER),
        (COMMIT_FRAME, PAGE, FAILED_SYNC, ANSWER),
        (FRAME, PAGE, SYNC, ANSWER),
        (COMMIT_FRAME, OTHER_PAGE, SYNC, ANSWER),
    ],
    ids=[
        "sync after it", "sync not over", "sync begun before", "sync of another file",
        "sync failed", "no commit", "not written",
    ],
)  # fmt: skip
def test_an_answer_without_a_sync_of_its_commit_is_not(lines):
    assert audited(*lines) == (set(), {mark_of(1)})


def test_a_refusal_acknowledges_nothing():
    assert audited(ANSWER.replace("201 Created", "503 Unavailable")) == (set(), set())
