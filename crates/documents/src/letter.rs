//! The text of a letter of authorisation (授权书), written from the record's own members.

use consent::{Authorisation, Capacity, Draft, Fields, Language, Letter, Models, Word};
use domain::{Output, SHANGHAI};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::Error;
use crate::file::hash;
use crate::refused::refused;

/// The notice that is shown before a signature: every term of the record, as the letter has it.
pub(crate) const NOTICE: &str = "tacit-zh-1";

/// The template that is filled in here. Its text never changes under this name: whoever has the
/// record can write it again and compare the hash.
pub(crate) const TEMPLATE: &str = "tacit-letter-zh-1";

/// In place of a template's name, where the subject brought its own text.
const BROUGHT: &str = "brought";

const MOMENT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

/// What is shown before the signature, and the letter where it was written here.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) notice: String,
    pub(crate) own: Option<String>,
}

/// Puts the letter into a draft whose other members are final: the subject's own text, or the one
/// written here.
pub(crate) fn write(draft: &mut Draft, brought: Option<&[u8]>) -> Result<Text, Error> {
    let notice = text(draft);
    let (template, hash) = match brought {
        Some(bytes) => (BROUGHT, hash(bytes)),
        None => (TEMPLATE, hash(notice.as_bytes())),
    };
    let template_id = template.parse::<Word>().map_err(refused)?;
    draft.letter = Letter { template_id, hash, language: Language::Zh };
    let own = brought.is_none().then(|| notice.clone());
    Ok(Text { notice, own })
}

/// Whether a record's letter is the text that follows from the record; `None` where it was written
/// from another template.
pub(crate) fn follows_from(record: &Authorisation) -> Option<bool> {
    let letter = record.letter();
    let written_here = letter.template_id.as_str() == TEMPLATE;
    written_here.then(|| hash(text(&draft(record)).as_bytes()) == letter.hash)
}

/// A record's members, to be changed and signed again.
pub(crate) fn draft(record: &Authorisation) -> Draft {
    Draft {
        id: record.id().clone(),
        version: record.version(),
        previous: record.previous(),
        subject: record.subject().clone(),
        subject_name: record.subject_name().cloned(),
        signer: record.signer().clone(),
        consent: record.consent().clone(),
        grantee: record.grantee().clone(),
        scope: record.scope().clone(),
        models: record.models().clone(),
        purpose: record.purpose(),
        application_no: record.application_no().cloned(),
        term: record.term(),
        limits: record.limits(),
        separate_consents: record.separate_consents().to_vec(),
        letter: record.letter().clone(),
    }
}

fn text(draft: &Draft) -> String {
    let grantee = &draft.grantee;
    let mut lines = vec![
        "信用信息授权书".to_owned(),
        String::new(),
        format!("授权编号：{}（第 {} 版）", draft.id, draft.version),
        format!("授权主体：{}（{}）", draft.subject.reveal(), draft.subject.kind()),
    ];
    if let Some(name) = &draft.subject_name {
        lines.push(format!("主体名称：{}", name.reveal()));
    }
    lines.push(format!("签署人：{}", capacity(draft.signer.capacity())));
    lines.push(format!("被授权方：{}", grantee.institution));
    lines.push(format!("平台：{}", grantee.platform));
    if let Some(node) = &grantee.node {
        lines.push(format!("节点：{node}"));
    }
    lines.push("授权范围：".to_owned());
    for (item, number) in draft.scope.items().iter().zip(1..) {
        let fields = match item.fields() {
            Fields::All => "全部字段".to_owned(),
            Fields::Only(fields) => {
                let names: Vec<_> = fields.iter().map(domain::Field::name).collect();
                format!("字段 {}", names.join("、"))
            }
        };
        let outputs: Vec<_> = item.outputs().iter().map(|output| name(*output)).collect();
        let (class, outputs) = (item.class(), outputs.join("、"));
        lines.push(format!("  {number}. 信息类 {class}，{fields}：{outputs}"));
    }
    lines.push(format!("可使用的模型：{}", models(&draft.models)));
    lines.push(format!("用途：{}（{}）", draft.purpose.name_zh(), draft.purpose));
    if let Some(application) = &draft.application_no {
        lines.push(format!("申请编号：{application}"));
    }
    let (start, end) = (moment(draft.term.not_before()), moment(draft.term.not_after()));
    lines.push(format!("期限：自 {start} 起，{end} 前有效（北京时间）"));
    let (uses, interval) = (draft.limits.max_uses(), draft.limits.min_interval());
    let interval = interval.whole_seconds();
    lines.push(format!("使用次数：最多 {uses} 次，两次之间至少间隔 {interval} 秒"));
    for consent in &draft.separate_consents {
        let classes: Vec<_> = consent.classes().iter().map(ToString::to_string).collect();
        let (id, classes) = (consent.authorisation(), classes.join("、"));
        lines.push(format!("以自然人本人的授权为前提：{id}（信息类 {classes}）"));
    }
    lines.extend(
        [
            "",
            "授权主体已知悉上述全部内容，明确同意并主动授权。",
            "原始明细数据不出数据提供单位；被授权方只得到上列结果形式，不得转给他人，不得用于融资支持以外的用途。",
            "授权主体可随时撤销、暂停或缩小本授权，无需说明理由。",
        ]
        .map(str::to_owned),
    );
    lines.push(String::new());
    lines.join("\n")
}

const fn capacity(capacity: Capacity) -> &'static str {
    match capacity {
        Capacity::LegalRep => "法定代表人",
        Capacity::Agent { .. } => "经办人",
        Capacity::Person => "本人",
    }
}

const fn name(output: Output) -> &'static str {
    match output {
        Output::Score => "评分",
        Output::Verify => "核验",
        Output::Monitor => "监测预警",
        Output::Display => "公开展示",
        Output::Train => "联合训练",
        Output::Own => "本人报告",
    }
}

fn models(models: &Models) -> String {
    match models {
        Models::None => "无".into(),
        Models::Any => "被授权方的任何模型".into(),
        Models::Only(models) => {
            models.iter().map(ToString::to_string).collect::<Vec<_>>().join("、")
        }
    }
}

fn moment(at: OffsetDateTime) -> String {
    // A record's times have years of four digits, which this form always writes.
    at.to_offset(SHANGHAI).format(MOMENT).unwrap_or_default()
}
