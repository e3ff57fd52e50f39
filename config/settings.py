"""Django's settings, all of them derived from `config.env`."""

from datetime import timedelta
from urllib.parse import parse_qsl, unquote, urlsplit

import django_stubs_ext

from config import env as environment
from config import headers, office_look
from config.logs import logging_config
from config.mail import email_settings
from config.queue import celery_settings

# Lets ModelAdmin[Report] and its like be written out when the program runs.
django_stubs_ext.monkeypatch()

ENV = environment.read()


def _database(url: str) -> dict[str, object]:
    """One entry of DATABASES from a `postgresql://user:password@host:port/name?option=…` URL."""
    parts = urlsplit(url)
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    # Its pauses between attempts double for as long as it does not give up. Short, so that a
    # database that is back is found within seconds by whoever asks next.
    options["pool"] = {
        "min_size": 1,
        "max_size": ENV.database_pool_size,
        "timeout": 10,
        "reconnect_timeout": 3,
    }
    return {
        "ENGINE": "django_prometheus.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": True,
    }


SECRET_KEY = ENV.secret_key
DEBUG = ENV.debug
ALLOWED_HOSTS = list(ENV.allowed_hosts) or [
    urlsplit(ENV.site_url).hostname or "localhost",
    "localhost",
    "127.0.0.1",
    "[::1]",
]
if ENV.service_domain:
    ALLOWED_HOSTS.append(f".{ENV.service_domain}")
CSRF_TRUSTED_ORIGINS = [ENV.site_url]

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "config.apps.OfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.contrib.postgres",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_structlog",
    "django_prometheus",
    "reports",
    "aggregator",
    "web",
    "config",
]

MIDDLEWARE = [
    "config.health.HealthMiddleware",
    "config.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "web.languages.Languages",
    "web.errors.DatabaseAway",
    "web.hosts.ServiceHosts",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before those of the apps: some of Unfold's are replaced.
        "DIRS": [environment.PROJECT_ROOT / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.site",
            ]
        },
    }
]

DATABASES = {"default": _database(ENV.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Redis holds throttles and read caches, never the truth: losing it costs nothing but speed.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": ENV.redis_url,
        "OPTIONS": {"socket_timeout": 0.25, "socket_connect_timeout": 0.25},
    }
}

# The staff's door. A lock is for one name from one network, so that nobody elsewhere can lock the
# only administrator out; against guessing from many networks stands the second factor. No address
# is kept: `network_of` gives the day's hash, and what django-axes logs names neither.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
STAFF_TWO_FACTOR = ENV.staff_two_factor
OTP_TOTP_ISSUER = ENV.site_name
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "config.door.network_of"
AXES_LOCKOUT_CALLABLE = "config.door.locked"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# Only the back office has sessions and cookies; no page of the public site gets to see them.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/admin/"
SESSION_COOKIE_AGE = 12 * 60 * 60

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]

LANGUAGE_CODE = "en"
LANGUAGES = [(code, code) for code in ("en", "de", "es", "fr", "pt", "ja")]
LOCALE_PATHS = [environment.PROJECT_ROOT / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = environment.PROJECT_ROOT / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = True

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "reports.problems.problem_response",
    "UNAUTHENTICATED_USER": None,
    # JSON is the only form; `?format=` would be one more way to ask for another.
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Outcry",
    "DESCRIPTION": "Reports of outages by the people who meet them: send, read, subscribe.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": [],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "APPEND_COMPONENTS": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
}

UNFOLD = office_look.UNFOLD

globals().update(email_settings(ENV.email_url))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENV.email_from

# An address is never logged.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
LOGGING = logging_config(ENV.log_level, ENV.log_format)
CELERY = celery_settings(ENV)

# What a browser is told. TLS ends at the proxy in front; the cookies still insist on it.
_SECURE = ENV.site_url.startswith("https://")
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31_536_000 if _SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _SECURE
SECURE_HSTS_PRELOAD = _SECURE
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": headers.PUBLIC}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _SECURE
X_FRAME_OPTIONS = "DENY"
# The proxy in front ends TLS and redirects; a redirect here would break its health checks.
SILENCED_SYSTEM_CHECKS = ["security.W008"]
