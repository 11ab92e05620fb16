"""The tables of the explorer asked of DuckDB over the same rows; where it is not there, of SQLite's plain group by."""

import sqlite3
import statistics
import sys
import time

rows = sys.argv[1]
try:
    import duckdb

    name = f"DuckDB {duckdb.__version__}"
    db = duckdb.connect()
    db.execute("set threads=2")
    columns = "{'indicator': 'VARCHAR', 'day': 'VARCHAR', 'amount': 'BIGINT', 'division': 'BIGINT', 'unit_id': 'VARCHAR', 'key': 'VARCHAR'}"
    db.execute(f"create table fact as select * from read_csv('{rows}', header=true, columns={columns})")
except ImportError:
    import csv

    name = f"plain group by of SQLite {sqlite3.sqlite_version} (DuckDB is not there)"
    db = sqlite3.connect(":memory:")
    db.execute("create table fact (indicator text, day text, amount integer, division integer, unit_id text, key text)")
    with open(rows, newline="") as file:
        lines = csv.reader(file)
        next(lines)
        db.executemany("insert into fact values (?, ?, ?, ?, ?, ?)", lines)

quarter = "substr(day, 1, 4) || ((cast(substr(day, 6, 2) as int) - 1) / 3)" if "SQLite" in name else "substr(day, 1, 4) || ((cast(substr(day, 6, 2) as int) - 1) // 3)"
town = "division / 1000" if "SQLite" in name else "division // 1000"
axes = {
    "place": town,
    "place × month": f"{town}, substr(day, 1, 7)",
    "village × quarter": f"division, {quarter}",
    "village × year": "division, substr(day, 1, 4)",
    "unit": "unit_id",
    "unit × quarter": f"unit_id, {quarter}",
    "unit × place": f"unit_id, {town}",
}
print(f"  the same by {name}: the cells alone, without totals, names or a page")
for figure, value in (("gain.fund", "sum(amount)"), ("visit.leader.people", "count(distinct key)")):
    for axis, by in axes.items():
        times = []
        for _ in range(3):
            began = time.time()
            db.execute(f"select {by}, {value} from fact where indicator = '{figure}' group by {by}").fetchall()
            times.append(time.time() - began)
        print(f"  {figure:<20} {axis:<18} median {statistics.median(times) * 1000:6.0f} ms")
