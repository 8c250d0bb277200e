"""Every act that the trail records is registered with a sentence."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin

from audit import acts, trail
from audit.acts import Act
from audit.backoffice import AuditedAdmin
from tests.factories import make_account, make_user

RECORDING = {"record", "Change"}  # the functions of `audit.trail` whose first argument is the name of an act
# Their acts come from elsewhere: of `AuditedAdmin` from the names of models, of the others from an event or a `Change` made before.
PASSING_ON = {"audit/trail.py", "audit/backoffice.py", "importing/bounded.py"}
SKIPPED = {".venv", "tests", "bench", "migrations"}


def sources() -> dict[str, ast.Module]:
    root = Path(settings.BASE_DIR)
    paths = [path.relative_to(root) for path in root.rglob("*.py")]
    return {str(path): ast.parse((root / path).read_text()) for path in paths if not SKIPPED & set(path.parts)}


class Recorded:
    """The names of acts that one module records, followed through its variables and its own functions."""

    def __init__(self, path: str, module: ast.Module) -> None:
        self.module = module
        self.functions = {node.name: node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}
        # A name of a function -> the place of the act among its arguments. In the demo `Dossier.tell` keeps events for later.
        self.recording = dict.fromkeys(RECORDING | ({".tell"} if path.startswith("demo/") else set()), 0)
        self.unknown: list[int] = []
        self.found: set[str] = set()
        done: set[str] = set()
        while waiting := self.recording.keys() - done:
            for name in waiting:
                done.add(name)
                self._follow(name)

    def _follow(self, name: str) -> None:
        for function, call in self._calls(name):
            place = self.recording[name]
            named = [keyword.value for keyword in call.keywords if keyword.arg == "act"]
            if len(call.args) > place or named:
                self._read(named[0] if named else call.args[place], function)

    def _calls(self, name: str) -> Iterator[tuple[ast.FunctionDef | None, ast.Call]]:
        inside = {id(call): function for function in self.functions.values() for call in ast.walk(function)}
        for node in ast.walk(self.module):
            if isinstance(node, ast.Call):
                method = getattr(node.func, "attr", "")
                if name in {getattr(node.func, "id", ""), method, f".{method}"}:
                    yield inside.get(id(node)), node

    def _read(self, value: ast.expr, function: ast.FunctionDef | None) -> None:
        match value:
            case ast.Constant(value=str(text)):
                self.found.add(text)
            case ast.IfExp():
                self._read(value.body, function)
                self._read(value.orelse, function)
            case ast.Name(id=name) if function is not None and not self._variable(name, function):
                self.unknown.append(value.lineno)
            case ast.Name():
                pass
            case ast.Attribute(attr="REDACTED"):
                self.found.add(trail.REDACTED)
            case ast.Attribute(attr="act"):  # of a change that was made before
                pass
            case ast.Call(func=ast.Attribute(attr="get"), args=[_key, otherwise]):  # one of a dictionary
                self._read(otherwise, function)
                self._texts(value.func)
            case ast.JoinedStr(values=[ast.Constant(value="plan."), _state]):
                self.found |= {"plan.achieved", "plan.dropped"}
            case _:
                self.unknown.append(value.lineno)

    def _variable(self, name: str, function: ast.FunctionDef) -> bool:
        """Whether it is known what the variable holds: a parameter of the function, or what is assigned in it."""
        parameters = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
        if name in parameters or name in {one.arg for one in function.args.kwonlyargs}:
            place = parameters.index(name) if name in parameters else len(parameters)
            self.recording[function.name] = place - (1 if parameters[:1] == ["self"] else 0)
            return True
        known = False
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and any(
                isinstance(one, ast.Name) and one.id == name for one in ast.walk(node.targets[0])
            ):
                known = True
                if isinstance(node.targets[0], ast.Name):
                    self._read(node.value, function)
                else:
                    self._texts(self.module)  # one of several values that another function gives
        return known

    def _texts(self, node: ast.AST) -> None:
        """Every text that looks like an act of a registered kind of object."""
        kinds = {name.partition(".")[0] for name in acts.registered()}
        for one in ast.walk(node):
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value.isidentifier() is False:
                kind, dot, _rest = one.value.partition(".")
                if dot and kind in kinds and one.value.replace(".", "").isidentifier():
                    self.found.add(one.value)


def recorded() -> dict[str, Recorded]:
    return {path: Recorded(path, module) for path, module in sources().items() if path not in PASSING_ON and _records(module)}


def _records(module: ast.Module) -> bool:
    """Other modules have functions of these names that have nothing to do with the trail."""
    imported = {node.module or "" for node in ast.walk(module) if isinstance(node, ast.ImportFrom)}
    return any(name.startswith(("audit", "demo")) for name in imported)


def test_every_act_that_is_recorded_is_registered():
    found = {act: path for path, module in recorded().items() for act in module.found}
    assert {"account.created", "assessment.closed", "target.revised", "invitation.sent", "response.drafted"} <= found.keys()
    assert {act: path for act, path in found.items() if act not in acts.registered()} == {}


def test_every_act_can_be_followed_to_its_name():
    assert {path: module.unknown for path, module in recorded().items() if module.unknown} == {}


def test_every_act_of_the_back_office_is_registered():
    names = {model._meta.model_name for model, page in admin.site._registry.items() if isinstance(page, AuditedAdmin)}
    assert names
    acts_of = {f"{name}.{what}" for name in names for what in ("created", "changed", "deleted")}
    assert acts_of - acts.registered() == set()


def test_what_is_registered_is_recorded_somewhere():
    found = {act for module in recorded().values() for act in module.found}
    made_by_the_back_office = {
        name for name in acts.registered() if name.partition(".")[0] in {"user", "team", "exchangerate", "slidetemplate"}
    }
    assert acts.registered() - found - made_by_the_back_office == {trail.REDACTED} - found


@pytest.mark.parametrize("name", ["account.archived", "action.added", "invitation.failed", "response.changed"])
def test_sentences_can_be_filled_in(name):
    act = acts.act_called(name)
    for count in (1, 3):
        assert "%" not in act.told("Mila", count)
        assert not act.by_link or "%" not in act.told_by_link(count)


def test_a_name_is_registered_once():
    with pytest.raises(ValueError, match="registered twice"):
        acts.register_acts(Act("account.archived", "%(who)s archived this account."))


def test_an_event_is_told_with_who_did_it(db):
    account = make_account(owner=make_user(name="Mila Vermeer"))
    assert acts.told(trail.record("account.archived", account, by=account.owner)) == "Mila Vermeer archived this account."
    assert acts.told(trail.record("account.archived", account, by=None)) == "Standing archived this account."
    assert acts.told(trail.record("response.submitted", account, by=None)) == "1 person at the customer answered."
    assert acts.told(trail.record("account.teleported", account, by=None)) == "Standing changed something here."
