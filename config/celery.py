"""The Celery application: `celery --app config worker` and `celery --app config beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("outcry")
app.config_from_object("config.settings:CELERY")
app.autodiscover_tasks(["reports", "aggregator"])
