"""What a browser sends for a page of the back-office: every field as it stands there, then what is typed over it."""

from html.parser import HTMLParser
from urllib.parse import urlencode

from django.test import RequestFactory
from django.urls import resolve


def opened(address: str, who):
    """The page as the view answers it, not rendered: half a second less than `client.get`, with the same forms."""
    request = RequestFactory().get(address)
    request.user, request.resolver_match = who, resolve(address)
    match = request.resolver_match
    return match.func(request, *match.args, **match.kwargs)


def as_sent(response, **typed) -> dict[str, str]:
    """The fields of the page with `typed` over them (None leaves a field out); of a rendered page those in its HTML."""
    data = _fields_in_html(response.content.decode()) if response.is_rendered else _fields_of_forms(response)
    data |= typed
    return {name: value for name, value in data.items() if value is not None}


def send(client, address: str, fields: dict[str, str]):
    """The answer to the fields; encoded as a URL, which is read in a third of the time of a multipart body."""
    return client.post(address, urlencode(fields), content_type="application/x-www-form-urlencoded")


def row(response, kind: str, **wanted) -> str:
    """The prefix of the row whose object has these values: “indicators-3-”."""
    for form in _formset(response, kind).forms:
        if all(getattr(form.instance, name) == value for name, value in wanted.items()):
            return f"{form.prefix}-"
    raise AssertionError(f"no row of {kind} with {wanted}")


def new_row(response, kind: str) -> str:
    """The prefix of the empty row that the page offers."""
    return f"{_formset(response, kind).extra_forms[0].prefix}-"


def errors(response) -> dict[str, list[str]]:
    """Each message by the field that it stands beside."""
    return {form.add_prefix(name): list(said) for form in _forms(response) for name, said in form.errors.items()}


def _forms(response) -> list:
    inlines = response.context_data["inline_admin_formsets"]
    return [response.context_data["adminform"].form, *(form for inline in inlines for form in inline.formset.forms)]


def _formset(response, kind: str):
    inlines = response.context_data["inline_admin_formsets"]
    return next(inline.formset for inline in inlines if inline.formset.prefix == kind)


def _fields_of_forms(response) -> dict[str, str]:
    data = {}
    managements = [inline.formset.management_form for inline in response.context_data["inline_admin_formsets"]]
    for form in [*_forms(response), *managements]:
        for bound in form:
            value = bound.value()
            if value is not False:
                data[bound.html_name] = "on" if value is True else "" if value is None else str(value)
    return data


def _fields_in_html(html: str) -> dict[str, str]:
    reader = _Fields()
    reader.feed(html)
    return reader.data


class _Fields(HTMLParser):
    """Reads the successful controls of the form that changes an object."""

    def __init__(self):
        super().__init__()
        self.data: dict[str, str] = {}
        self.inside = False
        self.text_of = self.choice_of = ""

    def handle_starttag(self, tag, attrs):
        has = dict(attrs)
        if tag == "form":
            self.inside = (has.get("id") or "").endswith("_form") and has.get("id") != "logout-form"
        if not self.inside:
            return
        name = has.get("name") or ""
        if tag == "input" and name and (has.get("type") != "checkbox" or "checked" in has):
            self.data[name] = has.get("value") or ("on" if has.get("type") == "checkbox" else "")
        elif tag == "textarea":
            self.text_of, self.data[name] = name, ""
        elif tag == "select":
            self.choice_of = name
        elif tag == "option" and "selected" in has:
            self.data[self.choice_of] = has.get("value") or ""

    def handle_data(self, data):
        if self.text_of:
            self.data[self.text_of] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            # A browser takes the first line break of a text area for the page's own.
            self.data[self.text_of] = self.data[self.text_of].removeprefix("\r\n").removeprefix("\n")
            self.text_of = ""
        elif tag == "form":
            self.inside = False
