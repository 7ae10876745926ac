"""What the server is compared with: a bare Tornado handler that answers JSON of a given size.

`python -m scripts.bench.bare PORT`; `/SIZE` answers SIZE bytes, to GET and to POST. Everything
is as Tornado comes, on asyncio's own loop; there is no access log because nothing asks for one.
"""

import argparse
import asyncio

from tornado.web import Application, RequestHandler

_EMPTY_BYTES = len('{"answer": ""}')


class BareHandler(RequestHandler):
    """Answers a JSON object with one string, which is the cheapest JSON of a size."""

    def get(self, size: str) -> None:
        """Answer at once."""
        self.write({"answer": "x" * max(0, int(size) - _EMPTY_BYTES)})

    def post(self, size: str) -> None:
        """The same; the body has been read, and is ignored."""
        self.get(size)


def application() -> Application:
    """The whole of it."""
    return Application([("/([0-9]+)", BareHandler)])


async def serve(port: int) -> None:
    """Listen on the loopback until killed."""
    application().listen(port, "127.0.0.1")
    await asyncio.Event().wait()


def main() -> None:
    """Serve on the port that is given."""
    parser = argparse.ArgumentParser(description="Serve the bare handler.")
    parser.add_argument("port", type=int)
    asyncio.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
