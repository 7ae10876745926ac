"""What the power may take: never an acknowledged write, never half of something.

`AGORA_POWER_CUTS` sets how many cuts are made, `AGORA_SEED` which load and which cuts.
"""

import os

from repositories.embedded import EmbeddedStore
from tests.storage.power_cuts import run_power_cuts
from tests.storage.vfs import watched_disk

CUTS = int(os.environ.get("AGORA_POWER_CUTS", "150"))
SEED = int(os.environ.get("AGORA_SEED", "20260101"))


def test_a_power_cut_takes_no_acknowledged_write_and_leaves_no_half_of_anything():
    result = run_power_cuts(CUTS, SEED)
    assert result.is_clean(), (str(result), result.examples)
    assert result.cuts == CUTS
    assert result.acknowledged > 0


def test_the_cuts_do_take_what_a_store_did_not_wait_for():
    """Without this, a disk that forgets nothing would pass the test above."""
    assert run_power_cuts(20, SEED, durable=False).lost > 0


async def test_a_new_store_takes_its_place_when_all_of_it_is_on_the_disk(tmp_path):
    with watched_disk() as disk:
        store = await EmbeddedStore.open(tmp_path, vfs=disk.name)
        changes = [event for event in disk.events if event.kind in ("write", "truncate", "sync")]
        unfinished = [event for event in changes if ".new-" in event.path]
        content = [event.kind for event in unfinished if not event.path.endswith("-journal")]
        assert "write" in content
        assert content[-1] == "sync"
        assert changes == unfinished
        await store.close()
