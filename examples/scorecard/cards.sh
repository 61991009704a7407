#!/usr/bin/env bash
# Makes the cards that `tacit demo` ships with from the data that they were fitted on: for each kind
# of data the joint model with its reference statistics, and what a bank can do alone.
#
#   cards.sh uci FOLDER       FOLDER as split.py leaves it
#   cards.sh firms FOLDER     FOLDER as `tacit demo --registers-only --firms 40000 --seed 42` leaves it
#
# PYTHON names the interpreter with numpy, pandas and scikit-learn, TACIT the program; cards go to OUT.
# It ends with an error when a card breaks a rule of admission.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${OUT:-$here/../../crates/demo/src}
card=${1:?uci or firms}
data=${2:?the folder with the data}
joined=$(mktemp)
trap 'rm -f "$joined"' EXIT
case $card in
uci)
    "${PYTHON:-python3}" "$here/fit.py" \
        --model uci-default --version 2 \
        --title "信用卡客户次月违约 · Default of card clients next month" \
        --note "Fitted in clear by examples/scorecard/fit.py (the command is in cards.sh beside it)." \
        --note "" \
        --note "Data: I-Cheng Yeh, Default of Credit Card Clients (2009), UCI Machine Learning Repository," \
        --note "CC BY 4.0. Its columns stand in for those of three parties: tax has the repayment status of" \
        --note "months 1, 5 and 6 (PAY_*) with their bills, social that of months 2 to 4, and the lender, in" \
        --note "a block of its own, the credit limit that it gave and the six payments that it received." \
        --note "SEX, MARRIAGE, EDUCATION and AGE, which the lender has too, are not used: they say who" \
        --note "somebody is and not how he pays. The bills have no point left after rounding, and are left" \
        --note "out. The ridge is as large as it takes for PAY_0 to explain less than 0.80 of the sum that the" \
        --note "lender opens, its own points not in it: uci-default.reference.toml has the figures." \
        --note "The measures test_* are of the 30 % of rows that the fit did not see, all_* of all rows." \
        --data "UCI default of credit card clients, 30000 rows" \
        --key ID --outcome y --outcomes "$data/uci_credit_lender.csv" --ridge 0.7 \
        --holder "tax=$data/uci_credit_department.csv:PAY_0,PAY_5,PAY_6,BILL_AMT1,BILL_AMT5,BILL_AMT6" \
        --holder "social=$data/uci_credit_department.csv:PAY_2,PAY_3,PAY_4,BILL_AMT2,BILL_AMT3,BILL_AMT4" \
        --holder "lender=$data/uci_credit_lender.csv:LIMIT_BAL,PAY_AMT1,PAY_AMT2,PAY_AMT3,PAY_AMT4,PAY_AMT5,PAY_AMT6" \
        --joined "$joined" --out "$out/uci-default.toml"
    "${TACIT:-tacit}" model check "$out/uci-default.toml" --lender lender \
        --data "$joined" --label y --key ID --reference "$out/uci-default.reference.toml"
    "${PYTHON:-python3}" "$here/fit.py" \
        --model uci-alone --version 1 \
        --title "银行仅用自有数据 · What the lender can do alone" \
        --note "Fitted in clear by examples/scorecard/fit.py (the command is in cards.sh beside it)." \
        --note "" \
        --note "What the lender of the same data can do without anybody: the block of its own alone. It is" \
        --note "never registered; tacit demo measures it beside the joint model, inside the bank." \
        --data "UCI default of credit card clients, 30000 rows, the lender's columns" \
        --key ID --outcome y --outcomes "$data/uci_credit_lender.csv" \
        --holder "lender=$data/uci_credit_lender.csv:LIMIT_BAL,PAY_AMT1,PAY_AMT2,PAY_AMT3,PAY_AMT4,PAY_AMT5,PAY_AMT6" \
        --out "$out/uci-alone.toml"
    ;;
firms)
    "${PYTHON:-python3}" "$here/fit.py" \
        --model small-firms --version 3 \
        --title "小微企业贷款违约 · Default of small firms' loans" \
        --note "Fitted in clear by examples/scorecard/fit.py (the command is in cards.sh beside it)." \
        --note "" \
        --note "Data: the registers that tacit demo makes, 40000 firms at seed 42, joined to the bank's" \
        --note "customers. The demonstration itself takes another seed, so that it scores firms that this" \
        --note "card was not fitted on. A customer unknown to a holder counts as missing there." \
        --note "The measures test_* are of the 30 % of rows that the fit did not see, all_* of all rows." \
        --data "generated: tacit demo --registers-only --firms 40000 --seed 42" \
        --key uscc --outcome bad --outcomes "$data/bank.csv" \
        --holder "tax=$data/tax.csv:vat_paid_12m_cny,vat_growth_pct,months_in_arrears,late_filings_12m,taxpayer_grade" \
        --holder "social=$data/social.csv" \
        --holder "power=$data/power.csv" \
        --holder "fund=$data/fund.csv" \
        --joined "$joined" --out "$out/small-firms.toml"
    "${TACIT:-tacit}" model check "$out/small-firms.toml" \
        --data "$joined" --label bad --key uscc --reference "$out/small-firms.reference.toml"
    "${PYTHON:-python3}" "$here/fit.py" \
        --model small-firms-alone --version 1 \
        --title "银行仅用自有数据 · What the bank can do alone" \
        --note "Fitted in clear by examples/scorecard/fit.py (the command is in cards.sh beside it)." \
        --note "" \
        --note "What a bank of the same province can do without anybody: the loan, the account, how long it" \
        --note "has known the firm. It is never registered; tacit demo measures it beside the joint model," \
        --note "inside each bank." \
        --data "generated: tacit demo --registers-only --firms 40000 --seed 42, bank.csv alone" \
        --key uscc --outcome bad --outcomes "$data/bank.csv" \
        --holder "lender=$data/bank.csv:loan_cny,turnover_12m_cny,months_as_customer,overdrafts_12m" \
        --out "$out/small-firms-alone.toml"
    ;;
*)
    echo "uci or firms, not $card" >&2
    exit 2
    ;;
esac
