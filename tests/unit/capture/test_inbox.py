"""The inbox of a run at a capture service: it hands on what the receiver would, and knows when it is out of reach."""

import socket
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

from payconform.adapters.service_inbox import ServiceInbox, ServiceRefusedError, ServiceUnreachedError
from payconform.model.message import Answer, Arrival
from payconform.model.profile import Acknowledge, Callbacks
from payconform.sandbox.server import Sandbox

if TYPE_CHECKING:
    from tests.unit.capture.conftest import Running, Service

TOKEN = "a-token-of-enough-letters"
PATIENCE_S = 15.0

Open = Callable[..., tuple[ServiceInbox, list[Arrival]]]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens an inbox at a service; answers it with the list of what arrives."""
    inboxes: list[ServiceInbox] = []

    def begin(url: str, token: str = TOKEN, **members: object) -> tuple[ServiceInbox, list[Arrival]]:
        arrivals: list[Arrival] = []

        def take(arrival: Arrival) -> Answer:
            arrivals.append(arrival)
            return Answer()

        callbacks = Callbacks(inbox="service", service_url=url, token=token, **members)  # type: ignore[arg-type]
        inboxes.append(ServiceInbox(callbacks, take))
        inboxes[-1].start()
        return inboxes[-1], arrivals

    yield begin
    for inbox in inboxes:
        inbox.stop()


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def post(inbox: ServiceInbox, path: str, content: str = "{}") -> httpx.Response:
    return httpx.post(inbox.url + path, content=content, trust_env=False)


def test_an_arrival_is_as_the_receiver_gives_it(shared: "Service", opened: Open) -> None:
    inbox, arrivals = opened(shared.url, acknowledge=Acknowledge(status=202, body="OK"))
    answer = post(inbox, "/callbacks/o1?order=o1", '{"cvv": "123"}')
    assert (answer.status_code, answer.text) == (202, "OK")
    until(lambda: arrivals)
    (arrival,) = arrivals
    assert (arrival.method, arrival.path, arrival.query) == ("POST", "/callbacks/o1", "order=o1")
    assert (arrival.body, arrival.peer) == (b'{"cvv": "***"}', "127.0.0.1")
    assert arrival.captured is not None
    assert (arrival.captured.answered, arrival.captured.signature) == (202, "absent")
    assert 0 <= arrival.captured.ago_s < 5
    assert [leak.what for leak in arrival.captured.leaks] == ["cvv"]


def test_a_payer_that_is_sent_back_meets_a_page(shared: "Service", opened: Open) -> None:
    inbox, arrivals = opened(shared.url)
    page = httpx.get(f"{inbox.url}/return/o1/success?x=1", trust_env=False)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "You may close this window" in page.text
    assert arrivals == []


def test_inboxes_do_not_hear_each_other(shared: "Service", opened: Open) -> None:
    (one, heard_by_one), (_, heard_by_two) = opened(shared.url), opened(shared.url)
    post(one, "/callbacks/o1")
    until(lambda: heard_by_one)
    time.sleep(0.1)
    assert heard_by_two == []


def test_the_target_may_know_the_service_by_another_address(shared: "Service", opened: Open) -> None:
    inbox, _ = opened(shared.url, public_url="https://capture.example/base")
    assert inbox.url.startswith("https://capture.example/base/runs/")


def test_a_stopped_inbox_is_disarmed(shared: "Service", opened: Open) -> None:
    inbox, _ = opened(shared.url)
    inbox.stop()
    assert post(inbox, "/callbacks/o1").status_code == 404
    assert post(inbox, "/return/o1/success").status_code == 404


def test_it_hears_on_when_the_service_was_killed(running: "Running", opened: Open) -> None:
    inbox, arrivals = opened(running.url)
    post(inbox, "/callbacks/o1")
    until(lambda: arrivals)
    running.kill()
    down = time.monotonic()
    time.sleep(0.5)
    assert inbox.heard_until() < down, "silence is not believed while the service is out of reach"
    running.start()
    post(inbox, "/callbacks/o2")
    until(lambda: len(arrivals) == 2)
    until(lambda: inbox.heard_until() > down)
    assert [arrival.path for arrival in arrivals] == ["/callbacks/o1", "/callbacks/o2"]


def test_it_arms_anew_when_the_service_lost_its_store(running: "Running", opened: Open) -> None:
    inbox, arrivals = opened(running.url)
    for order in ("o1", "o2"):
        post(inbox, f"/callbacks/{order}")
    until(lambda: len(arrivals) == 2)
    running.kill()
    for file in running.store.parent.glob("callbacks.db*"):
        file.unlink()
    running.start()
    until(lambda: post(inbox, "/callbacks/o3").status_code == 200)
    until(lambda: len(arrivals) == 3)


def test_a_failure_of_whoever_hears_is_kept(shared: "Service") -> None:
    def fail(_arrival: Arrival) -> Answer:
        raise ValueError("it broke")

    inbox = ServiceInbox(Callbacks(inbox="service", service_url=shared.url, token=TOKEN), fail)
    inbox.start()
    post(inbox, "/callbacks/o1")
    until(lambda: inbox.failure)
    inbox.stop()
    assert str(inbox.failure) == "it broke"


def test_a_wrong_token_is_one_line(shared: "Service", opened: Open) -> None:
    with pytest.raises(ServiceRefusedError, match=r"does not take the token; callbacks\.token_env must name") as caught:
        opened(shared.url, token="another-token-altogether")
    assert "\n" not in str(caught.value)
    assert "another-token" not in str(caught.value)


def test_a_service_out_of_reach_is_one_line(opened: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with pytest.raises(ServiceUnreachedError, match=f"at http://127.0.0.1:{port} cannot be reached: connection refused"):
        opened(f"http://127.0.0.1:{port}")


def test_what_is_no_capture_service_is_one_line(opened: Open) -> None:
    with Sandbox() as sandbox, pytest.raises(ServiceRefusedError, match="answers as no capture service does") as caught:
        opened(sandbox.url)
    assert "\n" not in str(caught.value)
