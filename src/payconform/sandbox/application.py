"""The provider behind HTTP: the create-order endpoint and the hosted pages as an ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from payconform.contract import ENDPOINT_PATH
from payconform.model.message import Request
from payconform.sandbox.header_names import as_written
from payconform.sandbox.provider import Provider
from payconform.sandbox.replies import HttpReply

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def application(provider: Provider) -> Starlette:
    """The routes of one provider; its callbacks stop with the application."""

    async def create(request: HttpRequest) -> Response:
        body = await request.body()
        await asyncio.sleep(provider.settings.latency_s)
        return _response(await provider.create(_message(request, body)))

    async def hosted(request: HttpRequest) -> Response:
        body = await request.body()
        await asyncio.sleep(provider.settings.latency_s)
        order = provider.order_of(request.path_params["session"], request.headers.get("cookie", ""), request.method)
        if order is None:
            return _response(provider.unknown_page())
        page = request.path_params["page"]
        if request.method == "POST":
            form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
            return _response(provider.submit(page, order, form))
        return _response(provider.show(page, order))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await provider.stop_notifying()

    routes = [
        Route(ENDPOINT_PATH, create, methods=METHODS),
        Route("/{page}/{session}", hosted, methods=("GET", "POST")),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _message(request: HttpRequest, body: bytes) -> Request:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in as_written(request.headers.raw))
    return Request(method=request.method, url=str(request.url), headers=headers, body=body)


def _response(reply: HttpReply) -> Response:
    headers = {"content-type": reply.media_type, **reply.headers}
    return Response(reply.body, reply.status, headers=headers)
