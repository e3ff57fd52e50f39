"""`manage.py subscribe`: be told of outages by webhook, e-mail or chat."""

from argparse import ArgumentParser

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from aggregator.models.alert import Style, SubscriptionChannel
from aggregator.models.outage import State
from aggregator.subscriptions import Manner, Wish, create

_CHANNELS = (SubscriptionChannel.WEBHOOK, SubscriptionChannel.EMAIL, SubscriptionChannel.CHAT)


class Command(BaseCommand):
    """Makes a Subscription and prints a webhook's secret, once."""

    help = "Send alerts of outages to a webhook or an e-mail address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The target, and what to be told of."""
        target = parser.add_mutually_exclusive_group(required=True)
        target.add_argument("--webhook", metavar="URL", help="post signed JSON to this address")
        target.add_argument("--email", metavar="ADDRESS", help="send mail to this address")
        target.add_argument(
            "--chat", metavar="URL", help="send to a service by its apprise address, any host"
        )
        parser.add_argument("--service", metavar="SLUG", default="", help="of this service only")
        parser.add_argument(
            "--category", metavar="SLUG", default="", help="of this category's services only"
        )
        parser.add_argument(
            "--style", choices=Style.values, default=Style.OUTCRY, help="what a webhook's body is"
        )
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
        channel = next(one for one in _CHANNELS if options[one])
        wish = Wish(
            channel=channel,
            target=options[channel] or "",
            service=options["service"] or "",
            category=options["category"] or "",
            region=options["region"],
            least_state=options["least"] or State.CONFIRMED,
            manner=Manner(style=options["style"] or Style.OUTCRY),
        )
        try:
            subscription = create(wish, by_operator=True)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"Subscription {subscription.pk} made.")
        if subscription.secret:
            self.stdout.write("Its signing secret, shown only now:")
            self.stdout.write(subscription.secret)
