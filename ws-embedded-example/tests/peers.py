"""Python's `websockets` talks to a board: `peers.py HOST:PORT`. Refused, it comes again."""

import asyncio
import json
import sys

import websockets

BASE = f"ws://{sys.argv[1]}"


async def connect(path):
    for _ in range(200):
        try:
            return await websockets.connect(BASE + path, compression=None, max_size=None)
        except (OSError, websockets.InvalidMessage, websockets.InvalidHandshake):
            await asyncio.sleep(0.02)
    raise SystemExit(f"{path}: refused for ever")


async def echo(number):
    async with await connect("/echo") as socket:
        for size in (0, 1, 125, 126, 65_535, 65_536, 200_000):
            for message in ("\u00e4" * (size // 2), bytes(n % 251 for n in range(size))):
                await socket.send(message)
                assert await socket.recv() == message, size
        pong = await socket.ping(b"there?")
        await pong
        fragments = [f"{number} ", "comes ", "in ", "fragments"]
        await socket.send(fragments)
        assert await socket.recv() == "".join(fragments)


async def telemetry():
    async with await connect("/telemetry") as socket:
        await socket.send("every 50")
        while "every_ms" not in await socket.recv():
            pass
        readings = [json.loads(await socket.recv()) for _ in range(5)]
        numbers = [reading["number"] for reading in readings]
        assert numbers == list(range(numbers[0], numbers[0] + 5)), numbers
        uptimes = [reading["uptime_ms"] for reading in readings]
        assert uptimes == sorted(set(uptimes)), uptimes


async def compressed():
    """An offer of compression is declined, and all goes on without."""
    for _ in range(200):
        try:
            async with websockets.connect(BASE + "/echo") as socket:
                await socket.send("plain")
                assert await socket.recv() == "plain"
                assert not socket.protocol.extensions
                return
        except (OSError, websockets.InvalidMessage):
            await asyncio.sleep(0.02)
    raise SystemExit("refused for ever")


async def main():
    await asyncio.gather(echo(1), echo(2), telemetry())
    await compressed()
    print(f"websockets {websockets.__version__}: echoes, fragments, readings, an offer declined")


asyncio.run(main())
