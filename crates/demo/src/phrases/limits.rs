//! What is said of admission, of formulas, and of where questions end.

use domain::Text;
use terminal::Failure;

use super::both;

pub(crate) fn step_admit(decisions: &str) -> Text {
    both(
        format!("Admission: every party assesses and admits every other, {decisions} decisions"),
        format!("接入审查：各方评估并接入其他各方，共 {decisions} 项决定"),
    )
}

pub(crate) fn stranger(refusal: &Failure) -> Text {
    let (code, Text { en, zh }) = (refusal.code(), refusal.what());
    both(
        format!("before it had admitted the bank: {code}, {en}"),
        format!("接入银行之前：{code}，{zh}"),
    )
}

pub(crate) fn not_refused(code: &str) -> Text {
    both(
        format!("a question was answered that had to be refused with {code}"),
        format!("本应以 {code} 拒绝的请求得到了应答"),
    )
}

pub(crate) fn too_few() -> Text {
    both(
        "the steps after the scores need four applicants that are on every register; ask for more \
         firms with --firms",
        "评分之后的步骤需要至少四个各家都登记的申请人；请用 --firms 增加企业数",
    )
}

pub(crate) fn step_prepare(parties: &str, bytes: &str) -> Text {
    both(
        format!(
            "What it takes to compute under the bank's key goes to {parties} parties once, {bytes} each"
        ),
        format!("在银行密钥下计算所需的材料一次性交给 {parties} 方，每方 {bytes}"),
    )
}

pub(crate) fn step_formula(firms: &str) -> Text {
    both(
        format!("One formula over three holders, asked about {firms} firms: yes, no or unknown"),
        format!("跨三家数据提供方的一个公式，对 {firms} 家企业核验：是、否或未知"),
    )
}

pub(crate) fn formula_heads() -> [Text; 4] {
    [both("firm", "企业"), both("answer", "答复"), both("in clear", "明文"), both("time", "用时")]
}

pub(crate) fn formula_told(p50: &str, p99: &str) -> Text {
    both(
        format!(
            "Every answer is that of the clear text; p50 {p50}, p99 {p99}. Unknown: a holder does not have the firm. The bank learns no atom, the holders no answer."
        ),
        format!(
            "每个答复均与明文一致；p50 {p50}，p99 {p99}。“未知”指某数据提供方没有该企业。银行得不到任何单项，数据提供方得不到答复。"
        ),
    )
}

pub(crate) fn step_sealed(answer: &Text) -> Text {
    both(
        format!("Compared with a number that no holder sees: {}, as in clear", answer.en),
        format!("与数据提供方看不到的数比较：{}，与明文一致", answer.zh),
    )
}

pub(crate) fn sealed_how() -> Text {
    both(
        "The holder compares under encryption; it saw neither the number nor the answer.",
        "数据提供方在密文下比较；既看不到该数，也看不到答复。",
    )
}

pub(crate) fn answer_differs(answer: &Text, clear: &Text) -> Text {
    both(
        format!("a formula was answered `{}`; in clear it is `{}`", answer.en, clear.en),
        format!("公式的答复为“{}”，明文为“{}”", answer.zh, clear.zh),
    )
}

pub(crate) fn step_probe(answers: &str, refusal: &Failure) -> Text {
    let code = refusal.code();
    both(
        format!(
            "A lender that searches for one firm's tax is stopped after {answers} answers: {code}"
        ),
        format!("银行逐步试探一家企业的税额，得到 {answers} 个答复后被拒：{code}"),
    )
}

pub(crate) fn knows(low: Option<&str>, high: Option<&str>) -> Text {
    let (low_en, low_zh) = low.map_or_else(
        || ("any amount".to_owned(), "任意数额".to_owned()),
        |low| (format!("{low} or more"), format!("不低于 {low}")),
    );
    let (high_en, high_zh) = high.map_or_else(
        || ("without an upper end".to_owned(), "无上限".to_owned()),
        |high| (format!("less than {high}"), format!("低于 {high}")),
    );
    both(
        format!("It knows: {low_en}, {high_en}. More it does not learn in this period."),
        format!("它只知道：{low_zh}，{high_zh}；本期不会再知道更多。"),
    )
}

pub(crate) fn off_grid(formula: &str, refusal: &Failure) -> Text {
    let (code, Text { en, zh }) = (refusal.code(), refusal.what());
    both(
        format!("A threshold in between, {formula}, asks nobody: {code}, {en}"),
        format!("介于其间的阈值 {formula} 不会发给任何一方：{code}，{zh}"),
    )
}

pub(crate) fn interval_wrong() -> Text {
    both("the answers to thresholds contradict the clear text", "各阈值的答复与明文矛盾")
}

pub(crate) fn step_revoke() -> Text {
    both(
        "A firm takes its authorisation back: its next question is refused by every holder",
        "一家企业撤销授权：对它的下一次请求被所有数据提供方拒绝",
    )
}

pub(crate) fn label_score() -> Text {
    both("score", "评分")
}

pub(crate) fn refused(refusal: &Failure) -> Text {
    let (code, Text { en, zh }) = (refusal.code(), refusal.what());
    both(format!("{code}, {en}"), format!("{code}，{zh}"))
}

pub(crate) fn revoked_how(took: &str) -> Text {
    both(
        format!(
            "In force at the registry after {took}; each holder has its refusal in its own log."
        ),
        format!("登记处 {took} 后生效；各数据提供方已将拒绝记入自己的日志。"),
    )
}
