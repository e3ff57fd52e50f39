"""Mail settings come from one address."""

import pytest

from config.mail import email_settings


def test_smtps_is_encrypted_from_the_start() -> None:
    settings = email_settings("smtps://mail.example")
    assert (settings["EMAIL_PORT"], settings["EMAIL_USE_SSL"]) == (465, True)
    assert (settings["EMAIL_USE_TLS"], settings["EMAIL_HOST_USER"]) == (False, "")


def test_plain_smtp_has_its_own_port() -> None:
    settings = email_settings("smtp://[::1]")
    assert (settings["EMAIL_HOST"], settings["EMAIL_PORT"]) == ("::1", 25)


def test_console_writes_mails_to_the_terminal() -> None:
    backend = email_settings("console://")["EMAIL_BACKEND"]
    assert backend == "django.core.mail.backends.console.EmailBackend"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "pop://mail.example",
        "smtp://",
        "smtp://ann:secret@",
        "smtp://ann:secret@mail.example/?tls=maybe",
        "smtp://ann:secret@mail.example/?tsl=1",
        "smtp://ann:secret@mail.example:port",
        "smtps://ann:secret@mail.example/?tls=1",
    ],
)
def test_anything_else_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"smtp|port|Port") as refused:
        email_settings(url)
    assert "secret" not in str(refused.value)
