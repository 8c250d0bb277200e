"""The links and forms of a page, and what a browser sends by each of their buttons."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from html.parser import HTMLParser

NEVER_SENT = frozenset({"submit", "button", "reset", "image", "file"})
TYPED = {
    "date": (date.today() + timedelta(days=100)).isoformat(),
    "email": "ilse@example.com",
    "number": "1",
    "url": "https://example.com",
}


@dataclass
class Button:
    name: str = ""
    value: str = ""
    action: str | None = None  # of its own, in place of the form's


@dataclass
class Form:
    method: str
    action: str
    id: str = ""
    by_htmx: bool = False
    fields: list[tuple[str, str]] = field(default_factory=list)  # as they are filled in
    open: list[tuple[str, str]] = field(default_factory=list)  # what a person could fill in where nothing is yet
    hidden: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)  # also of boxes that are not ticked, and of files
    buttons: list[Button] = field(default_factory=list)

    def ways(self) -> list[Button]:
        """Its buttons; without any, Enter in a field sends it."""
        return self.buttons or ([Button()] if self.names - self.hidden else [])

    def sent_by(self, button: Button, *, filled: bool = False, without: str = "") -> dict[str, list[str]]:
        """What the form sends as it stands, or `filled` in; `without` is a field that it is taken to lack."""
        sent: dict[str, list[str]] = {}
        for name, value in [*self.fields, *([(button.name, button.value)] if button.name else [])]:
            if name != without:
                sent.setdefault(name, []).append(value)
        for name, value in self.open if filled else ():
            if not any(sent.get(name, [])):
                sent[name] = [value]
        return sent


class Page(HTMLParser):
    """`links` and `forms` of a page of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._elsewhere: list[tuple[str, str, dict[str, str]]] = []  # what names the form that it belongs to
        self._select: dict[str, str] | None = None
        self._options: list[tuple[str, bool]] = []
        self._area: str | None = None
        self._off = 0  # fieldsets around that are switched off
        self.feed(html)
        forms = {form.id: form for form in self.forms if form.id}
        for tag, id_, attributes in self._elsewhere:
            self._put(forms[id_], tag, attributes)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        elif tag == "form":
            method = attributes.get("method", "get").lower()
            self._form = Form(method, attributes.get("action", ""), attributes.get("id", ""), "hx-post" in attributes)
            self.forms.append(self._form)
        elif tag == "fieldset" and (self._off or "disabled" in attributes):
            self._off += 1
        elif tag == "option" and self._select is not None and "disabled" not in attributes:
            self._options.append((attributes.get("value", ""), "selected" in attributes))
        elif "disabled" in attributes or self._off:
            return
        elif "form" in attributes and tag in {"input", "button"}:
            self._elsewhere.append((tag, attributes["form"], attributes))
        elif self._form is None:
            return
        elif tag == "select" and attributes.get("name"):
            self._select, self._options = attributes, []
        elif tag == "textarea" and attributes.get("name"):
            self._form.names.add(attributes["name"])
            self._area, self._text = attributes["name"], ""
        elif tag in {"input", "button"}:
            self._put(self._form, tag, attributes)

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "fieldset" and self._off:
            self._off -= 1
        elif tag == "select" and self._select is not None and self._form:
            name, chosen = self._select["name"], [value for value, is_chosen in self._options if is_chosen]
            if not chosen and self._options and "multiple" not in self._select:
                chosen = [self._options[0][0]]
            self._form.names.add(name)
            self._form.fields += [(name, value) for value in chosen]
            self._form.open += [(name, value) for value, _is_chosen in self._options if value]
            self._select = None
        elif tag == "textarea" and self._area is not None and self._form:
            self._form.fields.append((self._area, self._text.removeprefix("\n")))
            self._form.open.append((self._area, "Filled in"))
            self._area = None

    @staticmethod
    def _put(form: Form, tag: str, attributes: dict[str, str]) -> None:
        name, value = attributes.get("name", ""), attributes.get("value", "")
        kind = attributes.get("type", "submit" if tag == "button" else "text").lower()
        if kind in {"submit", "image"}:
            form.buttons.append(Button(name, value, attributes.get("formaction")))
        if not name or tag == "button":
            return
        form.names.add(name)
        if kind == "hidden":
            form.hidden.add(name)
        if kind in {"checkbox", "radio"}:
            value = attributes.get("value", "on")
            form.fields += [(name, value)] if "checked" in attributes else []
            form.open.append((name, value))
        elif kind not in NEVER_SENT:
            form.fields.append((name, value))
            if kind != "hidden":
                form.open.append((name, TYPED.get(kind, "Filled in")))
