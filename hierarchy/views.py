from django.http import Http404


def levels(request):
    raise Http404
