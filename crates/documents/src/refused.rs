//! Why a document is refused, in both languages, and what to do.

use consent::{Document, Error, State};

/// A consent error for people. The English is the crate's own; what to do is added here.
pub(crate) fn refused(error: Error) -> crate::Error {
    let en = error.to_string();
    match error {
        Error::Text { what, expected } => bilingual(
            "USAGE",
            (&en, "Write it so."),
            (&format!("{}应为：{}", chinese(what), chinese(expected)), "请按此书写。"),
        ),
        Error::Oversized { document, limit, found } => bilingual(
            "OVERSIZED",
            (&en, "Name fewer classes, models or persons, or use several authorisations."),
            (
                &format!("{}最多 {limit} 字节，实际 {found} 字节", name(document)),
                "请减少信息类、模型或自然人授权的数量，或分成几份授权。",
            ),
        ),
        Error::Malformed { document, message } => bilingual(
            "DOCUMENT",
            (&en, "Ask whoever wrote it for the file as it was written."),
            (&format!("无法读取{}（{message}）", name(document)), "请向出具方索取原始文件。"),
        ),
        Error::Rule { document, rule } => bilingual(
            "CONTRADICTION",
            (&en, "Change what does not fit and sign again."),
            (
                &format!("{}自相矛盾：{}", name(document), chinese(rule)),
                "请修改不符之处后重新签署。",
            ),
        ),
        Error::Envelope { document, source } => bilingual(
            "DOCUMENT",
            (&en, "Name the file that holds it, unchanged."),
            (&format!("{}无效（{source}）", name(document)), "请指定未经改动的相应文件。"),
        ),
        Error::Untrusted { document } => bilingual(
            "UNTRUSTED",
            (
                &en,
                "If it should be trusted, its issuer belongs under [[governance.issuer]] in party.toml.",
            ),
            (
                &format!("{}的签发方不在本参与方的信任名单中", name(document)),
                "如应信任，请将其签发机构写入 party.toml 的 [[governance.issuer]]。",
            ),
        ),
        Error::AnotherHolder { document, of } => bilingual(
            "ANOTHER_HOLDER",
            (&en, "Take the key and the certificate of the subject that it is about."),
            (
                &format!("{}所用证书属于另一{}", name(document), chinese(of)),
                "请使用该主体本人的密钥与证书。",
            ),
        ),
        Error::CertificateTime { document } => bilingual(
            "CERTIFICATE_TIME",
            (&en, "Ask the issuer for a new certificate, and compare the clocks."),
            (
                &format!("{}所用证书在当时无效", name(document)),
                "请向签发机构索取新证书，并核对时钟。",
            ),
        ),
        Error::KeyRevoked { document } => bilingual(
            "KEY_REVOKED",
            (&en, "The issuer certifies another key."),
            (
                &format!("{}所用密钥已被签发机构吊销", name(document)),
                "请用另一密钥向签发机构重新申请证书并重新签署。",
            ),
        ),
        Error::Future { document } => bilingual(
            "CLOCK",
            (&en, "Set them right and sign again."),
            (&format!("{}的签署时间晚于现在", name(document)), "请核对时钟后重新签署。"),
        ),
        Error::Closed { document, state } => bilingual(
            "CLOSED",
            (&en, "A closed authorisation is never opened again."),
            (
                &format!("{}来迟了：该授权{}，不可恢复", name(document), state_zh(state)),
                "请重新授权。",
            ),
        ),
        Error::OutOfOrder { document, rule } => bilingual(
            "OUT_OF_ORDER",
            (&en, "Take the latest version of the authorisation."),
            (
                &format!("{}与先前的版本或状态不衔接：{}", name(document), chinese(rule)),
                "请使用该授权的最新版本。",
            ),
        ),
        Error::Widens(what) => bilingual(
            "WIDENS",
            (&en, "What is larger than before needs the subject's fresh consent."),
            (
                &format!("缩小授权时不得扩大，而{}被扩大或更改", chinese(what)),
                "请用 `tacit authorisation grant` 重新授权。",
            ),
        ),
        Error::Io(kind) => bilingual(
            "FILE",
            (&en, "Check the path and the permissions."),
            (&format!("无法读写文件（{kind}）"), "请检查路径与权限。"),
        ),
        Error::Line { line, source } => {
            let inner = refused(*source);
            crate::Error {
                en: format!("line {line}: {}", inner.en),
                zh: format!("第 {line} 行：{}", inner.zh),
                ..inner
            }
        }
        _ => bilingual("DOCUMENT", (&en, "See the log."), (&en, "请查看日志。")),
    }
}

fn bilingual(code: &'static str, en: (&str, &str), zh: (&str, &str)) -> crate::Error {
    crate::Error::new(code, format!("{}. {}", en.0, en.1), format!("{}。{}", zh.0, zh.1))
}

const fn name(document: Document) -> &'static str {
    match document {
        Document::Authorisation => "授权",
        Document::Certificate => "主体密钥证书",
        Document::Change => "授权变更",
        Document::Statement => "授权状态声明",
        Document::History => "授权历史",
        Document::Tally => "授权计数",
        Document::Bundle => "授权状态包",
        Document::Registration => "模型登记",
        Document::Revocations => "密钥吊销名单",
        Document::Question => "提问",
        Document::Job => "训练任务",
    }
}

