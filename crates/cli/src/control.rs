//! The operator's line to the operator's own party: the calls of `proto/control/`.

mod governance;

use std::io::{self, ErrorKind};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf, absolute};
use std::time::Duration;

use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status, Streaming};

use wire::control;
use wire::control::audit_client::AuditClient;
use wire::control::authorisations_client::AuthorisationsClient;
use wire::control::models_client::ModelsClient;
use wire::control::node_client::NodeClient;
use wire::control::runs_client::RunsClient;

use crate::failure::Failure;
use crate::language::Text;
use crate::phrases;

/// The code of a party that does not run.
pub(crate) const NOT_RUNNING: &str = "NOT_RUNNING";

/// The longest path of a Unix socket on Linux, its closing zero left out.
const LONGEST_PATH: usize = 107;

/// A party on the same machine answers at once, or not at all.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a party may answer at most: a long list of runs with their reports.
const LARGEST_REPLY: usize = 64 << 20;

/// An open line to one running party; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Control {
    node: NodeClient<Channel>,
    runs: RunsClient<Channel>,
    models: ModelsClient<Channel>,
    authorisations: AuthorisationsClient<Channel>,
    audit: AuditClient<Channel>,
}

impl Control {
    /// Opens the line to the party of a directory.
    ///
    /// # Errors
    ///
    /// With code `NO_PARTY` when the directory holds none, `NOT_RUNNING` when it does not run.
    pub(crate) async fn open(dir: &Path) -> Result<Self, Failure> {
        let socket = reachable(dir)?;
        let path = socket
            .to_str()
            .ok_or_else(|| Failure::new("SOCKET", phrases::path_not_unicode(socket.display())))?;
        let endpoint = Endpoint::from_shared(format!("unix://{path}"))
            .map_err(|_| Failure::new("SOCKET", phrases::path_not_unicode(socket.display())))?
            .connect_timeout(PATIENCE);
        let channel = endpoint.connect().await.map_err(|_| not_running(dir))?;
        macro_rules! of {
            ($client:ident) => {
                $client::new(channel.clone()).max_decoding_message_size(LARGEST_REPLY)
            };
        }
        Ok(Self {
            node: of!(NodeClient),
            runs: of!(RunsClient),
            models: of!(ModelsClient),
            authorisations: of!(AuthorisationsClient),
            audit: of!(AuditClient),
        })
    }

    /// What the party is, and what it has used so far.
    pub(crate) async fn status(&self) -> Result<control::StatusReply, Failure> {
        let mut request = tonic::Request::new(control::StatusRequest {});
        request.set_timeout(PATIENCE);
        let reply = self.node.clone().status(request).await;
        Ok(reply.map_err(refused)?.into_inner())
    }

    /// Checks the party and every peer, hop by hop.
    pub(crate) async fn doctor(&self) -> Result<Streaming<control::Finding>, Failure> {
        let reply = self.node.clone().doctor(control::DoctorRequest {}).await;
        Ok(reply.map_err(refused)?.into_inner())
    }

    /// Runs a private set intersection.
    pub(crate) async fn psi(
        &self,
        request: control::PsiRequest,
    ) -> Result<Streaming<control::RunEvent>, Failure> {
        let reply = self.runs.clone().psi(request).await;
        Ok(reply.map_err(refused)?.into_inner())
    }

    /// Puts a list of claims to a holder.
    pub(crate) async fn matching(
        &self,
        request: control::MatchRequest,
    ) -> Result<Streaming<control::RunEvent>, Failure> {
        let reply = self.runs.clone().r#match(request).await;
        Ok(reply.map_err(refused)?.into_inner())
    }

    /// Trains the model of a job.
    pub(crate) async fn train(
        &self,
        request: control::TrainRequest,
    ) -> Result<Streaming<control::RunEvent>, Failure> {
        let reply = self.runs.clone().train(request).await;
        Ok(reply.map_err(refused)?.into_inner())
    }

    /// Encrypts a model's points for a lender.
    pub(crate) async fn publish(
        &self,
        request: control::PublishRequest,
    ) -> Result<Streaming<control::RunEvent>, Failure> {
        let reply = self.models.clone().publish(request).await;
        Ok(reply.map_err(refused)?.into_inner())
    }

    /// The models that the party knows.
    pub(crate) async fn models(&self) -> Result<Vec<control::Model>, Failure> {
        let reply = self.models.clone().models(control::ModelsRequest {}).await;
        Ok(reply.map_err(refused)?.into_inner().models)
    }

    /// Scores firms one after another.
    pub(crate) async fn score(
        &self,
        request: control::ScoreRequest,
    ) -> Result<Streaming<control::ScoreReply>, Failure> {
        let reply = self.runs.clone().score(request).await;
        Ok(reply.map_err(refused)?.into_inner())
    }

    /// Scores a whole list in one run.
    pub(crate) async fn batch(
        &self,
        request: control::BatchRequest,
    ) -> Result<Streaming<control::RunEvent>, Failure> {
        let reply = self.runs.clone().batch(request).await;
        Ok(reply.map_err(refused)?.into_inner())
    }

    /// Asks one formula about firms, one after another.
    pub(crate) async fn verify(
        &self,
        request: control::VerifyRequest,
    ) -> Result<Streaming<control::VerifyReply>, Failure> {
        let reply = self.runs.clone().verify(request).await;
        Ok(reply.map_err(refused)?.into_inner())
    }

    /// Earlier and present runs, newest first.
    pub(crate) async fn runs(
        &self,
        request: control::RunsRequest,
    ) -> Result<Vec<control::Run>, Failure> {
        let reply = self.runs.clone().runs(request).await;
        Ok(reply.map_err(refused)?.into_inner().runs)
    }

