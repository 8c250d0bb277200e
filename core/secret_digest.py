"""What is stored of a secret that opens something: API keys, calendar addresses, survey links."""

import hashlib


def digest_of(secret: str) -> str:
    """SHA-256 of the secret, 64 hexadecimal digits. The secrets are long and random, so a salt adds nothing."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
