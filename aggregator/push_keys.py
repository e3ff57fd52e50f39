"""The key by which push services know this site: made once for all processes, kept for good.

Browsers subscribe to the key; with another one all of them would have to subscribe again.
"""

import base64
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from aggregator.models import PushKey


@cache
def private_key() -> str:
    """The key as PEM; of two processes that make it at once, one wins for both."""
    if not PushKey.objects.exists():
        made = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        PushKey.objects.bulk_create(
            [PushKey(id=1, private_key=made.decode())], ignore_conflicts=True
        )
    return PushKey.objects.get().private_key


def public_key() -> str:
    """Its public half as browsers want it: the point in base64url, without padding."""
    key = serialization.load_pem_private_key(private_key().encode(), password=None)
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def forget() -> None:
    """Drop what this process remembers, for when the row was removed behind its back."""
    private_key.cache_clear()