    /// Runs a failed run anew.
    pub(crate) async fn again(&self, id: &str) -> Result<Streaming<control::RunEvent>, Failure> {
        let request = control::AgainRequest { id: id.into() };
        let reply = self.runs.clone().again(request).await;
        Ok(reply.map_err(refused)?.into_inner())
    }

    /// Asks the party to stop when its present turn is over.
    pub(crate) async fn stop(&self) -> Result<(), Failure> {
        let mut request = tonic::Request::new(control::StopRequest {});
        request.set_timeout(PATIENCE);
        self.node.clone().stop(request).await.map_err(refused)?;
        Ok(())
    }
}

/// The next message of a stream; `None` at its end.
pub(crate) async fn next<T>(stream: &mut Streaming<T>) -> Result<Option<T>, Failure> {
    stream.message().await.map_err(refused)
}

/// Whether a failure is the line's or the party's as a whole, so that the next call would fail too.
pub(crate) fn is_of_the_line(failure: &Failure) -> bool {
    [NOT_RUNNING, "LINE_LOST", "NO_ANSWER", "OTHER_VERSION"].contains(&failure.code())
}

/// The directory as a party shall know it: whole, so that the paths of its results hold wherever its
/// operator stands; as it was typed where only that leaves room for the socket.
pub(crate) fn whole(dir: &Path) -> PathBuf {
    let fits = |dir: &PathBuf| dir.join(party::CONTROL_SOCKET).as_os_str().len() <= LONGEST_PATH;
    absolute(dir).ok().filter(fits).unwrap_or_else(|| dir.into())
}

/// Whether a party of this directory takes calls.
pub(crate) fn is_running(dir: &Path) -> bool {
    reachable(dir).is_ok()
}

/// The socket of a directory's party, once something listens on it.
fn reachable(dir: &Path) -> Result<PathBuf, Failure> {
    if !dir.join("party.toml").exists() {
        return Err(no_party(dir));
    }
    let socket = dir.join(party::CONTROL_SOCKET);
    let longest = socket.as_os_str().len();
    if longest > LONGEST_PATH {
        let code = "SOCKET_PATH";
        return Err(Failure::new(code, phrases::socket_path(longest, LONGEST_PATH))
            .advise(phrases::socket_path_advice()));
    }
    // tonic's own error would not tell a missing socket from a forbidden one.
    match UnixStream::connect(&socket) {
        Ok(_) => Ok(socket),
        Err(error) if absent(&error) => Err(not_running(dir)),
        Err(error) => Err(Failure::file(&socket, &error)),
    }
}

fn absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused)
}

fn no_party(dir: &Path) -> Failure {
    Failure::new("NO_PARTY", phrases::no_party(shown(dir))).advise(phrases::no_party_advice())
}

/// No party runs in a directory that has one.
fn not_running(dir: &Path) -> Failure {
    let dir = shown(dir);
    Failure::new(NOT_RUNNING, phrases::not_running(&dir)).advise(phrases::not_running_advice(&dir))
}

/// A path as it can be typed anywhere.
fn shown(dir: &Path) -> String {
    absolute(dir).unwrap_or_else(|_| dir.into()).display().to_string()
}

/// A call that the party did not carry out. Where the party itself says why, the message has three
/// lines: the code, and the sentence in English and in Chinese.
fn refused(status: Status) -> Failure {
    if let [code, en, zh] = status.message().splitn(3, '\n').collect::<Vec<_>>()[..] {
        return Failure::new(code.to_owned(), Text { en: en.into(), zh: zh.into() });
    }
    match status.code() {
        Code::Unavailable | Code::Cancelled | Code::Unknown => {
            Failure::new("LINE_LOST", phrases::line_lost(status.message()))
                .advise(phrases::line_lost_advice())
        }
        Code::DeadlineExceeded => {
            Failure::new("NO_ANSWER", phrases::no_answer()).advise(phrases::line_lost_advice())
        }
        Code::Unimplemented => {
            Failure::new("OTHER_VERSION", phrases::other_version()).advise(phrases::restart())
        }
        code => Failure::new(word(code), Text::same(status.message())),
    }
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
        _ => "PARTY",
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use tonic::Status;

    use super::{Control, refused, whole};

    #[test]
    fn a_refusal_of_the_partys_own_keeps_its_code_and_both_languages() {
        let failure = refused(Status::failed_precondition("BUSY\nwait\n请等待"));
        assert_eq!(failure.code(), "BUSY");
        assert_eq!((&*failure.what().en, &*failure.what().zh), ("wait", "请等待"));
        assert_eq!(refused(Status::unavailable("gone")).code(), "LINE_LOST");
    }

    #[test]
    fn a_party_knows_its_directory_whole_where_its_socket_fits() {
        assert!(whole(Path::new("tax")).is_absolute());
        let long = PathBuf::from("x".repeat(107));
        assert_eq!(whole(&long), long);
    }

    #[tokio::test]
    async fn a_folder_without_a_party_and_a_party_that_does_not_run_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Control::open(dir.path()).await.unwrap_err().code(), "NO_PARTY");
        std::fs::write(dir.path().join("party.toml"), "").unwrap();
        let failure = Control::open(dir.path()).await.unwrap_err();
        assert_eq!(failure.code(), "NOT_RUNNING");
        let advice = failure.advice().unwrap();
        assert!(advice.en.contains(dir.path().to_str().unwrap()), "{}", advice.en);
    }

    #[tokio::test]
    async fn a_path_that_no_socket_can_have_is_refused_with_advice() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("x".repeat(120));
        std::fs::create_dir(&dir).unwrap();
        std::fs::write(dir.join("party.toml"), "").unwrap();
        assert_eq!(Control::open(&dir).await.unwrap_err().code(), "SOCKET_PATH");
    }
}
