//! What went wrong, for people: a stable code, a sentence in both languages, and whose fault it is.

use std::borrow::Cow;
use std::fmt;

use domain::{Explain, PartyId, Text};
use wire::{control, peer};

/// Something that went wrong, told in both languages.
///
/// A sentence says what happened, where, and what to do. It carries no identifier of a firm or a
/// person, and no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Stable, the same in every language.
    pub code: &'static str,
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
    /// Whose fault it is.
    pub side: Side,
}

/// Whose fault a trouble is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// Ours: an input, a setting, a bug.
    Us,
    /// A peer's.
    Peer(PartyId),
    /// Nobody's, or not known: a cable, a crash.
    Unknown,
}

impl Trouble {
    /// A trouble of our own side.
    pub fn us(code: &'static str, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { code, en: en.into(), zh: zh.into(), side: Side::Us }
    }

    /// A refusal of the one table: its code and its sentences, and nothing beside them.
    pub(crate) fn refused(refusal: domain::Refusal) -> Self {
        Self::us(refusal.code(), refusal.en(), refusal.zh())
    }

    /// The same trouble, blamed on a peer.
    #[must_use]
    pub fn by(self, peer: &PartyId) -> Self {
        Self { side: Side::Peer(peer.clone()), ..self }
    }

    /// The same trouble, blamed on nobody.
    #[must_use]
    pub fn by_nobody(self) -> Self {
        Self { side: Side::Unknown, ..self }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        let path = path.display();
        Self::us(
            "FILE",
            format!("{path}: {error}. Check the path and the permissions."),
            format!("{path}：{error}。请检查路径与权限。"),
        )
    }

    /// A file of keys, ours or a peer's, that is not what it was.
    pub(crate) fn damaged(path: &std::path::Path, error: &dyn fmt::Display) -> Self {
        let path = path.display();
        Self::us(
            "IDENTITY",
            format!(
                "{path} is damaged: {error}. Restore it from a backup together with the keys beside it, or ask the peer whose file it is to send it again."
            ),
            format!(
                "{path} 已损坏：{error}。请连同同目录的密钥一起从备份恢复；若为对方文件，请对方重新发送。"
            ),
        )
    }

    /// What another crate says, in its own words.
    pub(crate) fn from_error(code: &'static str, error: &dyn fmt::Display) -> Self {
        Self::us(code, error.to_string(), error.to_string())
    }

    /// What a peer may know of it: codes and sentences never hold data, sides are ours alone.
    pub(crate) fn to_refusal(&self) -> peer::Refusal {
        peer::Refusal { code: self.code.into(), en: self.en.clone(), zh: self.zh.clone() }
    }

    /// What an operator is shown.
    pub(crate) fn to_control(&self) -> control::Trouble {
        control::Trouble {
            code: self.code.into(),
            text: Some(control::Text { en: self.en.clone(), zh: self.zh.clone() }),
            side: self.side.to_string(),
        }
    }

    /// What is stored of it.
    pub(crate) fn to_stored(&self) -> store::Trouble {
        store::Trouble {
            code: self.code.into(),
            en: self.en.clone(),
            zh: self.zh.clone(),
            side: self.side.to_string(),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for Trouble {}

impl Explain for Trouble {
    fn code(&self) -> Cow<'static, str> {
        self.code.into()
    }

    fn what(&self) -> Text {
        Text::new(&self.en, &self.zh)
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Us => f.write_str("us"),
            Self::Peer(peer) => f.write_str(peer.as_str()),
            Self::Unknown => Ok(()),
        }
    }
}

impl From<store::Error> for Trouble {
    fn from(error: store::Error) -> Self {
        let en = error.to_string();
        match error {
            store::Error::RunExists => Self::us(
                "REPLAY",
                "this run exists already: a repeated proposal is refused",
                "该运行已存在：重复的提议被拒绝",
            ),
            store::Error::UsedUp => Self::refused(domain::Refusal::AuthExhausted),
            store::Error::AskedEnough => Self::refused(domain::Refusal::QueryBudget),
            store::Error::IntersectedEnough => Self::refused(domain::Refusal::IntersectionBudget),
            store::Error::JobExists => Self::us(
                "JOB_EXISTS",
                "another training job of this name and version is known here: a changed job is proposed under a new version",
                "此处已有同名同版本的其他训练任务：变更后的任务须以新版本提出",
            ),
            store::Error::Newer { found, known, .. } => Self::us(
                "STORE_NEWER",
                en,
                format!(
                    "数据库由更新版本的程序写入（结构第 {found} 步，本版本只到第 {known} 步）：\
                     请安装相应版本，或恢复备份"
                ),
            ),
            _ => Self::us("STORE", en.clone(), format!("本地数据库出错：{en}")),
        }
    }
}
