"""The door for the web server: `granian --interface wsgi config.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from reports import submission  # noqa: E402 - its models need the application first

# From here on the process takes Reports, and its heartbeat says so.
submission.start()
