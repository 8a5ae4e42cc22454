"""Which re-scoring belongs to the open investigation, so that no other takes it over."""

from pages.components.session import visitor_store
from pages.components.session.address import SECRETS

(_TOKEN,) = SECRETS
_BESIDE = "rescoring_beside"  # key of the samples that were open last, token that was open then, tokens by samples


def of(samples_key: str) -> str:
    """Token of the re-scoring that was begun or opened beside these samples, empty without."""
    return str(_beside()[2].get(samples_key, ""))


def follow(samples_key: str, *, is_read_again: bool = False) -> None:
    """Take over what was begun, opened or closed beside these samples; what belongs to others is put by.

    `is_read_again` where they are those before, read with other columns. One that was opened beside no samples belongs
    to none and stays open.
    """
    last_key, shown, by_samples = _beside()
    token = visitor_store.get(_TOKEN) or ""
    if token != shown:
        by_samples = by_samples | {samples_key: token}
    elif not samples_key:
        return
    elif samples_key != last_key and last_key and by_samples.get(last_key, "") == token:
        if is_read_again:
            by_samples = by_samples | {samples_key: token}
        token = by_samples.get(samples_key, "")
        visitor_store.put(_TOKEN, token)
    visitor_store.put(_BESIDE, (samples_key, token, by_samples))


def take(samples_key: str, token: str) -> None:
    """Open the re-scoring that is kept with these samples, unless they have one already."""
    follow(samples_key)
    if token and not of(samples_key):
        visitor_store.put(_TOKEN, token)
        follow(samples_key)


def _beside() -> tuple[str, str, dict[str, str]]:
    return visitor_store.get(_BESIDE) or ("", "", {})
