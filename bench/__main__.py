"""Every benchmark in one command: `python -m bench [MODULE ...] [--rounds N]`, results into docs/benchmarks.md.

Here: which modules there are (each with a function `sections`). Not here: what they measure.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil

import bench
from bench import report


def main() -> None:
    """Run the named modules, or all, one after the other; print and keep what each found."""
    names = [
        module.name for module in pkgutil.iter_modules(bench.__path__) if module.name not in ("__main__", "report")
    ]
    modules = {name: importlib.import_module(f"bench.{name}") for name in names}
    able = [name for name, module in modules.items() if hasattr(module, "sections")]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"{', '.join(able)}; all without one")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    if unknown := set(args.modules) - set(able):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    for name in args.modules or able:
        sections = list(modules[name].sections(args.rounds))
        for section in sections:
            print(section.markdown())
        report.write(name, sections)


if __name__ == "__main__":
    main()
