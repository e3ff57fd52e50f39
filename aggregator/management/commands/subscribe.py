"""`manage.py subscribe`: be told of outages by webhook or e-mail."""

from argparse import ArgumentParser

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from aggregator.models.alert import SubscriptionChannel
from aggregator.models.outage import State
from aggregator.subscriptions import Wish, create


class Command(BaseCommand):
    """Makes a Subscription and prints a webhook's secret, once."""

    help = "Send alerts of outages to a webhook or an e-mail address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The target, and what to be told of."""
        target = parser.add_mutually_exclusive_group(required=True)
        target.add_argument("--webhook", metavar="URL", help="post signed JSON to this address")
        target.add_argument("--email", metavar="ADDRESS", help="send mail to this address")
        parser.add_argument("--service", metavar="SLUG", default="", help="of this service only")
        parser.add_argument("--region", metavar="CODE", help="only when this region is touched")
        parser.add_argument(
            "--least",
            choices=[State.POSSIBLE, State.CONFIRMED],
            default=State.CONFIRMED,
            help="from which state on (default: %(default)s)",
        )

    def handle(self, **options: str | None) -> None:
        """Make it.

        Raises:
            CommandError: when the address, the service or the region is not one.
        """
        webhook, email = options["webhook"], options["email"]
        wish = Wish(
            channel=SubscriptionChannel.WEBHOOK if webhook else SubscriptionChannel.EMAIL,
            target=webhook or email or "",
            service=options["service"] or "",
            region=options["region"],
            least_state=options["least"] or State.CONFIRMED,
        )
        try:
            subscription = create(wish)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"Subscription {subscription.pk} made.")
        if subscription.secret:
            self.stdout.write("Its signing secret, shown only now:")
            self.stdout.write(subscription.secret)
