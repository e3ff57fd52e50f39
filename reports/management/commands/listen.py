"""`manage.py listen`: takes public posts that say a service fails, until it is told to stop."""

import signal
import threading

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reports.social import listening


class Command(BaseCommand):
    """Listen to the streams of `OUTCRY_SOCIAL_STREAMS`."""

    help = "Listens to public streams of posts until it is told to stop (SIGTERM, Ctrl-C)."

    def handle(self, *_args: object, **_options: object) -> None:
        """Listen.

        Raises:
            CommandError: when there is nothing to listen to.
        """
        if not settings.ENV.social_streams:
            raise CommandError("OUTCRY_SOCIAL_STREAMS names no stream; see docs/social.md.")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        listening.listen(settings.ENV.social_streams, stop)
