"""What stands before every page: hosts that are ours, forms that are ours, headers that let nothing foreign in.

Here: checks of requests and headers of answers. Not here: pages.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_LOCAL = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Guard:
    """Which requests are let in. `hosts`: further names under which a proxy passes requests on.

    `token`: what every writing form carries; made anew at every start.
    """

    port: int
    hosts: tuple[str, ...] = ()
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    def host_is_ours(self, host: str) -> bool:
        """Whether the Host header names this server, so that no foreign name can be made to lead here."""
        name = host.lower()
        return name in {f"{own}:{self.port}" for own in _LOCAL} or name in self.hosts

    def seal(self, *texts: str) -> str:
        """What an address of ours carries so that nobody else can make the pages say these texts."""
        return hmac.new(self.token.encode(), "\0".join(texts).encode(), "sha256").hexdigest()[:16]

    def may_write(self, headers: Mapping[str, str], token: str) -> bool:
        """Whether a form was sent from one of our own pages."""
        return self._no_other_origin(headers) and secrets.compare_digest(token.encode(), self.token.encode())

    def is_from_earlier_start(self, headers: Mapping[str, str]) -> bool:
        """Whether a browser says that a form came from a page of ours, so that only its token may be out of date."""
        return "origin" in headers and self._no_other_origin(headers)

    def _no_other_origin(self, headers: Mapping[str, str]) -> bool:
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
            return False
        return headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
