"""The forms of a page as a browser would send them, untouched."""

from html.parser import HTMLParser


def form_to(page: str, address: str, here: str) -> dict[str, list[str]]:
    """The fields of the first form of the page at `here` that is posted to `address`, hidden ones included."""
    reader = _Forms()
    reader.feed(page)
    found = [fields for action, fields in reader.forms if (action or here).partition("?")[0] == address]
    assert found, f"{here} has no form to {address}"
    return max(found, key=lambda fields: "form_key" in fields)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, list[str]]]] = []
        self.inside: dict[str, list[str]] | None = None
        self.text_of = self.choice_of = ""

    def handle_starttag(self, tag, attrs):
        has = dict(attrs)
        name, value = has.get("name") or "", has.get("value") or ""
        if tag == "form":
            self.inside = {}
            if has.get("method") == "post":
                self.forms.append((has.get("action") or "", self.inside))
        elif self.inside is None:
            return
        elif tag == "input" and name and has.get("type") not in {"submit", "file"}:
            if has.get("type") not in {"checkbox", "radio"}:
                self.inside.setdefault(name, []).append(value)
            elif "checked" in has:
                self.inside.setdefault(name, []).append(has.get("value", "on"))
        elif tag == "textarea":
            self.text_of, self.inside[name] = name, [""]
        elif tag == "select":
            self.choice_of = name
        elif tag == "option" and "selected" in has:
            self.inside.setdefault(self.choice_of, []).append(value)

    def handle_data(self, data):
        if self.text_of and self.inside is not None:
            self.inside[self.text_of][0] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.text_of = ""
        elif tag == "form":
            self.inside = None
