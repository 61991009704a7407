//! Why a call was not carried out: a code, what happened, where, and what to do next.

use std::borrow::Cow;
use std::fmt::Display;
use std::io;
use std::path::PathBuf;

use domain::{Explain, Text};
use tonic::{Code, Status};
use wire::control::Trouble;

use crate::text;

/// Why a call was not carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The directory holds no party.
    #[error("there is no party in {dir} (no party.toml)")]
    NoParty {
        /// The directory, whole.
        dir: String,
    },
    /// The directory's party does not run.
    #[error("no party runs in {dir}")]
    NotRunning {
        /// The directory, whole.
        dir: String,
    },
    /// Nobody takes calls over the socket.
    #[error("no party takes calls over {socket}")]
    NobodyAnswers {
        /// The socket, whole.
        socket: String,
    },
    /// A file cannot be read.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Other users of the machine can read the file of a token.
    #[error("{} can be read by others: `chmod 600` it, and have the token revoked if they may have", path.display())]
    OpenToken {
        /// The file.
        path: PathBuf,
    },
    /// What stands for a token is none.
    #[error("this is no token: it is one word, as `tacit token new` prints it")]
    NoToken,
    /// No socket can have a path as long as this one.
    #[error("the path of the party's socket has {length} bytes; the system allows {longest}")]
    SocketPath {
        /// Of the path, in bytes.
        length: usize,
        /// What the system allows.
        longest: usize,
    },
    /// The socket is there and may not be opened.
    #[error("{}: {error}", path.display())]
    Socket {
        /// Of the socket.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The path cannot be written as a URI.
    #[error("the path {} is not UTF-8; use a directory whose name is", path.display())]
    NotUnicode {
        /// Of the socket.
        path: PathBuf,
    },
    /// The party was reached and says why it does not do it.
    #[error("{}", text(.0.text.clone()).en)]
    Refused(Trouble),
    /// The party went away, or never was there.
    #[error("the line to the party broke: {reason}")]
    LineLost {
        /// What the transport says.
        reason: String,
    },
    /// The party took too long.
    #[error("the party did not answer in time")]
    NoAnswer,
    /// The party does not know the call.
    #[error("the running party does not know this call: it is of another version than this client")]
    OtherVersion,
    /// gRPC's own refusal, before the party was asked.
    #[error("{message}")]
    Transport {
        /// gRPC's word for it.
        code: Code,
        /// gRPC's sentence.
        message: String,
    },
}

impl Explain for Error {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::NoParty { .. } => "NO_PARTY".into(),
            Self::NotRunning { .. } | Self::NobodyAnswers { .. } => "NOT_RUNNING".into(),
            Self::SocketPath { .. } => "SOCKET_PATH".into(),
            Self::Socket { .. } | Self::File { .. } => "FILE".into(),
            Self::OpenToken { .. } => "TOKEN_OPEN".into(),
            Self::NoToken => "TOKEN".into(),
            Self::NotUnicode { .. } => "SOCKET".into(),
            Self::Refused(trouble) => trouble.code.clone().into(),
            Self::LineLost { .. } => "LINE_LOST".into(),
            Self::NoAnswer => "NO_ANSWER".into(),
            Self::OtherVersion => "OTHER_VERSION".into(),
            Self::Transport { code, .. } => word(*code).into(),
        }
    }

    fn what(&self) -> Text {
        match self {
            Self::NoParty { dir } => both(self, format!("{dir} 中没有参与方（缺少 party.toml）")),
            Self::NotRunning { dir } => both(self, format!("{dir} 中的参与方没有运行")),
            Self::SocketPath { length, longest } => {
                both(self, format!("参与方套接字路径长 {length} 字节，系统最多允许 {longest} 字节"))
            }
            Self::NobodyAnswers { socket } => both(self, format!("没有参与方经 {socket} 接受调用")),
            Self::OpenToken { path } => both(
                self,
                format!(
                    "其他用户可以读取 {}：请执行 `chmod 600`；若可能已被读取，请吊销该令牌",
                    path.display()
                ),
            ),
            Self::NoToken => both(self, "这不是令牌：令牌是 `tacit token new` 显示的一个词".into()),
            Self::Socket { path, error } | Self::File { path, error } => {
                both(self, format!("{} 无法使用：{error}", path.display()))
            }
            Self::NotUnicode { path } => both(
                self,
                format!("路径 {} 不是 UTF-8 编码，请换用 UTF-8 命名的目录", path.display()),
            ),
            Self::Refused(trouble) => text(trouble.text.clone()),
            Self::LineLost { reason } => both(self, format!("与参与方的连接中断：{reason}")),
            Self::NoAnswer => both(self, "参与方没有按时应答".into()),
            Self::OtherVersion => {
                both(self, "正在运行的参与方不支持此调用：它与本程序版本不同".into())
            }
            Self::Transport { message, .. } => both(self, message.clone()),
        }
    }

    fn next_step(&self) -> Option<Text> {
        let next = |en: &str, zh: &str| Some(Text::new(en, zh));
        match self {
            Self::NoParty { .. } => next(
                "Make one with `tacit init`, or name the right directory with --dir.",
                "请用 `tacit init` 新建，或用 --dir 指定正确的目录。",
            ),
            Self::NotRunning { dir } => Some(Text {
                en: format!("Start it with `tacit --dir {dir} party run`."),
                zh: format!("请用 `tacit --dir {dir} party run` 启动。"),
            }),
            Self::NobodyAnswers { .. } => next(
                "Ask who operates it whether it runs, and what its [control] socket is.",
                "请向其操作员确认它是否在运行，以及其 [control] socket。",
            ),
            Self::SocketPath { .. } => next(
                "Give a shorter --dir: a relative path, or a symbolic link to the directory.",
                "请用较短的 --dir：相对路径，或指向该目录的符号链接。",
            ),
            Self::LineLost { .. } | Self::NoAnswer => next(
                "See whether it still runs (`tacit party status`) and what it last wrote to its log.",
                "请用 `tacit party status` 查看它是否仍在运行，并查看其日志的最后几行。",
            ),
            Self::OtherVersion => next(
                "Stop it (`tacit party stop`) and start it again with this program.",
                "请先停止（`tacit party stop`），再用本程序重新启动。",
            ),
            // Its own sentences say so.
            Self::Refused(_) => None,
            Self::Socket { .. }
            | Self::File { .. }
            | Self::OpenToken { .. }
            | Self::NoToken
            | Self::NotUnicode { .. }
            | Self::Transport { .. } => None,
        }
    }
}

