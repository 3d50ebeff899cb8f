"""What a provider is told when the disk fails."""

import threading
from pathlib import Path

import httpx
import pytest

from payconform.adapters.listening import address_of, listen
from payconform.capture.server import Server
from payconform.capture.service import Service, Settings
from payconform.capture.store import Store, exported

TOKEN = "a-token-of-enough-letters"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}


def test_a_callback_that_cannot_be_written_is_not_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(Service(Settings(store=tmp_path / "c.db", token=TOKEN)))
    full = threading.Event()
    commit = Store.commit

    def commit_unless_full(store: Store) -> None:
        if full.is_set():
            raise OSError(28, "No space left on device")
        commit(store)

    monkeypatch.setattr(Store, "commit", commit_unless_full)
    with listen("127.0.0.1:0") as listener, httpx.Client(base_url=address_of(listener), trust_env=False) as client:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        client.put("/api/armings", json={"path": "/a"}, headers=AUTHORIZED).raise_for_status()
        full.set()
        refused = client.post("/a", content="lost")
        assert (refused.status_code, "SUCCESS" in refused.text, refused.headers["retry-after"]) == (503, False, "5")
        assert client.put("/api/armings", json={"path": "/b"}, headers=AUTHORIZED).status_code == 503
        assert client.get("/health").status_code == 503
        full.clear()
        assert client.post("/a", content="kept").status_code == 200
        assert client.get("/health").status_code == 200
        assert 'refused_total{reason="not kept"} 1' in client.get("/metrics", headers=AUTHORIZED).text
        server.should_exit = True
        thread.join(20)  # before its listener is closed
    (record,) = exported(tmp_path / "c.db")
    assert b'"kept"' in record
