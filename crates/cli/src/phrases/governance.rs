//! Members, reports, the log and receipts.

terminal::phrases! {
    member_applied() "applied" / "已申请";
    member_assessed() "assessed" / "已评估";
    member_admitted() "admitted" / "已接入";
    member_suspended() "suspended" / "已暂停";
    member_removed() "removed" / "已退出";
    nothing_logged() "The log says nothing of this subject." / "日志中没有关于该主体的记录。";
    log_whole()
        "every record, hash and checkpoint fits"
        / "全部记录、哈希与检查点一致";
    reconciled()
        "every release has its receipt, and every receipt its release"
        / "每次结果释放都有凭证，每份凭证都有对应的释放";
    not_reconciled_advice()
        "Look at each run with `tacit runs ID` and at its record with `tacit audit prove SEQ`; tell the supervisor."
        / "请用 `tacit runs ID` 查看各运行，用 `tacit audit prove SEQ` 查看其记录，并告知监管方。";
    proofs_hold(count) "{count} proofs hold" / "{count} 份证明全部成立";
    issuer_form()
        "an issuer is written NAME=ed25519:KEY"
        / "身份签发方应写作 NAME=ed25519:KEY";
    proofs_kept(count, path) "{count} proofs are in {path}" / "{count} 份证明已存入 {path}";
}
