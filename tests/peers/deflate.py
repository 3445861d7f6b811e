"""Python's `websockets` and an echo that compresses: `deflate.py ws://HOST:PORT`."""

import asyncio
import json
import sys

import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

URL = sys.argv[1]

# What a client may ask for; `None` leaves it to the server.
OFFERS = [
    {},
    {"server_no_context_takeover": True},
    {"client_no_context_takeover": True},
    {"server_max_window_bits": 9, "client_max_window_bits": 9},
    {"server_max_window_bits": 8, "server_no_context_takeover": True},
    {"server_max_window_bits": 12, "client_no_context_takeover": True},
]


def messages():
    """Texts and bytes of many sizes, all of which can be made smaller."""
    for size in (0, 1, 126, 1023, 1024, 5000, 65_536, 500_000):
        record = json.dumps({"size": size, "name": "\u00e4\u6c34\U0001f980", "values": [size] * 9})
        text = (record * (size // len(record) + 1))[:size]
        yield text
        yield text.encode()


def counted(extension):
    """How many of the messages that come and go are compressed, from now on."""
    count = {"sent": 0, "received": 0}
    encode, decode = extension.encode, extension.decode

    def encoding(frame):
        frame = encode(frame)
        count["sent"] += frame.rsv1
        return frame

    def decoding(frame, **limits):
        count["received"] += frame.rsv1
        return decode(frame, **limits)

    extension.encode, extension.decode = encoding, decoding
    return count


async def converse(offer):
    factory = ClientPerMessageDeflateFactory(**offer)
    connecting = websockets.connect(URL, extensions=[factory], compression=None, max_size=None)
    async with connecting as socket:
        [extension] = socket.protocol.extensions
        count = counted(extension)
        # Twice, so that messages can refer to earlier ones.
        for message in [*messages(), *messages()]:
            await socket.send(message)
            assert await socket.recv() == message, len(message)
        # In fragments, of which only the first says that they are compressed.
        await socket.send(["in ", "several ", "fragments " * 500])
        assert await socket.recv() == "in several " + "fragments " * 500
    assert count["sent"] > 30 and count["received"] >= 16, count
    print(f"{extension}: {count}")


async def main():
    for offer in OFFERS:
        await converse(offer)


asyncio.run(main())
