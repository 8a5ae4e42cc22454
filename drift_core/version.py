"""The version of the package, recorded with every result."""

VERSION = "0.1.0"
