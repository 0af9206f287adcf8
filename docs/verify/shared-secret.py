"""Compares a header with a shared secret. Needs only Python 3.9 or newer."""

import hmac
import sys


def verify(secret: str, value: str) -> bool:
    """Takes the secret as Testbell shows it, and the value of your header."""
    # Reject a missing setting: anyone could guess it.
    return bool(secret) and hmac.compare_digest(value.encode(), secret.encode())


if __name__ == "__main__":
    # To try it: python3 shared-secret.py SECRET VALUE
    sys.exit(0 if verify(*sys.argv[1:3]) else 1)
