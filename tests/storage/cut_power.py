"""Many power cuts, by hand: `python -m tests.storage.cut_power [--cuts N] [--seed S]`."""

import argparse
import json
from dataclasses import asdict

from tests.storage.power_cuts import run_power_cuts


def main() -> None:
    """Cut, and print what came of it as JSON."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cuts", type=int, default=1000, help="how often [1000]")
    parser.add_argument("--seed", type=int, default=1, help="which load and which cuts [1]")
    options = parser.parse_args()
    result = run_power_cuts(options.cuts, options.seed)
    print(json.dumps(asdict(result), indent=2))


if __name__ == "__main__":
    main()
