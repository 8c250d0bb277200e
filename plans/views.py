from django.http import Http404


def target(request, pk=None):
    raise Http404


plan = plan_change = plan_end = play_add = action_add = actions = action = action_move = target