const fn state_zh(state: State) -> &'static str {
    match state {
        State::Active => "有效",
        State::Suspended => "已暂停",
        State::Revoked => "已撤销",
        State::Expired => "已到期",
        State::Exhausted => "次数已用完",
        State::Superseded => "已被新版本取代",
        State::Void => "已失效",
    }
}

/// What the errors that a tool offline can meet say in parts, in Chinese; anything else as it is.
fn chinese(english: &'static str) -> &'static str {
    WORDS.iter().find(|(en, _)| *en == english).map_or(english, |(_, zh)| zh)
}

const WORDS: &[(&str, &str)] = &[
    ("an authorisation's number", "授权编号"),
    (
        "1 to 64 letters, digits and hyphens, like `AU-2026-000123`",
        "1 至 64 个字母、数字或连字符，例如 `AU-2026-000123`",
    ),
    ("a number or name", "编号或名称"),
    (
        "1 to 64 letters, digits and `-._/`, like `js-enterprise-zh-3`",
        "1 至 64 个字母、数字或 `-._/`，例如 `js-enterprise-zh-3`",
    ),
    ("a level of identity", "身份核验等级"),
    ("1 to 4", "1 至 4"),
    ("a scope", "授权范围"),
    ("1 to 64 lines", "1 至 64 行"),
    ("a term", "期限"),
    ("positive, and five years at most", "长于零且不超过五年"),
    ("a time", "时间"),
    ("written by RFC 3339, from 2000 to 2199", "RFC 3339 格式，在 2000 年至 2199 年之间"),
    ("a limit of uses", "使用次数与间隔"),
    ("1 to 100000, within five years", "1 至 100000 次，间隔不超过五年"),
    (
        "a person signs for itself, and an organisation through somebody",
        "自然人由本人签署，机构由他人代为签署",
    ),
    ("the notice is shown before the signature is given", "签署之前须先出示告知内容"),
    ("the identity is checked before the signature is given", "签署之前须先核验身份"),
    (
        "it ends after it was signed, and within five years of that",
        "期限须在签署之后、五年之内结束",
    ),
    (
        "a score needs a named model, or `*` for any",
        "评分须列明模型（--model），或允许任何模型（--any-model）",
    ),
    ("it leans on 16 separate consents at most", "最多以 16 份自然人授权为前提"),
    ("there are no more versions after this one", "该授权不能再有新版本"),
    ("the next version is signed later than this one", "新版本的签署时间须晚于本版本"),
    (
        "its first line names the kind of bundle that this version reads",
        "首行须写明本版本可读取的授权状态包",
    ),
    ("lists are numbered from 1", "名单编号从 1 开始"),
    ("a list has 5,000 keys at most", "一份名单最多 5,000 个密钥"),
    ("the keys are in order, each once", "密钥须按序排列且不重复"),
    (
        "the list before it is the same issuer's, and older",
        "前一份名单须出自同一签发机构且时间更早",
    ),
    ("subject", "主体"),
    ("signer", "签署人"),
    ("key", "密钥"),
    ("suite", "签名算法"),
    ("the subject", "主体"),
    ("the grantee", "被授权方"),
    ("the purpose", "用途"),
    ("the application", "申请编号"),
    ("the scope", "授权范围"),
    ("the models", "模型"),
    ("the term", "期限"),
    ("the limits", "使用次数或间隔"),
    ("the separate consents", "自然人授权"),
];

#[cfg(test)]
mod tests {
    use consent::{Document, Error, Limits, Term, Word};
    use time::macros::datetime;

    use super::{WORDS, refused};

    #[test]
    fn what_an_operator_can_mistype_is_explained_in_chinese_throughout() {
        let start = datetime!(2026-03-02 00:00 +8);
        let errors = [
            "授权".parse::<Word>().unwrap_err(),
            Limits::new(0, 0).unwrap_err(),
            Term::new(start, start).unwrap_err(),
            Term::new(start.replace_year(1999).unwrap(), start).unwrap_err(),
            consent::Scope::new(Vec::new()).unwrap_err(),
        ];
        for error in errors {
            let Error::Text { what, expected } = &error else { panic!("{error}") };
            for part in [what, expected] {
                assert!(WORDS.iter().any(|(en, _)| en == part), "{part}");
            }
            let trouble = refused(error);
            assert!(trouble.zh.contains("应为") && trouble.code == "USAGE", "{}", trouble.zh);
        }
    }

    #[test]
    fn a_line_of_a_bundle_keeps_its_number_and_its_reason_in_both_languages() {
        let source = Box::new(Error::Untrusted { document: Document::Statement });
        let trouble = refused(Error::Line { line: 7, source });
        assert!(trouble.en.starts_with("line 7: ") && trouble.zh.starts_with("第 7 行："));
        assert_eq!(trouble.code, "UNTRUSTED");
    }

    #[test]
    fn no_translation_is_given_twice_and_each_is_chinese() {
        for (at, (en, zh)) in WORDS.iter().enumerate() {
            assert!(WORDS[at + 1..].iter().all(|(other, _)| other != en), "{en}");
            assert!(zh.chars().any(|char| ('一'..='龥').contains(&char)) || *en == "1 to 4");
        }
    }
}
