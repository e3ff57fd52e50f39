"""Django's mail settings from the one address `OUTCRY_EMAIL_URL`."""

from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

SECONDS = 15
_PORTS = {"smtp": 25, "smtps": 465}
_BACKENDS = {"console": "console", "memory": "locmem", "smtp": "smtp", "smtps": "smtp"}
_YES = {"1": True, "true": True, "0": False, "false": False}


def email_settings(url: str) -> dict[str, object]:
    """The `EMAIL_…` settings by name.

    Args:
        url: `console://`, `memory://`, `smtp://user:password@host:port/?tls=1` (encrypted by
            STARTTLS with `tls=1`) or `smtps://…` (encrypted from the start).

    Raises:
        ValueError: when it is none of them; the message holds no password.

    >>> email_settings("memory://")
    {'EMAIL_BACKEND': 'django.core.mail.backends.locmem.EmailBackend'}
    >>> smtp = email_settings("smtp://ann:s%40lt@mail.example:587/?tls=1")
    >>> smtp["EMAIL_HOST"], smtp["EMAIL_PORT"], smtp["EMAIL_HOST_PASSWORD"], smtp["EMAIL_USE_TLS"]
    ('mail.example', 587, 's@lt', True)
    """
    parts = urlsplit(url)
    if parts.scheme not in _BACKENDS:
        raise ValueError("not a console://, memory://, smtp:// or smtps:// address")
    backend = f"django.core.mail.backends.{_BACKENDS[parts.scheme]}.EmailBackend"
    return {"EMAIL_BACKEND": backend, **(_server(parts) if parts.scheme in _PORTS else {})}


def _server(parts: SplitResult) -> dict[str, object]:
    options = dict(parse_qsl(parts.query))
    use_tls = _YES.get(options.pop("tls", "0").lower())
    if not parts.hostname or use_tls is None or options:
        raise ValueError("an smtp address is smtp://user:password@host:port/?tls=1")
    if use_tls and parts.scheme == "smtps":
        raise ValueError("smtps:// is encrypted from the start; leave out tls=1")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or _PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": use_tls,
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": SECONDS,
    }
