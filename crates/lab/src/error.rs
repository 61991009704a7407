//! Why a lab could not be made, started or stopped.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use domain::{Explain, Text};

/// Why a lab could not be made, started or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be used.
    #[error("{}: {error}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The system has no port.
    #[error("there is no free loopback port: {0}")]
    NoPort(io::Error),
    /// The program cannot be found, or not be waited for.
    #[error("our own program cannot be started: {0}")]
    NoProgram(io::Error),
    /// The name is no party's name.
    #[error(transparent)]
    Name(domain::Error),
    /// What stands in a configuration is no TOML.
    #[error(transparent)]
    Settings(toml::de::Error),
    /// A party cannot be made or pinned.
    #[error(transparent)]
    Party(#[from] party::Trouble),
    /// An operator's call was not carried out.
    #[error(transparent)]
    Control(#[from] control::Error),
    /// Somebody could not be told of a model.
    #[error("{}", .0.en)]
    NotReached(Text),
    /// A party has ended by itself.
    #[error("the party in {} ended by itself ({status}); its last words:\n{tail}", dir.display())]
    Died {
        /// Its folder.
        dir: PathBuf,
        /// How it ended.
        status: ExitStatus,
        /// The end of its log.
        tail: String,
    },
    /// A party does not answer after its start.
    #[error("the party in {} did not answer in {seconds} s; its last words:\n{tail}", dir.display())]
    Silent {
        /// Its folder.
        dir: PathBuf,
        /// How long it had.
        seconds: u64,
        /// The end of its log.
        tail: String,
    },
    /// A party had to be killed.
    #[error("the party in {} did not stop in {seconds} s and was killed", dir.display())]
    Stuck {
        /// Its folder.
        dir: PathBuf,
        /// How long it had.
        seconds: u64,
    },
}

impl Error {
    pub(crate) fn file(path: &Path, error: io::Error) -> Self {
        Self::File { path: path.into(), error }
    }
}

impl Explain for Error {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::File { .. } => "FILE".into(),
            Self::NoPort(_) => "PORT".into(),
            Self::NoProgram(_) => "PROGRAM".into(),
            Self::Name(_) => "USAGE".into(),
            Self::Settings(_) => "CONFIG".into(),
            Self::Party(trouble) => trouble.code.into(),
            Self::Control(error) => error.code(),
            Self::NotReached(_) => "NOT_REACHED".into(),
            Self::Died { .. } => "PARTY_DIED".into(),
            Self::Silent { .. } => "PARTY_SILENT".into(),
            Self::Stuck { .. } => "PARTY_STUCK".into(),
        }
    }

    fn what(&self) -> Text {
        let zh = match self {
            Self::File { path, error } => format!("{} 无法使用：{error}", path.display()),
            Self::NoPort(error) => format!("没有可用的本机端口：{error}"),
            Self::NoProgram(error) => format!("无法启动本程序自身：{error}"),
            Self::Name(_) | Self::Settings(_) => self.to_string(),
            Self::Party(trouble) => return trouble.what(),
            Self::Control(error) => return error.what(),
            Self::NotReached(text) => return text.clone(),
            Self::Died { dir, status, tail } => {
                format!("{} 中的参与方自行退出（{status}）；最后的日志：\n{tail}", dir.display())
            }
            Self::Silent { dir, seconds, tail } => {
                format!("{} 中的参与方 {seconds} 秒内没有应答；最后的日志：\n{tail}", dir.display())
            }
            Self::Stuck { dir, seconds } => {
                format!("{} 中的参与方 {seconds} 秒内没有停止，已被强制结束", dir.display())
            }
        };
        Text::new(self.to_string(), zh)
    }

    fn next_step(&self) -> Option<Text> {
        match self {
            Self::Control(error) => error.next_step(),
            Self::File { .. }
            | Self::NoPort(_)
            | Self::NoProgram(_)
            | Self::Name(_)
            | Self::Settings(_)
            | Self::Party(_)
            | Self::NotReached(_)
            | Self::Died { .. }
            | Self::Silent { .. }
            | Self::Stuck { .. } => None,
        }
    }
}
