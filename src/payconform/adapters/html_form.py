"""HTML forms as a browser submits them: which controls count, what they send, and how the body is encoded."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

BUTTONS = frozenset({"submit", "image", "button"})
SILENT = frozenset({"reset", "file"})  # never sent; a hosted card page asks for no file
YES = frozenset({"on", "true", "yes", "1"})

Pairs = list[tuple[str, str]]


class FormError(Exception):
    """The form cannot be filled or submitted as asked; one phrase that names fields and buttons, never values."""


class Option(NamedTuple):
    """One option of a select."""

    value: str
    label: str
    selected: bool


class Control(NamedTuple):
    """One control as the page has it. `kind` is the type of an input, else "select", "textarea" or the type of a button.

    `action`, `method` and `enctype` are what a button changes of its form, "" for nothing; `label` is what can be read on it.
    """

    kind: str
    name: str = ""
    value: str = ""
    checked: bool = False
    disabled: bool = False
    options: tuple[Option, ...] = ()
    multiple: bool = False
    label: str = ""
    action: str = ""
    method: str = ""
    enctype: str = ""

    def is_called(self, text: str) -> bool:
        """Whether a user would call this button so: by its label, name or value, in any case."""
        wanted = text.strip().casefold()
        return wanted in {called.strip().casefold() for called in (self.label, self.name, self.value) if called.strip()}


class Submission(NamedTuple):
    """What pressing a button sends. `url` is absolute; `content_type` is "" for GET."""

    method: str
    url: str
    content_type: str
    body: bytes


class Form(NamedTuple):
    """One form with absolute `action`; `controls` in document order, associated ones included."""

    action: str
    method: str
    enctype: str
    controls: tuple[Control, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the controls that are not buttons, each once, in order."""
        return tuple(dict.fromkeys(c.name for c in self.controls if c.name and c.kind not in BUTTONS | SILENT))

    @property
    def visible_fields(self) -> tuple[str, ...]:
        """The names of the fields a payer can see; one without a name appears as its kind."""
        seen = (c for c in self.controls if c.kind not in BUTTONS | SILENT | {"hidden"})
        return tuple(dict.fromkeys(c.name or c.kind for c in seen))

    @property
    def buttons(self) -> tuple[Control, ...]:
        """What submits the form."""
        return tuple(c for c in self.controls if c.kind in ("submit", "image") and not c.disabled)

    def has(self, name: str) -> bool:
        """Whether a field, or a button that carries a choice, has that name."""
        return any(c.name == name for c in self.controls)

    def button(self, called: str, values: Mapping[str, str]) -> Control | None:
        """The button to press: the one called so, the one whose name and value are filled in, or the only one.

        None where the form has no button, as a script submits it. Raises `FormError` when there is a choice and nothing to go by.
        """
        if called:
            named = [c for c in self.controls if c.kind in BUTTONS and c.is_called(called)]
            if not named:
                raise FormError(f"no button {called!r}, but {listed(self.labels)}")
            return named[0]
        chosen = [c for c in self.buttons if c.name in values and values[c.name] in (c.value, c.label)]
        if chosen:
            return chosen[0]
        if len(self.buttons) > 1:
            raise FormError(f"several buttons ({listed(self.labels)}) and no `submit` that names one")
        return self.buttons[0] if self.buttons else None

    @property
    def labels(self) -> tuple[str, ...]:
        """What the form's buttons are called."""
        return tuple(c.label or c.name or c.kind for c in self.controls if c.kind in BUTTONS)

    def submission(self, values: Mapping[str, str], button: Control | None, charset: str) -> Submission:
        """What the form sends when `values` (field name to text) are filled in and `button` is pressed.

        Raises `FormError` for a field that is not there or does not take its value.
        """
        missing = [name for name in values if not self.has(name)]
        if missing:
            raise FormError(f"no field {listed(missing)}, but {listed(self.fields)}")
        pairs = self._pairs(values, button)
        action = (button and button.action) or self.action
        method = ((button and button.method) or self.method).upper()
        enctype = (button and button.enctype) or self.enctype
        if method != "POST":
            query = urlencode(pairs, encoding=charset, errors="xmlcharrefreplace")
            return Submission("GET", urlsplit(action)._replace(query=query).geturl(), "", b"")
        if enctype == "multipart/form-data":
            return Submission("POST", action, *_multipart(pairs, charset))
        body = urlencode(pairs, encoding=charset, errors="xmlcharrefreplace").encode("ascii")
        return Submission("POST", action, "application/x-www-form-urlencoded", body)

    def _pairs(self, values: Mapping[str, str], button: Control | None) -> Pairs:
        shown = {c.name for c in self.controls if c.kind != "hidden"}
        pairs: Pairs = []
        for control in self.controls:
            if control is button:
                pairs += _pressed(control)
            elif control.kind in BUTTONS | SILENT or not control.name:
                continue
            elif control.name in values and not (control.kind == "hidden" and control.name in shown):
                pairs += _filled(control, values[control.name], alone=self._is_alone(control))
            elif not control.disabled:
                pairs += _untouched(control)
        return pairs

    def _is_alone(self, control: Control) -> bool:
        return sum(c.name == control.name and c.kind == control.kind for c in self.controls) == 1


def _pressed(button: Control) -> Pairs:
    if button.kind == "image":
        prefix = f"{button.name}." if button.name else ""
        return [(f"{prefix}x", "1"), (f"{prefix}y", "1")]
    return [(button.name, button.value)] if button.name else []


def _untouched(control: Control) -> Pairs:
    if control.kind in ("checkbox", "radio"):
        return [(control.name, control.value)] if control.checked else []
    if control.kind == "select":
        selected = [option for option in control.options if option.selected]
        if not control.multiple:
            selected = selected[-1:] or list(control.options[:1])
        return [(control.name, option.value) for option in selected]
    return [(control.name, control.value)]


def _filled(control: Control, text: str, *, alone: bool) -> Pairs:
    if control.kind in ("checkbox", "radio"):
        on = text == control.value or (control.kind == "checkbox" and alone and text.strip().lower() in YES)
        return [(control.name, control.value)] if on else []
    if control.kind == "select":
        return [(control.name, _chosen(control, text).value)]
    return [(control.name, text)]


def _chosen(control: Control, text: str) -> Option:
    """The option of a select that `text` means: its value, its label, or the same number ("1" for "01")."""
    tests = (
        lambda option: option.value == text,
        lambda option: option.label.casefold() == text.strip().casefold(),
        lambda option: _same_number(option.value, text) or _same_number(option.label, text),
    )
    for test in tests:
        found = next(filter(test, control.options), None)
        if found is not None:
            return found
    raise FormError(f"no option of {control.name!r} is what the profile fills in")


def _same_number(left: str, right: str) -> bool:
    both = left.strip(), right.strip()
    return all(text.isdecimal() for text in both) and both[0].lstrip("0") == both[1].lstrip("0")


def _multipart(pairs: Pairs, charset: str) -> tuple[str, bytes]:
    boundary = "payconform" + hashlib.sha256(repr(pairs).encode("utf-8", "replace")).hexdigest()[:24]
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n{value}\r\n' for name, value in pairs
    )
    body = f"{parts}--{boundary}--\r\n".encode(charset, "xmlcharrefreplace")
    return f"multipart/form-data; boundary={boundary}", body


def _quoted(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def listed(names: Sequence[str]) -> str:
    """Names for a message, cut, because what a page calls things is not bounded."""
    return ", ".join(repr(name[:40]) for name in names[:12]) or "none"
