//! What is said at the end.

use domain::Text;

use super::both;

pub(crate) fn worth_title() -> Text {
    both(
        "What it is worth: the bank alone against the joint model, on its own applicants",
        "价值：银行单独建模与联合模型在其自有申请人上的对比",
    )
}

pub(crate) fn worth_heads() -> [Text; 5] {
    [
        both("lender", "银行"),
        both("model", "模型"),
        both("scored", "评分数"),
        both("AUC", "AUC"),
        both("KS", "KS"),
    ]
}

pub(crate) fn alone(columns: &str) -> Text {
    both(format!("alone, {columns} columns"), format!("单独，{columns} 列"))
}

pub(crate) fn joint(columns: &str) -> Text {
    both(format!("joint, {columns} columns"), format!("联合，{columns} 列"))
}

/// `own`: whether the joint model has columns of the bank's.
pub(crate) fn worth_how(own: bool) -> Text {
    if own {
        return both(
            "Alone: in clear, inside the bank, by what it knows itself. Joint: the decrypted \
             scores, of the same columns and the departments' together.",
            "单独：在银行内部用自有数据明文计算。联合：解密后的分数，含相同的列和各部门的列。",
        );
    }
    both(
        "Alone: in clear, inside the bank, by what it knows itself. Joint: the decrypted scores; \
         the departments' columns only.",
        "单独：在银行内部用自有数据明文计算。联合：解密后的分数，仅用各部门的列。",
    )
}

pub(crate) fn took_title() -> Text {
    both("What it took", "代价")
}

pub(crate) fn latency(p50: &str, p99: &str) -> Text {
    both(format!("p50 {p50}  p99 {p99}"), format!("p50 {p50}  p99 {p99}"))
}

pub(crate) fn label_formula() -> Text {
    both("one formula", "单次核验")
}

pub(crate) fn label_moved() -> Text {
    both("moved", "传输")
}

pub(crate) fn moved(bytes: &str) -> Text {
    both(
        format!("{bytes} between the parties, from the first step to the last"),
        format!("全程各方之间共 {bytes}"),
    )
}

pub(crate) fn label_memory() -> Text {
    both("memory", "内存")
}

pub(crate) fn memory(bytes: &str, parties: usize) -> Text {
    both(
        format!("{bytes}: the peaks of all {parties} parties added up"),
        format!("{bytes}：{parties} 个参与方的峰值之和"),
    )
}

pub(crate) fn label_time() -> Text {
    both("time", "时间")
}

pub(crate) fn time(took: &str, cpu: &str) -> Text {
    both(
        format!("{took} from the admission on; {cpu} of CPU at all parties"),
        format!("自接入审查起 {took}；各方 CPU 时间共 {cpu}"),
    )
}

pub(crate) fn next_title() -> Text {
    both("Where to go next", "下一步")
}

/// What can be typed or read next. `made`: the registers were made for the run.
pub(crate) fn next(made: bool) -> Vec<(Text, Text)> {
    let other = if made {
        (
            both("tacit demo --data DIR", "tacit demo --data DIR"),
            both("the same on real credit data", "用真实信贷数据运行"),
        )
    } else {
        (
            both("tacit demo", "tacit demo"),
            both("the whole story, on made firms", "用生成的企业讲完整个过程"),
        )
    };
    vec![
        (
            both("tacit demo --keep", "tacit demo --keep"),
            both(
                "leave the parties' folders: their party.toml, keys and logs",
                "保留各方目录：party.toml、密钥和日志",
            ),
        ),
        other,
        (
            both("README.md", "README.zh.md"),
            both("parties on machines of their own", "在各自的机器上部署参与方"),
        ),
        (
            both("examples/scorecard", "examples/scorecard"),
            both("how a card is fitted, checked and published", "评分卡如何拟合、检查与发布"),
        ),
        (
            both("protocols/*/SPEC.md", "protocols/*/SPEC.md"),
            both(
                "what each party learns, and what is not defended",
                "各方能得知什么、哪些不在防护之内",
            ),
        ),
    ]
}
