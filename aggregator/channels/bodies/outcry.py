"""Our own body: the Outage as the API shows it, with the move."""

import msgspec

from aggregator.channels.bodies.site import Site
from aggregator.channels.message import Message

LARGEST_BODY = 20_000
# With more Regions than these (9 bytes each, twice) a body might pass the limit.
LONGEST_SCOPE = 500


def outcry_body(message: Message, _site: Site) -> bytes:
    """The JSON document: `type`, `timestamp` of the move, and the Outage with the move as `data`.

    At most 20 kB: of a longer scope only the first 500 Regions are named; `region` holds them all.
    """
    event = msgspec.to_builtins(message.event)
    data = msgspec.to_builtins(message.outage)
    for document in (event, data):
        document["regions"] = document["regions"][:LONGEST_SCOPE]
    document = {
        "type": f"outage.{message.event.kind}",
        "timestamp": message.event.at,
        "data": {**data, "event": event},
    }
    return msgspec.json.encode(document)
