"""Prints who comes and goes, and is present itself: `python watch.py http://localhost:8000 TOKEN`."""

import asyncio
import json
import random
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


async def watch(base: str, token: str) -> None:
    """One connection, until it ends. The token goes into the first message, so that no log of addresses has it."""
    address = base.replace("http", "ws", 1) + "/ws/user-status/"
    async with connect(address, subprotocols=["hereabouts.v1"]) as socket:
        await socket.send(json.dumps({"type": "auth", "token": token}))
        await socket.send(json.dumps({"type": "subscribe", "scope": "everyone"}))
        async for text in socket:
            message = json.loads(text)
            if message["type"] == "presence.snapshot":
                names = sorted(user["username"] for user in message["users"])
                print(f"{message['total']} online: {', '.join(names)}", flush=True)
            elif message["type"] == "presence.diff":
                for change in message["changes"]:
                    print(f"{change['username']} is {change['status']} ({change['reason']})", flush=True)


async def main(base: str, token: str) -> None:
    """Comes back after a loss with a growing, random wait; a refused token is final."""
    attempt = 0
    while True:
        try:
            await watch(base, token)
        except ConnectionClosed as closed:
            if closed.rcvd and closed.rcvd.code in (4401, 4403):
                sys.exit(f"The server refused the token ({closed.rcvd.code}).")
        except OSError as error:
            print(f"no connection: {error}", file=sys.stderr)
        attempt += 1
        await asyncio.sleep(random.uniform(0, min(20, 0.5 * 2**attempt)))


asyncio.run(main(sys.argv[1].rstrip("/"), sys.argv[2]))
