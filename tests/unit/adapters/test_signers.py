"""Which headers prove who sends a request."""

from importlib.metadata import EntryPoint, EntryPoints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payconform.adapters import signers
from payconform.adapters.signers import HeaderSigner, SignerError, signer_for
from payconform.contract.signature import sign
from payconform.model.message import Request
from payconform.model.profile import Auth

LESSPAY2 = Auth(signer="lesspay2", app_id="app-1", secret="s3cret")


def request(body: bytes = b'{"target_amount": 100.00}', *headers: tuple[str, str]) -> Request:
    return Request(method="POST", url="https://psp.test/", headers=headers, body=body)


class OwnSigner:
    """What a user might install."""

    def __init__(self, auth: Auth) -> None:
        if not auth.secret:
            raise ValueError(auth.headers)
        self._secret = auth.secret

    def sign(self, request: Request) -> Request:
        return Request(method=request.method, url=request.url, headers=(("X-Own", self._secret),), body=request.body)


@pytest.fixture
def own_signer_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def installed(group: str) -> EntryPoints:
        assert group == "payconform.signers"
        return EntryPoints([EntryPoint("own", f"{__name__}:OwnSigner", group), EntryPoint("broken", "no_such_module:X", group)])

    monkeypatch.setattr(signers, "entry_points", installed)
    monkeypatch.setattr(EntryPoint, "load", lambda self: OwnSigner if self.name == "own" else __import__("no_such_module"))


def test_no_signer_changes_nothing() -> None:
    assert signer_for(Auth()).sign(request()) == request()


def test_static_headers_come_after_those_of_the_request() -> None:
    signer = signer_for(Auth(signer="headers", headers={"X-Api-Key": "k"}))
    assert signer.sign(request(b"", ("Accept", "a"))).headers == (("Accept", "a"), ("X-Api-Key", "k"))


def test_lesspay2_signs_the_final_bytes() -> None:
    signed = signer_for(LESSPAY2, clock=lambda: 1_700_000_000.1239).sign(request())
    assert signed.body == request().body
    assert signed.headers == (
        ("x-auth-appid", "app-1"),
        ("X-Auth-Timestamp", "1700000000123"),
        ("x-auth-signature", sign(request().body, "s3cret")),
    )


def test_a_header_the_request_has_stays() -> None:
    signed = signer_for(LESSPAY2).sign(request(b"{}", ("X-Auth-Signature", "wrong")))
    assert [name.lower() for name, _ in signed.headers] == ["x-auth-signature", "x-auth-appid", "x-auth-timestamp"]
    assert signed.headers[0] == ("X-Auth-Signature", "wrong")


@given(st.binary() | st.sampled_from([b"", b"[]", b"null", b'{"a":', b'{"a": "\xff"}', b'{"a":' * 9000, b'{"a": NaN}']))
def test_any_body_can_be_sent(body: bytes) -> None:
    signed = signer_for(LESSPAY2).sign(request(body))
    assert signed.body == body
    assert len(dict(signed.headers)["x-auth-signature"]) == 64


@pytest.mark.usefixtures("own_signer_installed")
def test_a_signer_of_ones_own_is_found_by_its_name() -> None:
    assert signer_for(Auth(signer="own", secret="s")).sign(request()).headers == (("X-Own", "s"),)


@pytest.mark.usefixtures("own_signer_installed")
def test_an_unknown_signer_is_one_line_that_lists_the_known() -> None:
    with pytest.raises(SignerError) as caught:
        signer_for(Auth(signer="hmac"))
    assert str(caught.value) == "no signer is called 'hmac'; a profile may name none, headers, lesspay2, broken, own"


@pytest.mark.usefixtures("own_signer_installed")
@pytest.mark.parametrize(("name", "error"), [("broken", "ModuleNotFoundError"), ("own", "ValueError")])
def test_a_signer_that_cannot_be_made_is_one_line_without_secrets(name: str, error: str) -> None:
    with pytest.raises(SignerError) as caught:
        signer_for(Auth(signer=name, headers={"X-Api-Key": "s3cret"}))
    assert str(caught.value) == f"the signer {name!r} cannot be made: {error}"


def test_a_signer_shows_no_secret() -> None:
    assert "s3cret" not in repr(signer_for(LESSPAY2)) + repr(HeaderSigner({"X": "s3cret"}))
