"""Agora's server: settings, bootstrap, listen, signal, stop."""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable
from typing import Protocol

from config.bootstrap import Agora, bootstrap
from config.clock import choose_clock
from config.logging import RequestLine, configure_logging
from config.memory import return_freed_memory
from config.settings import SettingError, Settings, help_text
from handlers.base import BaseHandler
from handlers.client_address import ClientAddresses
from handlers.cors import CrossOrigin
from handlers.router import AgoraRouter
from handlers.routes import ROUTES
from handlers.routing import RouteTable
from handlers.server import Listener, RequestHook
from repositories.storage import StorageRefused
from services.clock import Clock

_log = logging.getLogger("agora.start")


class Start(Protocol):
    """Joins everything, as `bootstrap` does."""

    async def __call__(self, settings: Settings, *, clock: Clock) -> Agora: ...


async def serve(settings: Settings, *, start: Start = bootstrap) -> int:
    """Run what `start` joins until a signal asks to stop; answers the exit code."""
    request_log = configure_logging(settings.log_format, settings.log_level)
    return_freed_memory()
    stop_asked = _watch_signals()
    agora = await start(settings, clock=choose_clock(settings))
    try:
        listener = make_listener(make_router(agora, settings, log_with(request_log.log)), settings)
        ports = listener.listen(settings.address, settings.port)
        agora.start_workers()
        # What is there now stays for good: looking through it for garbage held the loop 15 ms.
        gc.collect()
        gc.freeze()
        for port in ports:
            _log.info("listening on http://%s:%d", settings.address, port)
        await stop_asked.wait()
        _log.info("stopping: requests in flight are finished; a second signal stops at once")
        agora.services.health.begin_stop()
        await listener.stop()
    finally:
        await agora.close()
    _log.info("stopped")
    return 0


def make_router(agora: Agora, settings: Settings, log_request: RequestHook) -> AgoraRouter:
    """All that is answered, as the settings say."""
    return AgoraRouter(
        RouteTable(ROUTES),
        agora.services,
        log_request,
        client_addresses=ClientAddresses(settings.trusted_proxies),
        cross_origin=CrossOrigin(settings.cors_origins) if settings.cors_origins else None,
        is_https=settings.public_url.startswith("https:"),
    )


def make_listener(router: AgoraRouter, settings: Settings) -> Listener:
    """What brings the requests to a router."""
    return Listener(
        router,
        max_connections=settings.max_connections,
        max_per_address=settings.max_connections_per_address,
    )


def log_with(log: Callable[[RequestLine], None]) -> RequestHook:
    """Tornado's hook after each request, telling `log` what it may say of it."""

    def log_request(handler: BaseHandler) -> None:
        request = handler.request
        actor = getattr(handler, "actor", None)
        log(
            RequestLine(
                status=handler.get_status(),
                method=request.method or "",
                path=request.path,
                seconds=request.request_time(),
                request_id=handler.request_id,
                address=request.remote_ip or "",
                account=actor.number if actor else None,
            )
        )

    return log_request


def _watch_signals() -> asyncio.Event:
    """An event for the first SIGTERM or SIGINT; the second ends the process there and then."""
    stop_asked = asyncio.Event()

    def on_signal() -> None:
        if stop_asked.is_set():
            sys.stderr.write("stopped at once by a second signal\n")
            sys.stderr.flush()
            # Not sys.exit: what is in flight must not get a say. The store survives kill -9.
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.raise_signal(signal.SIGTERM)
        stop_asked.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    return stop_asked


def _run(settings: Settings) -> int:
    try:
        import uvloop
    except ImportError:  # not made for Windows
        return asyncio.run(serve(settings))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(serve(settings))


def main(arguments: list[str]) -> int:
    """Start the server as the options and variables say."""
    if {"--help", "-h"} & set(arguments):
        print(help_text())
        return 0
    try:
        return _run(Settings.load(arguments))
    except (SettingError, StorageRefused) as problem:
        print(f"Agora can't start. {problem}", file=sys.stderr)
    except OSError as problem:
        print(f"Agora can't start: {problem}.", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
