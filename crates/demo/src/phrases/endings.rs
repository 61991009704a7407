//! What the demonstration says at its end, and where it cannot go on.

use std::fmt::Display;

use domain::Text;

use super::both;

pub(crate) fn kept(folder: &dyn Display) -> Text {
    both(
        format!(
            "Everything is left in {folder}. To go on there: tacit --dir {folder}/bank party run"
        ),
        format!("全部文件留在 {folder}。继续使用：tacit --dir {folder}/bank party run"),
    )
}

/// After a failure.
pub(crate) fn gone() -> Text {
    both(
        "Every party has ended, and their folders are gone; --keep leaves them behind.",
        "各参与方均已结束，目录已删除；加 --keep 可保留。",
    )
}

/// After a failure.
pub(crate) fn left(folder: &dyn Display) -> Text {
    both(
        format!("Every party has ended; their folders and logs are left in {folder}."),
        format!("各参与方均已结束；其目录与日志留在 {folder}。"),
    )
}

pub(crate) fn ended() -> Text {
    both("Every party has ended.", "各参与方均已结束。")
}

pub(crate) fn registers_left(folder: &dyn Display) -> Text {
    both(
        format!(
            "tax.csv, social.csv, power.csv, fund.csv, bank.csv and rural-bank.csv are in {folder}"
        ),
        format!(
            "tax.csv、social.csv、power.csv、fund.csv、bank.csv、rural-bank.csv 已写入 {folder}"
        ),
    )
}

pub(crate) fn scores_differ(wrong: usize, unanswered: usize) -> Text {
    both(
        format!("{wrong} scores differ from the clear text, {unanswered} questions got no answer"),
        format!("{wrong} 个分数与明文不一致，{unanswered} 个请求没有应答"),
    )
}

pub(crate) fn alignment_differs(found: usize, expected: usize) -> Text {
    both(
        format!("the intersections have {found} applicants in common, the clear text {expected}"),
        format!("求交结果共有 {found} 个申请人，明文为 {expected} 个"),
    )
}

pub(crate) fn nobody_to_score() -> Text {
    both(
        "no customer of the bank is on every register; ask for more firms with --firms",
        "没有任何客户同时出现在各家登记中；请用 --firms 增加主体数",
    )
}

pub(crate) fn empty_answer() -> Text {
    both("the party answered without a score or a reason", "参与方的应答既无分数也无原因")
}

pub(crate) fn no_data(folder: &dyn Display, name: &str) -> Text {
    both(format!("{folder} has no {name}"), format!("{folder} 中没有 {name}"))
}

pub(crate) fn no_column(file: &str, column: &str) -> Text {
    both(format!("{file} has no column {column}"), format!("{file} 中没有列 {column}"))
}

pub(crate) fn odd_line(file: &str, line: usize) -> Text {
    both(
        format!("line {line} of {file} has another number of cells than the header"),
        format!("{file} 第 {line} 行的列数与表头不一致"),
    )
}

pub(crate) fn data_expected(lender: &str, department: &str) -> Text {
    both(
        format!(
            "--data takes a folder with {lender} (ID, y, LIMIT_BAL, PAY_AMT1 to PAY_AMT6) and \
             {department} (ID, PAY_0, PAY_2 to PAY_6, BILL_AMT1 to BILL_AMT6); \
             examples/scorecard/split.py makes both. Without --data the registers are made."
        ),
        format!(
            "--data 的目录须含 {lender}（ID、y、LIMIT_BAL、PAY_AMT1 至 PAY_AMT6）和 {department}（ID、PAY_0、PAY_2 至 PAY_6、\
             BILL_AMT1 至 BILL_AMT6）；examples/scorecard/split.py 可生成。不加 --data 则自动生成数据。"
        ),
    )
}

pub(crate) fn not_empty(folder: &dyn Display) -> Text {
    both(
        format!("{folder} is not empty; name a folder that is empty or does not exist yet"),
        format!("{folder} 不是空目录；请指定空目录或尚不存在的目录"),
    )
}

pub(crate) fn registers_only_needs_a_folder() -> Text {
    both("--registers-only needs --dir DIR", "--registers-only 需要 --dir DIR")
}
