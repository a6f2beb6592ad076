"""The tables of doc/architecture.md that lint reads."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]


def table(name, document="doc/architecture.md"):
    """Rows of the table behind '<!-- table: name -->', as dicts by heading."""
    lines = iter((ROOT / document).read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line.strip() == f"<!-- table: {name} -->":
            break
    else:
        raise SystemExit(f"{document}: no table '{name}'")
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    heads, body = rows[0], rows[2:]
    for row in body:
        if len(row) != len(heads):
            raise SystemExit(f"{document}: table '{name}': row '{row[0]}' has {len(row)} cells")
    return [dict(zip(heads, row)) for row in body]


def sources(*folders, suffixes=(".c", ".h")):
    """Source files below the folders, as paths relative to the top, sorted."""
    found = []
    for folder in folders:
        found += [p.relative_to(ROOT) for p in (ROOT / folder).rglob("*") if p.suffix in suffixes]
    return sorted(found)


def finish(problems, what):
    """Prints the problems and ends the program."""
    for problem in problems:
        print(problem)
    print(f"{what}: {len(problems)} problem(s)" if problems else f"{what}: ok")
    raise SystemExit(1 if problems else 0)
