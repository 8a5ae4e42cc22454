"""Makes ``python -m drift_core`` the command line."""

from drift_core.cli import main

if __name__ == "__main__":
    main()
