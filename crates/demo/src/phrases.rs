//! What the demonstration says, in both languages.

pub(super) mod books;
pub(super) mod closing;
pub(super) mod endings;
pub(super) mod limits;

use std::fmt::Display;

use domain::Text;
use terminal::Failure;

use super::measures::Separation;

fn both(en: impl Into<String>, zh: impl Into<String>) -> Text {
    Text { en: en.into(), zh: zh.into() }
}

pub(super) fn title() -> Text {
    both(
        "Tacit demo: many registers, one scorecard. The bank gets points; nobody shows a value.",
        "默契演示：多家登记，一张评分卡。银行只得到分数，谁也不出示数据。",
    )
}

pub(super) fn party(name: &str) -> Text {
    let zh = match name {
        "tax" => "税务 tax",
        "social" => "社保 social",
        "power" => "供电 power",
        "fund" => "公积金 fund",
        "platform" => "平台 platform",
        "bank" => "银行 bank",
        "rural-bank" => "农商行 rural-bank",
        "province" => "省级节点 province",
        other => other,
    };
    both(name, zh)
}

pub(super) fn holder_has(rows: &str, features: &str) -> Text {
    both(
        format!("holds {rows} rows; {features} columns in the scorecard"),
        format!("持有 {rows} 行；评分卡用到其中 {features} 列"),
    )
}

pub(super) fn province_has() -> Text {
    both("keeps the registry of authorisations", "登记授权")
}

pub(super) fn platform_has(model: &dyn Display, most: &str) -> Text {
    both(
        format!("holds the model {model}, up to {most} points"),
        format!("持有模型 {model}，最高 {most} 点"),
    )
}

pub(super) fn bank_has(customers: &str, own: Option<&str>) -> Text {
    let both = both(
        format!("holds {customers} customers, their loan outcomes and the decryption key"),
        format!("持有 {customers} 个客户、其贷款结果和解密私钥"),
    );
    let Some(own) = own else { return both };
    Text {
        en: format!("{}; {own} columns of its own in the scorecard", both.en),
        zh: format!("{}；评分卡用到其自有的 {own} 列", both.zh),
    }
}

pub(super) fn made(seed: u64) -> Text {
    both(
        format!("Registers made for this run (seed {seed}); no code in them is a real body's."),
        format!("数据为本次运行生成（种子 {seed}）；其中没有任何真实主体的代码。"),
    )
}

pub(super) fn taken(folder: &dyn Display) -> Text {
    both(
        format!(
            "Registers from {folder}: the departments' columns split over two holders, the \
             lender's with the bank."
        ),
        format!("数据来自 {folder}；部门数据的各列分给两个数据提供方，贷款方的列归银行。"),
    )
}

pub(super) fn fitted_on_these() -> Text {
    both(
        "The shipped card was fitted on rows of the same data: AUC and KS flatter it a little.",
        "随附评分卡正是用这批数据中的行拟合的：AUC 与 KS 会略偏乐观。",
    )
}

pub(super) fn step_parties(parties: usize) -> Text {
    both(
        format!(
            "{parties} parties: keys, certificates, everybody pinned with everybody, a process each"
        ),
        format!("建立 {parties} 个参与方：密钥、证书、两两互认，各一个进程"),
    )
}

/// How many customers a holder knows.
pub(super) fn known(holder: &str, customers: &str) -> Text {
    let Text { en, zh } = party(holder);
    both(format!("{customers} to {en}"), format!("{zh} {customers} 个"))
}

pub(super) fn step_align(bank: &Text, known: impl Iterator<Item = Text>, by_all: &str) -> Text {
    let (en, zh): (Vec<_>, Vec<_>) = known.map(|known| (known.en, known.zh)).unzip();
    let (en, zh) = (en.join(", "), zh.join("，"));
    both(
        format!(
            "Alignment by private set intersection: customers of {} known {en}, and {by_all} to all",
            bank.en
        ),
        format!("隐私求交对齐，{} 的客户被知道的有：{zh}，各家都知道 {by_all} 个", bank.zh),
    )
}

