"""The errors that the package raises, and nothing else.

DriftError
├── InputError        a file, table or sample cannot be used (also a ValueError)
│   └── UnmeasurableError  a sample is read, and has too few pairs or scores that do not vary
├── SettingError      an option or a field of the rule is out of range (also a ValueError)
├── EncoderError      texts cannot be embedded: unknown name, wrong weights (also a RuntimeError)
├── StudentError      a student's weights cannot be loaded, or cannot be trained (also a RuntimeError)
├── EndpointError     the teacher's endpoint refuses every call: wrong key, unknown model (also a RuntimeError)
├── EngineError       work on several machines cannot be begun or went astray (also a RuntimeError)
├── MissingExtraError an optional part of the product is not installed (also an ImportError)
└── ReleaseBlocked    the gate does not let a release ship (also a RuntimeError)

A message says what was expected, what was found, where, and what to do.
"""


class DriftError(Exception):
    """Base of every error that the package raises on purpose."""


class InputError(DriftError, ValueError):
    """A file, table or sample cannot be used."""


class UnmeasurableError(InputError):
    """A sample is read, and has too few pairs or scores that do not vary; `n_pairs` are usable."""

    def __init__(self, message: str, *, n_pairs: int) -> None:
        super().__init__(message)
        self.n_pairs = n_pairs


class SettingError(DriftError, ValueError):
    """An option or a field of the rule is out of range."""


class EncoderError(DriftError, RuntimeError):
    """Texts cannot be embedded."""


class StudentError(DriftError, RuntimeError):
    """A student's weights cannot be loaded, or cannot be trained."""


class EndpointError(DriftError, RuntimeError):
    """The teacher's endpoint cannot be asked at all: it is not there, or refuses every call."""


class EngineError(DriftError, RuntimeError):
    """Work on several processes or machines cannot be begun, or went astray."""


class MissingExtraError(DriftError, ImportError):
    """What was asked for needs packages of an extra that is not installed."""


class ReleaseBlocked(DriftError, RuntimeError):  # noqa: N818 - says what happened, as callers write it
    """The gate does not let a release ship; the text is its answer in one line."""
