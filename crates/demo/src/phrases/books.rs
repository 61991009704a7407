//! What is said of receipts and logs.

use domain::Text;
use terminal::Failure;

use super::both;

pub(crate) fn step_receipt() -> Text {
    both(
        "A receipt: what one score rests on, verified offline with public files alone",
        "回执：凭公开文件离线验证一次评分的依据",
    )
}

pub(crate) fn proven(steps: &str) -> Text {
    both(format!("holds: {steps}"), format!("成立：{steps}"))
}

pub(crate) fn label_tampered() -> Text {
    both("tampered", "篡改")
}

pub(crate) fn tampered(refusal: &Failure) -> Text {
    let (code, Text { en, zh }) = (refusal.code(), refusal.what());
    both(
        format!("a copy with one character changed: {code}, {en}"),
        format!("改动一个字符的副本：{code}，{zh}"),
    )
}

pub(crate) fn proof_missing() -> Text {
    both("the receipt lacks the proof of a holder", "回执缺少某数据提供方的证明")
}

pub(crate) fn not_found_out() -> Text {
    both("a receipt that was tampered with was held to be good", "被篡改的回执竟然通过了验证")
}

pub(crate) fn step_usage(holder: &Text, released: &str) -> Text {
    both(
        format!("Usage feedback at {}: {released} answers left it, counted by what for", holder.en),
        format!("{} 的使用情况反馈：共提供 {released} 次，按用途统计", holder.zh),
    )
}

pub(crate) fn usage_heads() -> [Text; 5] {
    [
        both("lender", "银行"),
        both("output", "结果形式"),
        both("classes", "信息类"),
        both("purpose", "用途"),
        both("count", "次数"),
    ]
}

pub(crate) fn step_self_report(holder: &Text, lines: &str) -> Text {
    both(
        format!("The firm that revoked asks {} what became of its data: {lines} lines", holder.en),
        format!("撤销授权的企业向 {} 查询自身数据的使用：{lines} 条", holder.zh),
    )
}

pub(crate) fn report_heads() -> [Text; 5] {
    [
        both("when", "时间"),
        both("what", "事项"),
        both("for whom", "接收方"),
        both("output", "结果形式"),
        both("refusal", "拒绝"),
    ]
}

pub(crate) fn step_audit() -> Text {
    both(
        "Every party reads its whole log: each record, hash and checkpoint",
        "各方通读自己的日志：逐条核对记录、哈希与检查点",
    )
}

pub(crate) fn log_whole(records: &str) -> Text {
    both(format!("whole, {records} records"), format!("完整，{records} 条记录"))
}

pub(crate) fn reconciled(releases: &str) -> Text {
    both(
        format!("At the holders, {releases} releases and their receipts tell the same story."),
        format!("各数据提供方的 {releases} 次提供与回执一致。"),
    )
}
