"""The pages of the import, as a browser goes through them."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from importing.models import ImportJob


def send_file(client, content: str | bytes, name: str = "list.csv", **fields):
    """The answer to a file that is uploaded."""
    file = SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)
    return client.post(reverse("importing:upload"), {"file": file} | fields)


def upload(client, content: str | bytes, name: str = "list.csv", **fields) -> ImportJob:
    """The import of a file that is taken."""
    answer = send_file(client, content, name, **fields)
    assert answer.status_code == 302, answer.context["form"].errors
    return ImportJob.objects.latest("pk")


def columns(client, job: ImportJob, query: str = ""):
    """The page that asks what the columns hold."""
    return client.get(reverse("importing:columns", args=[job.pk]) + query)


def choose(client, job: ImportJob, **fields):
    """The answer to the columns as the page has filled them in, but for `fields`; a browser goes where it leads."""
    form = columns(client, job, f"?kind={fields.get('kind', job.kind)}").context["form"]
    data = {field.html_name: field.value() or "" for field in form} | fields
    answer = client.post(reverse("importing:columns", args=[job.pk]), data)
    if answer.status_code == 302:
        client.get(answer.url)
    return answer
