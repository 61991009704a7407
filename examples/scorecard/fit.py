"""Fits a points scorecard in clear and writes it as a Tacit model file.

For whoever may hold all columns at once: a modelling laboratory with de-identified history, or a
demonstration. Columns come from one file a holder and are joined to the outcomes by a key; a row
that a holder does not know counts as missing there.

    python fit.py --model uci-default --title "..." --key ID --outcome y --outcomes lender.csv \\
        --holder tax=department.csv:PAY_0,PAY_2 --holder social=department.csv:BILL_AMT1 \\
        --out uci-default.toml

How: bins (equal frequency, then neighbours merged until they differ), weight of evidence,
logistic regression on it, points (factor = PDO / ln 2). Split, bins and fit are the same on every
machine for the same seed.
"""

import argparse
import json
import math
import sys

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, roc_curve
from sklearn.model_selection import train_test_split

# The message space has 10 bits: a larger sum could not be decrypted.
LARGEST_SUM = 1023
# 95 % quantile of chi-squared with one degree of freedom: below it two bins do not differ.
DIFFERENT = 3.841
# Added to every count, so that an empty cell has a finite weight.
SMOOTHING = 0.5


def main():
    arguments = parse()
    table, features = joined(arguments)
    if arguments.joined:
        write_joined(table, features, arguments)
    table = table.drop(columns=arguments.key)
    outcome = table.pop(arguments.outcome).to_numpy().astype(int)
    train, test = train_test_split(
        np.arange(len(table)), test_size=0.3, random_state=arguments.seed, stratify=outcome
    )
    for feature in features:
        feature.bin(table.iloc[train], outcome[train], arguments)
    features = [feature for feature in features if feature.bins > 1]
    while True:
        weights, intercept, features = fitted(table, outcome, train, features, arguments)
        card = Card(arguments, features, weights, intercept)
        flat = [f.column for f in features if card.points[f.column].max() == 0]
        if not flat:
            break
        print(f"dropped    {', '.join(flat)} (no point after rounding)")
        features = [f for f in features if f.column not in flat]

    exact = intercept + sum(w * f.woe_of(table) for w, f in zip(weights, features))
    points = sum(card.points_of(f, table) for f in features)
    plain = scikit_learn(table, outcome, train, features)
    measures = {
        "unrounded": measured(outcome[test], exact[test]),
        "rounded": measured(outcome[test], -points[test]),
        "plain": measured(outcome[test], plain[test]),
        "all": measured(outcome, -points),
        "all plain": measured(outcome, plain),
    }
    card.grade(points[train], outcome[train])
    for name, (auc, ks) in measures.items():
        print(f"{name:10} AUC {auc:.4f}  KS {ks:.4f}")
    print(f"points     0 to {card.largest} + offset {card.offset}")
    facts = {
        "rows": len(train),
        "bads": int(outcome[train].sum()),
        "test_rows": len(test),
        "seed": arguments.seed,
        "ridge": arguments.ridge,
        "method": "merged equal-frequency bins, WOE with 0.5 smoothing, ridge logistic regression, calibrated",
    }
    # Of whole points, before rounding, and of a plain regression by scikit-learn on the same bins:
    # on the rows that no fit has seen, and on all of them.
    for fact, name in [
        ("test_{}", "rounded"),
        ("test_{}_unrounded", "unrounded"),
        ("test_{}_sklearn", "plain"),
        ("all_{}", "all"),
        ("all_{}_sklearn", "all plain"),
    ]:
        for figure, value in zip(("auc", "ks"), measures[name]):
            facts[fact.format(figure)] = round(value, 4)
    if arguments.data:
        facts["data"] = arguments.data
    with open(arguments.out, "w", encoding="utf-8") as file:
        file.write(card.toml(facts))


