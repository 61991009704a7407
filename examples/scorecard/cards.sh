#!/usr/bin/env bash
# Makes the two cards that `tacit demo` ships with, from the data that they were fitted on.
#
#   cards.sh uci FOLDER       FOLDER as split.py leaves it
#   cards.sh firms FOLDER     FOLDER as `tacit demo --registers-only --firms 40000 --seed 42` leaves it
#
# PYTHON names the interpreter with numpy, pandas and scikit-learn; cards go to OUT.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${OUT:-$here/../../crates/cli/src/demo}
card=${1:?uci or firms}
data=${2:?the folder with the data}
case $card in
uci)
    "${PYTHON:-python3}" "$here/fit.py" \
        --model uci-default \
        --title "信用卡客户次月违约 · Default of card clients next month" \
        --note "Fitted in clear by examples/scorecard/fit.py (the command is in cards.sh beside it)." \
        --note "" \
        --note "Data: I-Cheng Yeh, Default of Credit Card Clients (2009), UCI Machine Learning Repository," \
        --note "CC BY 4.0. Its columns stand in for those of two holders: tax has the repayment status of" \
        --note "six months (PAY_*), social the six bills (BILL_AMT*). The lender has the outcome alone." \
        --note "The measures under [training] are of the 30 % of rows that the fit did not see." \
        --note "The bills add little to the status: some have no point after rounding and are left out." \
        --data "UCI default of credit card clients, 30000 rows, columns of the departments only" \
        --key ID --outcome y --outcomes "$data/uci_credit_lender.csv" \
        --holder "tax=$data/uci_credit_department.csv:PAY_0,PAY_2,PAY_3,PAY_4,PAY_5,PAY_6" \
        --holder "social=$data/uci_credit_department.csv:BILL_AMT1,BILL_AMT2,BILL_AMT3,BILL_AMT4,BILL_AMT5,BILL_AMT6" \
        --out "$out/uci-default.toml"
    ;;
firms)
    "${PYTHON:-python3}" "$here/fit.py" \
        --model small-firms \
        --title "小微企业贷款违约 · Default of small firms' loans" \
        --note "Fitted in clear by examples/scorecard/fit.py (the command is in cards.sh beside it)." \
        --note "" \
        --note "Data: the registers that tacit demo makes, 40000 firms at seed 42, joined to the bank's" \
        --note "customers. The demonstration itself takes another seed, so that it scores firms that this" \
        --note "card was not fitted on. A customer unknown to a holder counts as missing there." \
        --note "The measures under [training] are of the 30 % of rows that the fit did not see." \
        --data "generated: tacit demo --registers-only --firms 40000 --seed 42" \
        --key uscc --outcome bad --outcomes "$data/bank.csv" \
        --holder "tax=$data/tax.csv" \
        --holder "social=$data/social.csv" \
        --out "$out/small-firms.toml"
    ;;
*)
    echo "uci or firms, not $card" >&2
    exit 2
    ;;
esac