pub(super) fn step_batch(customers: &str) -> Text {
    both(
        format!("All {customers} customers in one batch, 4,096 a ciphertext, each compared"),
        format!("对全部 {customers} 个客户批量评分，每个密文 4,096 个，逐一比对"),
    )
}

pub(super) fn label_sklearn() -> Text {
    both("scikit-learn", "scikit-learn")
}

pub(super) fn sklearn(of_record: Separation) -> Text {
    let Separation { auc, ks } = of_record;
    both(
        format!(
            "AUC {auc:.4}  KS {ks:.4}  (on the same bins and rows, in clear; of record in the card)"
        ),
        format!("AUC {auc:.4}  KS {ks:.4}（相同分箱与样本的明文结果，记录于评分卡）"),
    )
}

pub(super) fn aligned_blindly() -> Text {
    both(
        "Each holder learned how many customers the bank brought, not which.",
        "数据提供方只知道银行带来多少客户，不知道是哪些。",
    )
}

pub(super) fn step_publish() -> Text {
    both(
        "The holders countersign the model; the platform encrypts its points to each bank's key",
        "各数据提供方会签模型；平台用各银行的公钥加密各分箱点数",
    )
}

pub(super) fn published(model: &str, features: &str, most: &str) -> Text {
    both(
        format!("{model}: {features} columns, up to {most} points; no holder sees a point"),
        format!("{model}：{features} 列，最高 {most} 点；数据提供方看不到点数"),
    )
}

pub(super) fn step_score(scored: &str, bank: &Text) -> Text {
    both(
        format!("{scored} applicants of {} scored, one by one, each under encryption", bank.en),
        format!("{} 逐个对 {scored} 个申请人做密文评分", bank.zh),
    )
}

/// Over the figures of one bank.
pub(super) fn of_bank(bank: &Text) -> Text {
    both(format!("{}:", bank.en), format!("{}：", bank.zh))
}

pub(super) fn step_compare() -> Text {
    both(
        "Every decrypted score compared with the clear text, which only this demonstration has",
        "逐一与明文结果比对（只有本演示同时持有全部明文）",
    )
}

pub(super) fn signing() -> Text {
    both("signing", "签署中")
}

pub(super) fn step_authorise(signed: &str) -> Text {
    both(
        format!(
            "Firms sign {signed} authorisations, one a bank; the provincial registry takes note"
        ),
        format!("企业签署 {signed} 份授权书，每家银行一份，省级节点登记"),
    )
}

pub(super) fn authorised_how() -> Text {
    both(
        "For scores by this model, and answers to formulas, to this bank, for loan applications, \
         for 30 days; each holder checks the signature itself.",
        "授权范围：仅向该银行、用于贷前，以该模型评分并回答核验公式，为期 30 天；各数据方自行验签。",
    )
}

pub(super) fn step_refused(refusal: &Failure) -> Text {
    let Text { en, zh } = refusal.what();
    let code = refusal.code();
    both(
        format!("A firm that has signed nothing is refused: {code}, {en}"),
        format!("未签署授权的企业被拒绝：{code}，{zh}"),
    )
}

pub(super) fn scoring() -> Text {
    both("scoring", "评分中")
}

pub(super) fn fewer(wanted: &str, there: &str) -> Text {
    both(
        format!("{wanted} scores were asked for; {there} applicants are on every register."),
        format!("要求评分 {wanted} 个；各家都登记的申请人只有 {there} 个。"),
    )
}

pub(super) fn label_right() -> Text {
    both("right", "一致")
}

pub(super) fn label_wrong() -> Text {
    both("wrong", "不一致")
}

pub(super) fn label_unanswered() -> Text {
    both("no answer", "无应答")
}

pub(super) fn label_latency() -> Text {
    both("one score", "单次评分")
}

pub(super) fn label_separation() -> Text {
    both("separation", "区分度")
}

pub(super) fn label_grades() -> Text {
    both("grades", "等级")
}

