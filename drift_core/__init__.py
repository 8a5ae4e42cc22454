"""Diagnose distillation drift: whether a distilled judge still agrees with its teacher on production, and why not.

The public names stand in ``__init__.pyi``; each is imported when it is first used, so that importing costs nothing.
"""

import lazy_loader

from drift_core.version import VERSION

_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__version__ = VERSION


def __getattr__(name: str) -> object:
    try:
        return _load(name)
    except ModuleNotFoundError:
        from drift_core.installation import need_extra

        need_extra("samples", f"drift_core.{name}")
        raise
