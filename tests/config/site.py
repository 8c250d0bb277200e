"""The whole site in a process of its own, on a database that a test may take away; started by `served`."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "a long enough secret"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str
    seconds: float


@dataclass
class Site:
    """A small browser: keeps cookies, follows nothing."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, **headers)

    def post(self, path: str, **fields: str) -> Answer:
        fields["csrfmiddlewaretoken"] = self.cookies.get("csrftoken", "")
        return self._ask("POST", path, urllib.parse.urlencode(fields))

    def sign_in(self) -> None:
        self.get("/login/")
        answer = self.post("/login/", login="mila@example.com", password=PASSWORD)
        assert answer.status == 302, answer.text

    def comes_back(self, path: str, within: float) -> bool:
        end = time.monotonic() + within
        while time.monotonic() < end:
            if self.get(path).status == 200:
                return True
            time.sleep(0.2)
        return False

    def _ask(self, method: str, path: str, body: str | None = None, **more: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} | more
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.monotonic()
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, value = re.match(r"([^=]+)=([^;]*)", cookie).groups()
            self.cookies[name] = value
        connection.close()
        return Answer(response.status, dict(response.headers), text, time.monotonic() - began)


@contextmanager
def served(database_url: str, *, prepared_on: str | None = None, **variables: str) -> Generator[Site]:
    """Set up the database (by another address if need be) and serve the site on it, with more settings if given."""
    from tests.migrated import copy_prepared  # not in the processes of sites, which start sooner without pytest

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "DEMO": "1", "DEBUG": "0", "DATABASE_URL": database_url} | variables
    setup = [sys.executable, "-m", "tests.config.site", "setup"]
    if database_url.startswith("sqlite:///"):
        copy_prepared(setup, Path(database_url.removeprefix("sqlite:///")))
    else:
        subprocess.run(setup, cwd=ROOT, env=environment | {"DATABASE_URL": prepared_on or database_url}, check=True)
    command = [sys.executable, "-m", "tests.config.site", "serve", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        site = Site(port)
        for _ in range(150):
            try:
                site.get("/live")
                break
            except OSError:
                assert process.poll() is None, "the site did not start"
                time.sleep(0.2)
        yield site
    finally:
        process.kill()
        process.wait()


def main(what: str, port: str = "0") -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django
    from django.conf import settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    django.setup()
    if what == "setup":
        from django.core.management import call_command

        from accounts.models import User

        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        User.objects.create_user("mila@example.com", PASSWORD, name="Mila")
        return
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIServer, make_server

    from config.wsgi import application

    class Threaded(ThreadingMixIn, WSGIServer):
        daemon_threads = True
        request_queue_size = 128  # of visitors who come in one moment

    make_server("127.0.0.1", int(port), application, Threaded).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
