"""Requests that came at once are answered over several turns of the event loop."""

import asyncio

from handlers.loop_turn import LoopTurn


async def test_a_long_turn_is_left_to_the_others():
    seconds, done = 0.0, []
    turn = LoopTurn(clock=lambda: seconds)

    async def answer(name: str) -> None:
        nonlocal seconds
        await turn.give_way()
        done.append(name)
        seconds += 0.003

    async def look(after_turns: int) -> list[str]:
        for _ in range(after_turns):
            await asyncio.sleep(0)
        return list(done)

    answers = [asyncio.create_task(answer(name)) for name in "abcdefgh"]
    # Three of 3 ms are 9 ms: the others come one turn later, in their order.
    assert await look(1) == list("abc")
    assert await look(1) == list("abcdef")
    assert await look(1) == list("abcdefgh")
    await asyncio.gather(*answers)


async def test_a_turn_that_is_not_long_is_not_left():
    turn = LoopTurn(clock=lambda: 0.0)
    asyncio.get_running_loop().call_soon(lambda: None)
    for _ in range(100):
        coroutine = turn.give_way()
        try:
            coroutine.send(None)
        except StopIteration:
            continue
        raise AssertionError("it waited")
