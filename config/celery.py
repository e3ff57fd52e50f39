"""The Celery application: `celery --app config worker` and `celery --app config beat`."""

import os
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# It warns root of pickled messages; this queue takes JSON alone.
warnings.simplefilter("ignore", SecurityWarning)

app = Celery("outcry")
app.config_from_object("config.settings:CELERY")
app.autodiscover_tasks(["reports", "aggregator", "config"])