def parse():
    parser = argparse.ArgumentParser(description="Fits a scorecard and writes a model file.")
    parser.add_argument("--model", required=True, help="the model's name")
    parser.add_argument("--version", type=int, default=1)
    parser.add_argument("--title", required=True)
    parser.add_argument("--data", help="what the data are, for the [training] facts")
    parser.add_argument("--note", action="append", default=[], help="a comment line at the top")
    parser.add_argument("--key", required=True, help="the column that joins the files")
    parser.add_argument("--outcome", required=True, help="column with 1 for bad and 0 for good")
    parser.add_argument("--outcomes", required=True, help="CSV with key and outcome")
    parser.add_argument(
        "--holder",
        action="append",
        required=True,
        metavar="SLOT=FILE[:COLUMN,...]",
        help="a holder's CSV and its columns (all but the key when left out)",
    )
    parser.add_argument("--bins", type=int, default=8, help="at most this many a feature")
    parser.add_argument("--least", type=float, default=0.05, help="least share of rows in a bin")
    parser.add_argument("--ridge", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--pdo", type=int, default=20, help="points that double the odds")
    parser.add_argument("--base-score", type=int, default=600)
    parser.add_argument("--base-odds", type=int, default=50)
    parser.add_argument("--joined", help="also write all rows here, for `tacit model check --data`")
    parser.add_argument("--out", required=True)
    return parser.parse_args()


def joined(arguments):
    """One table of all columns, and the features in the order of the command line."""
    outcomes = pd.read_csv(arguments.outcomes, dtype={arguments.key: str})
    table = outcomes[[arguments.key, arguments.outcome]]
    features = []
    for holder in arguments.holder:
        slot, _, rest = holder.partition("=")
        path, _, names = rest.partition(":")
        register = pd.read_csv(path, dtype={arguments.key: str})
        names = names.split(",") if names else [c for c in register if c != arguments.key]
        table = table.merge(register[[arguments.key, *names]], on=arguments.key, how="left")
        features += [Feature(slot, name, table[name]) for name in names]
    if any(table.columns.duplicated()):
        sys.exit("two holders have a column of the same name; rename one")
    return table, features


def write_joined(table, features, arguments):
    """One CSV of all rows, its columns named SLOT.COLUMN: what no party has."""
    names = {f.column: f"{f.slot}.{f.column}" for f in features}
    # Whole numbers as they were: a column with gaps is read as one of fractions.
    whole = {f.column: "Int64" for f in features if f.numeric and is_whole(table[f.column])}
    table.astype(whole).rename(columns=names).to_csv(arguments.joined, index=False)


def is_whole(values):
    return bool((values.dropna() % 1 == 0).all())


class Feature:
    """One column: its bins, and the weight of evidence of each."""

    def __init__(self, slot, column, values):
        self.slot = slot
        self.column = column
        self.numeric = pd.api.types.is_numeric_dtype(values)

    def bin(self, rows, outcome, arguments):
        values = rows[self.column]
        if self.numeric:
            self.edges = edges(values.to_numpy(float), outcome, arguments)
            self.whole = bool((values.dropna() % 1 == 0).all())
            self.named = []
            self.bins = len(self.edges) + 1
        else:
            shares = values.value_counts(normalize=True)
            self.named = sorted(shares.index[shares >= arguments.least])
            self.edges = []
            self.bins = len(self.named) + 1
        index = self.index_of(rows)
        bads, goods = outcome.sum(), (1 - outcome).sum()
        self.woe = np.zeros(self.bins + 1)
        self.count = np.bincount(index, minlength=self.bins + 1)
        for b in np.flatnonzero(self.count):
            bad = outcome[index == b].sum() + SMOOTHING
            good = (1 - outcome[index == b]).sum() + SMOOTHING
            self.woe[b] = math.log((bad / bads) / (good / goods))

    def index_of(self, rows):
        """The bin of each row; the last index is `missing`, the one before it `other`."""
        values = rows[self.column]
        if self.numeric:
            index = np.searchsorted(self.edges, values.to_numpy(float), side="left")
        else:
            place = {name: i for i, name in enumerate(self.named)}
            index = values.map(place).fillna(len(self.named)).to_numpy(int)
        return np.where(values.isna(), self.bins, index)

    def first_above(self, edge):
        """The break above an edge: the first value that is not in its bin."""
        return edge + 1 if self.whole else np.nextafter(edge, np.inf)

    def woe_of(self, rows):
        return self.woe[self.index_of(rows)]


def edges(values, outcome, arguments):
    """The largest value of all bins but the last.

    Equal-frequency bins first; then the two neighbours that differ least in their share of bads
    are merged, until all differ, none is small and there are few enough.
    """
    known = ~np.isnan(values)
    values, outcome = values[known], outcome[known]
    distinct = np.unique(values)
    if len(distinct) > 3 * arguments.bins:
        cuts = np.quantile(values, np.linspace(0, 1, 3 * arguments.bins + 1)[1:-1], method="lower")
    else:
        cuts = distinct[:-1]
    cuts = [tidy(cut, distinct) for cut in np.unique(cuts) if cut < distinct[-1]]
    cuts = sorted(set(cuts))
    while cuts:
        index = np.searchsorted(cuts, values, side="left")
        bad = np.bincount(index, weights=outcome, minlength=len(cuts) + 1)
        rows = np.bincount(index, minlength=len(cuts) + 1)
        gap = [chi_squared(bad[i : i + 2], rows[i : i + 2]) for i in range(len(cuts))]
        small = rows < arguments.least * len(values)
        close = [-1.0 if small[i] or small[i + 1] else gap[i] for i in range(len(cuts))]
        if len(cuts) < arguments.bins and min(close) >= DIFFERENT:
            break
        if min(close) < 0:
            # Of the small bin's two neighbours, the one that differs less.
            weakest = min((i for i in range(len(cuts)) if close[i] < 0), key=lambda i: gap[i])
        else:
            weakest = int(np.argmin(close))
        del cuts[weakest]
    return np.array(cuts)


def tidy(cut, distinct):
    """A bound that people can read and that parts the values where `cut` does, if there is one."""
    above = distinct[np.searchsorted(distinct, cut, side="right")]
    size = 10.0 ** math.floor(math.log10(max(abs(cut), abs(above), 1.0)))
    for step in (size, size / 2, size / 10, size / 20, size / 100, 1.0):
        rounded = math.floor(above / step) * step
        if cut <= rounded < above:
            return float(rounded)
    return float(cut)


def chi_squared(bad, rows):
    """Pearson's statistic of two bins against the same share of bads."""
    if rows.min() == 0:
        return 0.0
    share = bad.sum() / rows.sum()
    if share in (0.0, 1.0):
        return 0.0
    return float((((bad - rows * share) ** 2) / (rows * share * (1 - share))).sum())


def fitted(table, outcome, train, features, arguments):
    """Ridge logistic regression. A column with the wrong sign is dropped and the fit repeated."""
    while True:
        x = np.stack([f.woe_of(table.iloc[train]) for f in features], axis=1)
        penalty = 1.0 / (arguments.ridge * len(train))
        model = LogisticRegression(C=penalty, solver="newton-cholesky", tol=1e-12, max_iter=1000)
        model.fit(x, outcome[train])
        weights = model.coef_[0]
        if weights.min() >= 0:
            return *calibrated(x @ weights, outcome[train], weights), features
        worst = int(np.argmin(weights))
        print(f"dropped    {features[worst].column} (weight {weights[worst]:.3f})")
        features = features[:worst] + features[worst + 1 :]


def calibrated(risk, outcome, weights):
    """The weights stretched so that the odds are right again: a ridge makes all of them too small.

    One slope and one intercept, fitted without a penalty; what explains what does not change.
    """
    slope = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    slope.fit(risk.reshape(-1, 1), outcome)
    return weights * slope.coef_[0, 0], float(slope.intercept_[0])


def scikit_learn(table, outcome, train, features):
    """What scikit-learn's own defaults make of the same bins: the risk of every row."""
    x = np.stack([f.woe_of(table) for f in features], axis=1)
    return LogisticRegression().fit(x[train], outcome[train]).decision_function(x)


class Card:
    """Integer points from 0 a feature, and the offset that makes them a score."""

    def __init__(self, arguments, features, weights, intercept):
        self.arguments = arguments
        self.features = features
        factor = arguments.pdo / math.log(2)
        offset = arguments.base_score - factor * math.log(arguments.base_odds) - factor * intercept
        self.points = {}
        for weight, feature in zip(weights, features):
            exact = -factor * weight * feature.woe
            offset += exact.min()
            self.points[feature.column] = np.rint(exact - exact.min()).astype(int)
        self.offset = round(offset)
        self.largest = int(sum(points.max() for points in self.points.values()))
        if self.largest > LARGEST_SUM:
            sys.exit(f"{self.largest} points at most, {LARGEST_SUM} fit: lower --pdo")

    def points_of(self, feature, rows):
        return self.points[feature.column][feature.index_of(rows)]

    def grade(self, points, outcome):
        """A to E: the best 20 %, 25 %, 25 %, 20 % and the worst 10 % of the training rows."""
        score = points + self.offset
        bounds = [int(np.quantile(score, 1 - share)) for share in (0.2, 0.45, 0.7, 0.9)]
        self.grades = list(zip("ABCDE", [*bounds, self.offset]))
        above = math.inf
        for name, bound in self.grades:
            inside = (score >= bound) & (score < above)
            share = outcome[inside].mean() if inside.any() else float("nan")
            print(f"grade {name}    from {bound}: {inside.mean():5.1%} of rows, {share:5.1%} bad")
            above = bound

    def toml(self, facts):
        arguments = self.arguments
        lines = [f"# {note}" if note else "#" for note in arguments.note]
        lines += [
            f"model = {text(arguments.model)}",
            f"version = {arguments.version}",
            f"title = {text(arguments.title)}",
            "# The score is the decrypted sum plus this.",
            f"offset = {self.offset}",
            "",
            "[scale]",
            f"base_score = {arguments.base_score}",
            f"base_odds = {arguments.base_odds}",
            f"pdo = {arguments.pdo}",
        ]
        for name, bound in self.grades:
            lines += ["", "[[grade]]", f"name = {text(name)}", f"from = {bound}"]
        lines += ["", "[training]"]
        lines += [f"{name} = {text(fact)}" for name, fact in facts.items()]
        for feature in self.features:
            lines += ["", *self.feature_toml(feature)]
        return "\n".join(lines) + "\n"

    def feature_toml(self, feature):
        points = self.points[feature.column]
        missing = points[feature.bins]
        if feature.count[feature.bins] == 0:
            # Nobody was missing: as many points as the average row has.
            missing = round(float(np.average(points, weights=feature.count)))
        # Neighbours with the same points are one bin in the file.
        end = feature.bins - 1
        last = [i for i in range(feature.bins) if i == end or points[i] != points[i + 1]]
        yield "[[feature]]"
        yield f"column = {text(feature.column)}"
        yield f"holder = {text(feature.slot)}"
        yield f"missing = {missing}"
        if not feature.numeric:
            yield f"other = {points[len(feature.named)]}"
        for i in last if feature.numeric else range(len(feature.named)):
            yield "[[feature.bin]]"
            if not feature.numeric:
                yield f"values = [{text(feature.named[i])}]"
            elif i < len(feature.edges):
                yield f"below = {feature.first_above(feature.edges[i]):.17g}"
            yield f"points = {points[i]}"


def text(value):
    """A TOML string or number; JSON's spelling is TOML's here."""
    return json.dumps(value, ensure_ascii=False)


def measured(outcome, risk):
    """Area under the curve, and the greatest distance of the two distributions."""
    wrong, right, _ = roc_curve(outcome, risk)
    return roc_auc_score(outcome, risk), float(np.max(right - wrong))


if __name__ == "__main__":
    main()