impl Error {
    /// Whether the line or the party as a whole is at fault, so that the next call would fail too.
    #[must_use]
    pub fn is_of_the_line(&self) -> bool {
        match self {
            Self::NoParty { .. }
            | Self::NotRunning { .. }
            | Self::NobodyAnswers { .. }
            | Self::File { .. }
            | Self::OpenToken { .. }
            | Self::NoToken
            | Self::SocketPath { .. }
            | Self::Socket { .. }
            | Self::NotUnicode { .. }
            | Self::LineLost { .. }
            | Self::NoAnswer
            | Self::OtherVersion => true,
            Self::Refused(_) | Self::Transport { .. } => false,
        }
    }
}

impl From<Status> for Error {
    /// A call that was not carried out. Where the party itself says why, the status has its trouble
    /// in the details.
    fn from(status: Status) -> Self {
        if let Some(trouble) = wire::trouble_of(&status) {
            return Self::Refused(trouble);
        }
        match status.code() {
            Code::Unavailable | Code::Cancelled | Code::Unknown => {
                Self::LineLost { reason: status.message().into() }
            }
            Code::DeadlineExceeded => Self::NoAnswer,
            Code::Unimplemented => Self::OtherVersion,
            code => Self::Transport { code, message: status.message().into() },
        }
    }
}

fn both(error: &impl Display, zh: String) -> Text {
    Text::new(error.to_string(), zh)
}

/// A gRPC code as one of our code words.
fn word(code: Code) -> &'static str {
    match code {
        Code::InvalidArgument | Code::OutOfRange => "ARGUMENT",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "EXISTS",
        Code::PermissionDenied | Code::Unauthenticated => "REFUSED",
        Code::ResourceExhausted => "LIMIT",
        Code::FailedPrecondition | Code::Aborted => "NOT_NOW",
        Code::Ok
        | Code::Cancelled
        | Code::Unknown
        | Code::DeadlineExceeded
        | Code::Unimplemented
        | Code::Internal
        | Code::Unavailable
        | Code::DataLoss => "PARTY",
    }
}

#[cfg(test)]
mod tests {
    use wire::control;

    use super::*;

    #[test]
    fn a_refusal_of_the_partys_own_keeps_its_code_its_side_and_both_languages() {
        let said = Trouble {
            code: "BUSY".into(),
            text: Some(control::Text { en: "wait".into(), zh: "请等待".into() }),
            side: "tax".into(),
        };
        let error = Error::from(wire::to_status(&said));
        assert_eq!(error.code(), "BUSY");
        assert_eq!((&*error.what().en, &*error.what().zh), ("wait", "请等待"));
        let Error::Refused(trouble) = &error else { panic!("{error:?}") };
        assert_eq!(trouble.side, "tax");
        assert!(!error.is_of_the_line());
    }

    #[test]
    fn what_no_party_has_said_is_the_lines_fault() {
        for (status, code) in [
            (Status::unavailable("gone"), "LINE_LOST"),
            (Status::deadline_exceeded("late"), "NO_ANSWER"),
            (Status::unimplemented("what?"), "OTHER_VERSION"),
        ] {
            let error = Error::from(status);
            assert_eq!(error.code(), code);
            assert!(error.is_of_the_line() && error.next_step().is_some());
        }
        assert_eq!(Error::from(Status::resource_exhausted("full")).code(), "LIMIT");
    }
}
