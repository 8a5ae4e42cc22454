"""Linear algebra by one thread of its library at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import threadpool_limits

_LOCK = Lock()
_LIMITS: "list[threadpool_limits | None]" = []  # one for each that is within; the first has set the limit


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Within it, or in a function that it decorates, no product is shared out between threads of the BLAS.

    Products of a few thousand rows are done sooner by one: several wait for one another by spinning, which on a busy
    machine takes many times what they do. And the last bits of a figure no longer hang on the number of processors. Our
    own threads go on side by side. The limit is the process's, and ends with the last that is within.
    """
    import scipy.linalg  # noqa: F401 - has a BLAS of its own, which is limited once it is loaded
    from threadpoolctl import threadpool_limits

    with _LOCK:
        _LIMITS.append(None if _LIMITS else threadpool_limits(1, user_api="blas"))
    try:
        yield
    finally:
        with _LOCK:
            own = _LIMITS[0]
            _LIMITS.pop()
            if not _LIMITS and own is not None:
                own.restore_original_limits()
