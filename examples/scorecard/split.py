"""Splits the UCI credit card data between a lender and the departments.

    python split.py "default of credit card clients.xls" FOLDER

The data set is I-Cheng Yeh's "Default of Credit Card Clients" (2009), UCI Machine Learning
Repository, https://doi.org/10.24432/C55S3H, CC BY 4.0. Reads it as .xls (needs xlrd) or .csv.
"""

import os
import sys

import pandas as pd

HISTORY = ["PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6"]
BILLS = [f"BILL_AMT{month}" for month in range(1, 7)]
OWN = ["LIMIT_BAL", "SEX", "EDUCATION", "MARRIAGE", "AGE"]
PAYMENTS = [f"PAY_AMT{month}" for month in range(1, 7)]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, folder = sys.argv[1:]
    table = read(source, header=0)
    if "ID" not in table:
        # The original has a first row of X1, X2, ... above the names.
        table = read(source, header=1)
    table = table.rename(columns={"default payment next month": "y"})
    os.makedirs(folder, exist_ok=True)
    for name, columns in [
        ("uci_credit_lender.csv", ["ID", "y", *OWN, *PAYMENTS]),
        ("uci_credit_department.csv", ["ID", *HISTORY, *BILLS]),
    ]:
        table[columns].to_csv(os.path.join(folder, name), index=False)
        print(f"{name}: {len(table)} rows")


def read(source, header):
    if source.endswith(".csv"):
        return pd.read_csv(source, header=header)
    return pd.read_excel(source, header=header)


if __name__ == "__main__":
    main()
