"""Makes card.csv and rows.csv beside it: a card that scorecardpy fits, and its scores of rows that
stand on every break of the card, just below and just above.

    pip install scorecardpy==0.1.9.7 "pandas<2.1" "numpy<2" "setuptools<70"
    python make.py

The rows are made here, of nothing but their number.
"""

import pathlib

import numpy as np
import pandas as pd
import scorecardpy as sc
from sklearn.linear_model import LogisticRegression

HERE = pathlib.Path(__file__).parent
BREAKS = {
    "vat": [2, 100_000, 1_000_000],
    "insured": [1, 2, 3, 10],
    "limit": [-5, 0, 2, 30_000],
    "rate": [0.1, 0.3, 0.35, 12.345],
}
STEP = {"vat": 1, "insured": 1, "limit": 1, "rate": 0.001}
MISSING = ("insured", "limit")


def values(column, at):
    """On each break, a step below and a step above; of two columns none of every ninth."""
    around = [round(b + d * STEP[column], 6) for b in BREAKS[column] for d in (-1, 0, 1)]
    if column in MISSING and at % 9 == 8:
        return np.nan
    place = list(BREAKS).index(column)
    return around[(at * 2_654_435_761 >> (3 * place + 5)) % len(around)]


def main():
    rows = pd.DataFrame({column: [values(column, at) for at in range(2_000)] for column in BREAKS})
    worse = sum(np.searchsorted(BREAKS[c], rows[c].fillna(-99), side="right") for c in BREAKS)
    noise = np.array([at * 7919 % 16 for at in range(len(rows))])
    rows["bad"] = (worse + noise < 14).astype(int)
    bins = sc.woebin(rows, y="bad", breaks_list={c: list(map(str, b)) for c, b in BREAKS.items()})
    woe = sc.woebin_ply(rows, bins)
    columns = [f"{column}_woe" for column in BREAKS]
    fit = LogisticRegression(penalty="l2", C=1.0).fit(woe[columns], woe["bad"])
    card = sc.scorecard(bins, fit, columns, points0=600, odds0=1 / 19, pdo=50)
    pd.concat(card).to_csv(HERE / "card.csv")
    shown = rows[:360].drop(columns="bad")
    shown["score"] = sc.scorecard_ply(shown, card)["score"].astype(int)
    shown.insert(0, "firm", [f"firm-{at:05}" for at in range(len(shown))])
    for column in ("vat", "insured", "limit"):
        shown[column] = shown[column].astype("Int64")
    shown.to_csv(HERE / "rows.csv", index=False)


if __name__ == "__main__":
    main()
