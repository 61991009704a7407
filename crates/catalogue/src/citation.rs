//! What a ruling rests on.

use crate::{Catalogue, Class, FieldEntry};

/// The articles that a ruling rests on, and what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// The document and article; several are joined with `; `.
    pub article: String,
    /// What it says, for Chinese readers; 「…」 is verbatim.
    pub zh: String,
    /// What it says, for English readers.
    pub en: String,
}

impl Citation {
    pub(crate) fn new(article: &str, zh: &str, en: &str) -> Self {
        Self { article: article.into(), zh: zh.into(), en: en.into() }
    }

    /// Both, this one first.
    pub(crate) fn and(&self, other: &Self) -> Self {
        Self {
            article: format!("{}; {}", self.article, other.article),
            zh: format!("{};{}", self.zh, other.zh),
            en: format!("{}; {}", self.en, other.en),
        }
    }

    /// The row of the catalogue that lists a field, with its sharing mode.
    pub(crate) fn row(class: &Class, entry: &FieldEntry) -> Self {
        let id = class.id();
        let source = entry.source().unwrap_or(class.source());
        Self {
            article: format!("{source} 第{id}类"),
            zh: format!("{}「{}」:{}", class.zh(), entry.zh_printed(), entry.mode().zh()),
            en: format!(
                "class {id}, {}, `{}`: {}",
                class.en(),
                entry.field().name(),
                entry.mode().en()
            ),
        }
    }

    /// A catalogue that does not list what is asked for.
    pub(crate) fn unlisted(catalogue: &Catalogue) -> Self {
        Self {
            article: catalogue.documents().join("; "),
            zh: "清单未列该信息类或字段".into(),
            en: format!("the catalogue `{}` does not list this class or field", catalogue.name()),
        }
    }

    /// The toolkit's own rule: what may come of a type of field.
    pub(crate) fn by_type(entry: &FieldEntry) -> Self {
        let field_type = entry.field_type();
        Self {
            article: "Tacit 可用不可见".into(),
            zh: format!("{}类字段不提供该结果形式,原始值不出域", field_type.zh()),
            en: format!(
                "this field ({}) is not offered for this output; values never leave their holder",
                field_type.en()
            ),
        }
    }

    pub(crate) fn nothing_named() -> Self {
        Self::new("Tacit 可用不可见", "请求未指明任何字段", "the request names no field")
    }

    /// Admission comes before everything else.
    pub(crate) fn admission() -> Self {
        Self::new(
            "苏政办发〔2022〕59号 第四条; 国办发〔2021〕52号政策问答 L73",
            "「安全评估、授权评估等接入审查工作」;「对接入机构进行信息安全评估」",
            "platforms and institutions are assessed before they are admitted; this caller is not \
             known as admitted",
        )
    }

    /// A natural person consents in their own name; no enterprise can do it for them.
    pub(crate) fn person() -> Self {
        Self::new(
            "个人信息保护法 第十三条、第二十九条",
            "涉及自然人,须取得本人(敏感信息须单独)同意,企业授权不能代替",
            "a natural person is concerned: that person's own consent (for sensitive data a separate \
             one) is needed and an enterprise's authorisation does not replace it",
        )
    }

    /// A person's lawfully published data may be used, within reason: so for a stated purpose.
    pub(crate) fn published_person() -> Self {
        Self::new(
            "个人信息保护法 第二十七条",
            "已合法公开的个人信息,可在合理范围内处理",
            "personal information that is lawfully public may be used within a reasonable scope, so \
             for a stated purpose",
        )
    }

    /// Lists of persons are not handed out.
    pub(crate) fn no_lists_of_persons() -> Self {
        Self::new(
            "苏政办发〔2022〕59号 第八条; 个人信息保护法 第二十七条",
            "批量推送面向企业信用信息,不批量推送自然人名单",
            "batch push is for enterprises' information; lists of natural persons are not pushed",
        )
    }

    /// A subject may always read what was done with its own data.
    pub(crate) fn own() -> Self {
        Self::new(
            "国办发〔2021〕52号政策问答 L67",
            "「信息主体有权免费查询其在融资信用服务平台上的所有信息」",
            "a subject may read all information about itself on the platform, free of charge",
        )
    }

    /// Watching is for borrowers, and with their consent.
    pub(crate) fn monitoring() -> Self {
        Self::new(
            "苏政办发〔2022〕59号 第九条",
            "「融资信用服务平台加强对获贷企业信用状况的动态监测,分析研判风险,及时推送接入机构参考」",
            "the platform monitors enterprises that obtained loans; the toolkit asks for the \
             subject's authorisation",
        )
    }

    pub(crate) fn cohort(minimum: u32) -> Self {
        Self {
            article: "国办发〔2021〕52号政策问答 L69".into(),
            zh: format!(
                "「未经脱敏处理或信息主体明确授权,不得对外提供」;汇总样本数不低于{minimum}"
            ),
            en: format!(
                "only desensitised or with express authorisation; at least {minimum} subjects"
            ),
        }
    }
}
