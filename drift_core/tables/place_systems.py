"""The file systems of object storage behind one face: opened with what the environment holds, bounded in time.

Their faults become one message each, without what the libraries say of keys.
"""

import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from drift_core.database_url import SECRET_NAME
from drift_core.errors import InputError
from drift_core.tables.addresses import WHERE

if TYPE_CHECKING:
    from pyarrow.fs import FileInfo, FileSystem

T = TypeVar("T")
SECONDS = 60.0  # that a place has for one answer, its library's own tries included; not all of them have a limit
READ_AT_ONCE = 8 << 20  # bytes
HUB_KINDS = {"dataset": "datasets/", "space": "spaces/"}
AZURE_HOST = ".dfs.core.windows.net"
# What libraries say, what it means, and what to do.
FAULTS = (
    (
        "NO_?SUCH_?BUCKET|bucket does not exist|ContainerNotFound|container does not exist|RepositoryNotFound",
        "there is no such bucket, container or repository, or it is closed to these credentials",
        f"Check the address. {WHERE}",
    ),
    ("RevisionNotFound", "the repository has no such revision", "Check what stands behind the @."),
    (
        "INVALID_ACCESS_KEY_ID|InvalidAccessKeyId|SIGNATURE_DOES_NOT_MATCH|SignatureDoesNotMatch|EXPIRED_?TOKEN|"
        r"InvalidAuthenticationInfo|\b401\b|Unauthorized|InvalidToken|UNRECOGNIZED_CLIENT",
        "the credentials in the environment are not accepted",
        f"Renew or correct them. {WHERE}",
    ),
    (
        "could not find default credentials|default credentials|DefaultAzureCredential|GetToken|CredentialUnavailable|"
        "AuthenticationException|NoAuthenticationInformation",
        "the environment holds no credentials for it",
        WHERE,
    ),
    (
        r"ACCESS_DENIED|AccessDenied|\b403\b|Forbidden|PERMISSION_DENIED|AuthorizationFailure|"
        "AuthorizationPermissionMismatch|GatedRepo",
        "it refuses to be read with the credentials in the environment, or without any",
        WHERE,
    ),
    (r"does not exist|not found|NoSuchKey|\b404\b|EntryNotFound", "it is not there", "Check the address."),
    (
        "NETWORK_CONNECTION|resolve host|[Cc]onnect|transport|Name or service|CURL|curl|[Tt]imed? ?out|UNAVAILABLE",
        "its host cannot be reached",
        "Check the network, and the address of the endpoint in the environment.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class System:
    """A file system.

    Attributes
    ----------
    arrow
        As Arrow has it.
    begins, shown
        What a path in it begins with, and how that stands in an address.
    hub
        That of Hugging Face, which opens its files itself.
    """

    arrow: "FileSystem"
    begins: str
    shown: str
    hub: Any = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def address_of(self, key: str) -> str:
        return self.shown + key.removeprefix(self.begins)

    def info(self, key: str, address: str) -> "FileInfo":
        return bounded(lambda: self.arrow.get_file_info(key), address)

    def listed(self, key: str, address: str, *, is_deep: bool) -> "list[FileInfo]":
        """What is in a folder, in the order of the names; of none, nothing."""
        from pyarrow.fs import FileSelector

        selector = FileSelector(key, allow_not_found=True, recursive=is_deep)
        return sorted(bounded(lambda: self.arrow.get_file_info(selector), address), key=lambda each: str(each.path))

    def opened(self, key: str, address: str) -> Any:
        if self.hub is not None:  # with its own cache it would read more than is asked for
            return bounded(lambda: self.hub.open(key, "rb", cache_type="none"), address)
        return bounded(lambda: self.arrow.open_input_file(key), address)

    def read(self, reader: Any, begin: int, n_bytes: int, address: str) -> bytes:
        """Read a range, in pieces that a slow line can bring in time."""
        pieces = range(begin, begin + n_bytes, READ_AT_ONCE)
        end = begin + n_bytes
        read = b"".join(self._piece(reader, at, min(READ_AT_ONCE, end - at), address) for at in pieces)
        if len(read) != n_bytes:
            raise InputError(
                f"{address} gave {len(read):,} of {n_bytes:,} bytes; it was changed or is cut off. Run again."
            )
        return read

    def _piece(self, reader: Any, begin: int, n_bytes: int, address: str) -> bytes:
        if self.hub is None:
            return bounded(lambda: bytes(reader.read_at(n_bytes, begin)), address)
        return bounded(lambda: self._hub_piece(reader, begin, n_bytes), address)

    def _hub_piece(self, reader: Any, begin: int, n_bytes: int) -> bytes:
        with self._lock:  # it seeks and reads in two steps
            reader.seek(begin)
            return bytes(reader.read(n_bytes))


def bounded(call: Callable[[], T], address: str) -> T:
    """Call a library, which has so many seconds; what it raises becomes one InputError."""
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        return answer.result(SECONDS)
    except FutureTimeoutError:
        raise InputError(
            f"{address} cannot be read: its host did not answer within {SECONDS:g} seconds. Check the network, and run "
            "again."
        ) from None
    except Exception as error:
        raise _told(error, address) from None


def _told(error: Exception, address: str) -> InputError:
    said = f"{type(error).__name__} {error}"
    for pattern, what, remedy in FAULTS:
        if re.search(pattern, said):
            return InputError(f"{address} cannot be read: {what}. {remedy}")
    line = without_secrets(next(iter(str(error).splitlines()), type(error).__name__))
    return InputError(f"{address} cannot be read. Its library says: {line[:200].rstrip('.')}. Check the address.")


def without_secrets(text: str) -> str:
    """Leave out what stands behind a question mark of an address, and what the environment calls a secret."""
    secrets = [value for name, value in os.environ.items() if SECRET_NAME.search(name) and len(value) > 7]
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return re.sub(r"\?\S+=\S+", "?***", text)


def system_of(address: str) -> tuple[System, str]:
    """Open the file system of an address, and give the path within."""
    scheme, _, key = address.partition("://")
    open_system = {"s3": _s3, "gs": _gs, "hf": _hf, "abfs": _azure, "abfss": _azure}[scheme]
    return bounded(lambda: open_system(key), address)


def _first(*names: str) -> str | None:
    return next((value for name in names if (value := os.environ.get(name, "").strip())), None)


def _endpoint(*names: str) -> dict[str, str]:
    scheme, _, host = (_first(*names) or "").rpartition("://")
    return {"endpoint_override": host.rstrip("/"), "scheme": scheme or "https"} if host else {}


def _s3(key: str) -> tuple[System, str]:
    from pyarrow.fs import S3FileSystem, resolve_s3_region

    endpoint = _endpoint("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")  # which Arrow does not read by itself
    region = _first("AWS_REGION", "AWS_DEFAULT_REGION")
    if region is None and not endpoint:
        region = resolve_s3_region(key.partition("/")[0])
    system = S3FileSystem(region=region, request_timeout=SECONDS / 2, connect_timeout=SECONDS / 6, **endpoint)
    return System(arrow=system, begins="", shown="s3://"), key


def _gs(key: str) -> tuple[System, str]:
    from datetime import timedelta

    from pyarrow.fs import GcsFileSystem

    emulator = _endpoint("STORAGE_EMULATOR_HOST")
    limit = timedelta(seconds=SECONDS / 2)
    system = GcsFileSystem(anonymous=bool(emulator), retry_time_limit=limit, **emulator)
    return System(arrow=system, begins="", shown="gs://"), key


def _azure(key: str) -> tuple[System, str]:
    from pyarrow.fs import AzureFileSystem

    place, slash, path = key.partition("/")
    container, _, host = place.partition("@")
    account = host.removesuffix(AZURE_HOST) or _first("AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME")
    if not account or "." in account:
        raise InputError(
            f"The account of an abfs:// address is not told. Expected abfs://CONTAINER@ACCOUNT{AZURE_HOST}/PATH, or "
            "AZURE_STORAGE_ACCOUNT in the environment."
        )
    shared, sas = _first("AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY"), _first("AZURE_STORAGE_SAS_TOKEN")
    settings = {"account_key": shared} if shared else {"sas_token": sas} if sas else {}
    emulator = _endpoint("AZURE_STORAGE_SERVICE_ENDPOINT")
    if emulator:
        host, scheme = emulator["endpoint_override"].removesuffix(f"/{account}"), emulator["scheme"]
        for service in ("blob", "dfs"):
            settings |= {f"{service}_storage_authority": host, f"{service}_storage_scheme": scheme}
    system = AzureFileSystem(account, **settings)
    return System(arrow=system, begins=container, shown=f"abfs://{place}"), f"{container}{slash}{path}"


def _hf(key: str) -> tuple[System, str]:
    from huggingface_hub import HfApi, HfFileSystem
    from pyarrow.fs import FSSpecHandler, PyFileSystem

    endpoint = _first("HF_ENDPOINT")
    hub = HfFileSystem(endpoint=endpoint, use_listings_cache=False, skip_instance_cache=True)
    arrow = PyFileSystem(FSSpecHandler(hub))
    found: Any = hub.resolve_path(key)
    if not hasattr(found, "repo_id"):  # a bucket, which has no commits
        return System(arrow=arrow, hub=hub, begins="", shown="hf://"), key
    commit = HfApi(endpoint=endpoint).repo_info(found.repo_id, repo_type=found.repo_type, revision=found.revision).sha
    within = f"/{found.path_in_repo}" if found.path_in_repo else ""
    begins = f"{HUB_KINDS.get(found.repo_type, '')}{found.repo_id}@{commit}"
    shown = f"hf://{key.rstrip('/').removesuffix(within)}"
    end = "/" if key.endswith("/") else ""
    return System(arrow=arrow, hub=hub, begins=begins, shown=shown), f"{begins}{within}{end}"
