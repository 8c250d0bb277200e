from django.http import Http404


def assess(request, pk):
    raise Http404


customer_choice = customer_answers = round = details = close = reopen = assess
