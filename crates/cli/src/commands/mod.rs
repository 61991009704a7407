//! What each command means: one file a family.

mod audit;
mod authorisation;
mod batch;
mod data;
mod doctor;
mod init;
mod inputs;
mod keys;
mod matching;
mod member;
mod model;
mod offline;
mod party;
mod peer;
mod psi;
mod receipt;
mod replies;
mod reports;
mod runs;
mod score;
mod subject;
mod token;
mod train;
mod verify;
mod verify_input;

use std::env::{self, VarError};
use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use control::messages;
use control::{Address, Error, Token};
use domain::{CheckMode, Purpose, Subject, SubjectKind};
use report::Source;
use serde::Serialize;
use terminal::{Failure, Voice, say, unless_interrupted};
use tokio::runtime;
use zeroize::Zeroizing;

use crate::arguments::{Arguments, Command, DataCommand};
use crate::phrases;

/// Names the party's directory where `--dir` does not.
const DIR: &str = "TACIT_DIR";
/// Names the socket that the party shares where `--socket` does not.
const SOCKET: &str = "TACIT_SOCKET";
/// Holds our token where `--token-file` names no file of it.
const TOKEN: &str = "TACIT_TOKEN";

/// Does what was typed.
///
/// # Errors
///
/// Why it could not be done, with the exit code.
pub(crate) fn carry_out(arguments: Arguments, voice: Voice) -> Result<(), Failure> {
    let Arguments { dir: typed, socket, token_file, command, lang: _ } = arguments;
    let dir = typed.clone().or_else(|| env::var_os(DIR).map(PathBuf::from));
    let dir = dir.unwrap_or_else(|| PathBuf::from("."));
    let socket = socket.or_else(|| env::var_os(SOCKET).map(PathBuf::from));
    let caller = Address::of(&dir).over(socket).bearing(token(token_file.as_deref())?);
    match command {
        Command::Init(new) => init::init(&dir, &new, voice),
        Command::Keys(keys) => keys::keys(&dir, &keys, voice),
        Command::Peer(peer) => peer::peer(&dir, &peer, voice),
        Command::Party(party) => party::party(&caller, &party, voice),
        Command::Doctor(json) => wait(doctor::doctor(&caller, json, voice)),
        Command::Data(DataCommand::Check(check)) => data::check(&check, voice),
        Command::Psi(psi) => wait(psi::psi(&caller, &psi, voice)),
        Command::Runs(runs) => wait(runs::runs(&caller, &runs, voice)),
        Command::Model(model) => wait(model::model(&caller, &model, voice)),
        Command::Score(score) => match &score.batch {
            Some(list) => wait(batch::batch(&caller, &score, list, voice)),
            None => wait(score::score(&caller, &score, voice)),
        },
        Command::Verify(verify) => wait(verify::verify(&caller, &verify, voice)),
        Command::Match(claims) => wait(matching::matching(&caller, &claims, voice)),
        Command::Train(train) => wait(train::train(&caller, &train, voice)),
        Command::Subject(subject) => subject::subject(&caller, &subject, voice),
        Command::Authorisation(command) => authorisation::authorisation(&caller, &command, voice),
        Command::Member(member) => wait(member::member(&caller, &member, voice)),
        Command::Token(token) => wait(token::token(&caller, &token, voice)),
        Command::Catalogue(report) => wait(reports::catalogue(&caller, &report, voice)),
        Command::Usage(usage) => wait(reports::usage(&caller, &usage, voice)),
        Command::SelfReport(report) => wait(reports::self_report(&caller, &report, voice)),
        Command::Audit(audit) => wait(audit::audit(&caller, &audit, voice)),
        Command::Receipt(receipt) => wait(receipt::receipt(&caller, &receipt, voice)),
        Command::Bench(bench) => wait(unless_interrupted(bench::bench(&bench, voice))),
        // A folder that was typed is where the demonstration leaves its parties; the operator's own
        // party, which the environment names, is none of its business.
        Command::Demo(demo) => wait(demo::run(&demo, typed.as_deref(), voice)),
    }
}

/// What shows the party who calls: a token of ours, where we have one.
fn token(file: Option<&Path>) -> Result<Option<Token>, Failure> {
    Ok(match (file, env::var(TOKEN)) {
        (Some(file), _) => Some(Token::read(file)?),
        (None, Ok(token)) => Some(Zeroizing::new(token).parse()?),
        (None, Err(VarError::NotPresent)) => None,
        (None, Err(VarError::NotUnicode(_))) => return Err(Error::NoToken.into()),
    })
}

/// Waits for a command on one thread: it asks a party, and the party does the work.
fn wait(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new("RUNTIME", phrases::runtime(error)))?
        .block_on(work)
}

/// One JSON object on a line of its own.
fn json_line(object: &impl Serialize) {
    say::line(&serde_json::to_string(object).expect("our own structs are plain JSON"));
}

fn print(lines: &[String]) {
    for line in lines {
        say::line(line);
    }
}

/// Writes a page, and says where it is; one that was there is replaced.
fn write_page(file: &Path, page: &str, voice: Voice) -> Result<(), Failure> {
    fs::write(file, page).map_err(|error| Failure::file(file, &error))?;
    voice.note(&phrases::page_written(file.display()));
    Ok(())
}

/// A file that a report leans on.
fn source(file: &Path, text: &str) -> Source {
    Source::of(file_name(file), text.as_bytes())
}

/// A file's name without its folder, which is nobody's business but the operator's.
fn file_name(file: &Path) -> String {
    file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned()
}

/// A word that the shell has let through, as its type.
fn parsed<T: FromStr<Err = domain::Error>>(word: &str) -> Result<T, Failure> {
    word.parse().map_err(|error| Failure::usage(phrases::not_understood(error)))
}

/// The subject of an identifier that was typed; what is wrong with it is said without repeating it.
fn subject_of(kind: &str, code: &str, check: CheckMode) -> Result<Subject, Failure> {
    let kind: SubjectKind = parsed(kind)?;
    let read = Subject::parse(kind, code, check);
    let read = read.map_err(|error| Failure::new("ID_INVALID", phrases::bad_identifier(error)))?;
    Ok(read.value)
}

/// What something is for, as calls name it.
pub(crate) fn purpose(purpose: Purpose) -> i32 {
    messages::Purpose::from(purpose).into()
}

/// How much of an identifier must fit, as calls name it.
fn check_mode(check: CheckMode) -> i32 {
    messages::CheckMode::from(check).into()
}

/// Duties in words.
fn duties(duties: impl Iterator<Item = messages::Duty>) -> Vec<String> {
    duties.map(|duty| duty.to_string()).collect()
}

/// The kind of an identifier as calls name it.
pub(crate) fn kind(kind: SubjectKind) -> i32 {
    messages::SubjectKind::from(kind).into()
}

/// A document with the end of its line, so that files of one can be put together into one of many.
fn with_end(mut document: Vec<u8>) -> Vec<u8> {
    document.push(b'\n');
    document
}
