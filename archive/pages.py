"""The page where administrators download an archive."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.permissions import SignedInRequest
from archive.contents import counts
from archive.writing import document, gzipped
from audit import trail
from core import days
from core.database_limits import with_longer_limits

#: Compressed bytes of a record, measured on the demo, for the estimate of the size; other kinds have `FEW`.
BYTES = {"assessments.answer": 7, "accounts.account": 70, "audit.event": 140}
FEW = 25


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def archive(request: SignedInRequest) -> HttpResponseBase:
    """The contents of an archive; on POST the file, which is streamed. Statements of the page: one for the counts."""
    if not request.user.is_administrator:
        raise PermissionDenied
    if request.method == "POST":
        trail.record("archive.taken", request.user, by=request.user)
        name = f"standing-{days.today():%Y-%m-%d}.json.gz"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(with_longer_limits(gzipped(document())), content_type="application/gzip", headers=headers)
    found = counts()
    context = {
        "section": "settings",
        "counts": {kind.split(".")[1]: count for kind, count in found.items()},
        "bytes": sum(count * BYTES.get(kind, FEW) for kind, count in found.items()),
    }
    return render(request, "archive/archive.html", context)