pub(super) fn latency(p50: &str, p99: &str, each_second: &str) -> Text {
    both(
        format!("p50 {p50}  p99 {p99}  ({each_second} a second, one at a time)"),
        format!("p50 {p50}  p99 {p99}（逐个进行，每秒 {each_second} 个）"),
    )
}

pub(super) fn separation(found: Option<Separation>) -> Text {
    let Some(Separation { auc, ks }) = found else {
        return both(
            "not measurable: the scored customers are all good or all bad",
            "无法计算：被评客户全部为好或全部为坏",
        );
    };
    both(
        format!("AUC {auc:.4}  KS {ks:.4}  (decrypted scores, outcomes that the bank holds)"),
        format!("AUC {auc:.4}  KS {ks:.4}（解密后的分数对银行自有结果）"),
    )
}

pub(super) fn grade(name: &str, all: &str, bad: f64) -> Text {
    both(format!("{name} {all} ({bad:.1}% bad)"), format!("{name} {all}（坏 {bad:.1}%）"))
}

/// The grades beside one another.
pub(super) fn joined(grades: impl Iterator<Item = Text>) -> Text {
    let (en, zh): (Vec<_>, Vec<_>) = grades.map(|grade| (grade.en, grade.zh)).unzip();
    both(en.join("  "), zh.join("  "))
}

pub(super) fn saw_title() -> Text {
    both("What each party saw while scoring", "评分过程中各方看到了什么")
}

pub(super) fn saw_heads() -> [Text; 5] {
    [
        both("party", "参与方"),
        both("questions", "请求数"),
        both("received", "收到"),
        both("sent", "发出"),
        both("CPU", "CPU 时间"),
    ]
}

/// Parties of one kind, over what they saw.
pub(super) fn parties(names: &[&str]) -> Text {
    let names = names.iter().map(|name| party(name));
    let (en, zh): (Vec<_>, Vec<_>) = names.map(|name| (name.en, name.zh)).unzip();
    both(en.join(", "), zh.join("、"))
}

/// What a party saw, and what it did not.
pub(super) fn saw(name: &str) -> [(Text, Text); 2] {
    let (seen, unseen) = match name {
        "platform" => (
            both(
                "the model; who asked about whom; ciphertexts that it cannot open",
                "模型；谁查询了谁；无法打开的密文",
            ),
            both(
                "a stored value, a bin, the points or the score of anyone",
                "任何登记数值、分箱、任何人的点数或分数",
            ),
        ),
        "bank" | "rural-bank" => (
            both(
                "points, score and grade of each applicant it asked about",
                "所查申请人的点数、分数和等级",
            ),
            both(
                "another's stored value or bin, or which holder gave how many points",
                "他方的任何登记数值、分箱，以及哪一方给了多少点",
            ),
        ),
        _ => (
            both(
                "which firm is asked about and for which bank; its own register",
                "被查的是哪个主体、为哪家银行；自己的登记数据",
            ),
            both(
                "points, a score, another holder's data, the bank's outcomes",
                "点数、分数、其他部门的数据、银行的贷款结果",
            ),
        ),
    };
    [(both("  saw", "  看到"), seen), (both("  never", "  看不到"), unseen)]
}

pub(super) fn go_on() -> Text {
    both("Enter goes on, Ctrl-C ends.", "按回车继续，Ctrl-C 结束。")
}

pub(super) fn no_letter() -> Text {
    both("this firm has signed nothing for this bank", "该企业没有为该银行签署授权")
}

pub(super) fn left_out() -> Text {
    both(
        "Left out with research data: authorisations and their refusal, revocation, formulas, the \
         search for a value, receipts, usage feedback, self-report. Such rows are about nobody: \
         nobody can sign for them, and no field of the catalogue is theirs.",
        "研究数据略去：授权及其拒绝、撤销、公式核验、试探取值、回执、使用反馈、自查。此类数据不涉及\
         任何主体：无人可为其签署，也不对应清单中的任何字段。",
    )
}
