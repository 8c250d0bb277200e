from allauth.account.adapter import DefaultAccountAdapter


class ClosedSignup(DefaultAccountAdapter):
    """Nobody signs up: the administrator adds people in the back-office."""

    def is_open_for_signup(self, request) -> bool:
        return False
