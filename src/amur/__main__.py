"""``python -m amur``."""

from amur.cli import main

if __name__ == "__main__":
    main()
