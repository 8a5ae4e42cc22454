"""What a user says of where a week is told beside the history; each field is an option of ``canary``."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from drift_core.errors import SettingError
from drift_core.setting import setting

VARIABLE = "DISTILLATION_DRIFT_WEBHOOK"  # an example; any variable may hold it


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """Who is told, and how."""

    webhook: str | None = setting(
        None,
        f"Tell a webhook of an alarm and of its end; the environment variable that holds its address, as {VARIABLE}.",
        kind="NAME",
    )
    webhook_format: str | None = setting(
        None, "slack, teams or json; by default told by the webhook's host, else json.", kind="FORMAT"
    )
    webhook_weekly: bool = setting(False, "Tell the webhook of every week.", kind="")
    webhook_link: str | None = setting(
        None, "Address at which your people open the app, for a link in the message.", kind="URL"
    )
    openmetrics: str | None = setting(
        None, "Write the state of every student in the history as OpenMetrics, for a Prometheus.", kind="FILE"
    )

    def __post_init__(self) -> None:
        if self.webhook is None:
            given = {"--webhook-format": self.webhook_format, "--webhook-link": self.webhook_link}
            idle = [option for option, value in given.items() if value is not None]
            idle += ["--webhook-weekly"] if self.webhook_weekly else []
            if idle:
                raise SettingError(f"{idle[0]} is about a webhook. Name the variable that holds it with --webhook.")
        elif not re.fullmatch("[A-Z_][A-Z0-9_]*", self.webhook):  # others see a command, and the shell keeps it
            raise SettingError(
                "--webhook expects the name of the environment variable that holds the address, in capitals, such as "
                f"{VARIABLE}, not the address itself, which is a secret. Found another text, which is not shown."
            )
        if self.openmetrics == "-":
            raise SettingError("--openmetrics needs a file, which is replaced at once; standard output is none.")
        if self.webhook_link is not None and not _is_link(self.webhook_link):
            raise SettingError(
                "--webhook-link must be an address such as https://drift.example.org; found "
                f"{self.webhook_link!r}. It begins with http:// or https:// and holds no user."
            )

    @property
    def page(self) -> str | None:
        """Address of the app's page Canary."""
        return None if self.webhook_link is None else f"{self.webhook_link.rstrip('/')}/canary"


def _is_link(address: str) -> bool:
    """Whether it is an address that is no markup in any message."""
    try:
        parts = urlsplit(address)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
    plain = address.isascii() and address.isprintable() and not set(address) & set(' "<>|()[]{}\\^`?#')
    return is_address and plain
