"""What a body says of the site it comes from. Pure."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Site:
    """The site that sends.

    Attributes:
        name: for people.
        url: its address, without a slash at the end.
    """

    name: str = "Outcry"
    url: str = "http://localhost:8000"

    @property
    def host(self) -> str:
        """Its host name.

        >>> Site(url="https://outcry.example:8443").host
        'outcry.example'
        """
        return urlsplit(self.url).hostname or "localhost"
