"""Run benchmarks: all of them, or those named on the command line."""

import sys
from importlib import import_module

PARTS = ("speech", "booking", "race", "calls", "desk")


def main() -> None:
    """Run the parts that are asked for."""
    for part in sys.argv[1:] or PARTS:
        if part not in PARTS:
            sys.exit(f"no benchmark {part!r}; there are {', '.join(PARTS)}")
        print(f"\n== {part}", flush=True)
        import_module(f"bench.{part}").run(lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
