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
    """The answer to the columns as the page has filled them in, but for `fields`."""
    form = columns(client, job, f"?kind={fields.get('kind', job.kind)}").context["form"]
    data = {field.html_name: field.value() or "" for field in form} | fields
    return client.post(reverse("importing:columns", args=[job.pk]), data)


def asked(page) -> dict[tuple[str, str], int]:
    """What the page of questions asks: the rows of each field and text."""
    return {(group.name, one.text): one.rows for group in page.context["form"].groups for one in group.values}


def answer(client, job: ImportJob, said: dict[str, str] | None = None):
    """The answer to the questions as the page has them chosen, but for what is `said` of these texts, or by the name of a field."""
    address = reverse("importing:questions", args=[job.pk])
    form = client.get(address).context["form"]
    by_text = {one.text: one.name for group in form.groups for one in group.values}
    data = {field.html_name: field.value() for field in form}
    data |= {by_text.get(text, text): value for text, value in (said or {}).items()}
    return client.post(address, data)


def check(client, job: ImportJob):
    """The page that says what would change, or that of the questions while there are any."""
    return client.get(reverse("importing:check", args=[job.pk]), follow=True)
