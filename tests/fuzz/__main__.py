"""``python -m tests.fuzz TARGET [--count N | --seconds N] [--seed N]``, or ``--replay FILE``."""

from __future__ import annotations

import argparse
import sys

from tests.fuzz.runner import fuzz, fuzz_with_atheris, replay, targets


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=(*targets(), "all"))
    parser.add_argument("--count", type=int, help="inputs for each target (default 10,000)")
    parser.add_argument("--seconds", type=float, help="time for each target")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same inputs")
    parser.add_argument("--replay", metavar="FILE", help="run one input")
    parser.add_argument("--atheris", action="store_true", help="with atheris; what follows is for libFuzzer")
    args, rest = parser.parse_known_args()
    if args.replay:
        return replay(args.target, args.replay)
    if args.atheris:
        fuzz_with_atheris(args.target, rest)
    if rest:
        parser.error(f"unknown: {' '.join(rest)}")
    count = args.count if args.count or args.seconds else 10_000
    names = targets() if args.target == "all" else [args.target]
    return int(sum(fuzz(name, count=count, seconds=args.seconds, seed=args.seed) for name in names) > 0)


if __name__ == "__main__":
    sys.exit(main())
