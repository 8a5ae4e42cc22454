"""The version of the package, recorded with every result."""

VERSION = "0.2.0"
