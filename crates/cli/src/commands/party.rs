//! `tacit party run`, `status`, `stop`.

use std::env;
use std::future::pending;
use std::io;
use std::os::unix::process::CommandExt;
use std::process;
use std::thread::{self, available_parallelism};
use std::time::{Duration, Instant};

use control::messages::StatusReply;
use control::{Address, Client, directory};
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use serde_json::json;
use terminal::units::{bytes, count, seconds};
use terminal::{Exit, Failure, Interrupt, Voice, say, table};
use tokio::runtime;
use tokio::select;
use tokio::sync::oneshot;
use tokio::time::sleep;
use tracing_subscriber::EnvFilter;

use crate::arguments::{LogForm, PartyCommand, ServeArguments};
use crate::commands::{duties, json_line, print, wait};
use crate::phrases;

/// What tells glibc in how many arenas to keep its memory.
const ARENAS: &str = "MALLOC_ARENA_MAX";

/// How long `stop` waits for the process to be gone.
const STOP: Duration = Duration::from_secs(15);

/// How long a turn that is being computed may keep a stopped party.
const LAST_TURN: Duration = Duration::from_secs(5);

pub(super) fn party(party: &Address, command: &PartyCommand, voice: Voice) -> Result<(), Failure> {
    match command {
        PartyCommand::Run(serve) => run(party, serve, voice),
        PartyCommand::Status(json) => wait(status(party, json.json, voice)),
        PartyCommand::Stop => wait(stop(party, voice)),
    }
}

fn run(party: &Address, serve: &ServeArguments, voice: Voice) -> Result<(), Failure> {
    log(serve.log)?;
    with_few_arenas();
    let runtime = runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new("RUNTIME", phrases::runtime(error)))?;
    let served = runtime.block_on(async {
        let interrupted = interruption()?;
        let leash = serve.leash.then(leash);
        let told_to_stop = async {
            select! {
                _ = interrupted => {}
                () = starter_is_gone(leash) => {}
            }
        };
        party::serve(&directory(party.dir()), |ready| announce(ready, voice), told_to_stop).await?;
        Ok(())
    });
    runtime.shutdown_timeout(LAST_TURN);
    served
}

/// Starts this program anew, in the same process, with as many arenas as there are cores, unless its
/// operator has said how many. By itself glibc keeps eight for each core, and what a training of a
/// million rows lets go in one of them is of no use in another: a third more memory.
fn with_few_arenas() {
    if !cfg!(target_env = "gnu") || env::var_os(ARENAS).is_some() {
        return;
    }
    let arenas = available_parallelism().map_or(2, |cores| cores.get().max(2));
    if let Ok(program) = env::current_exe() {
        let mut anew = process::Command::new(program);
        let failed = anew.args(env::args_os().skip(1)).env(ARENAS, arenas.to_string()).exec();
        tracing::debug!("not started anew, which costs memory alone: {failed}");
    }
}

/// Resolves at the first signal; the second ends the program, whatever it is doing.
fn interruption() -> Result<oneshot::Receiver<()>, Failure> {
    let mut interrupt = Interrupt::watch()?;
    let (first, came) = oneshot::channel();
    tokio::spawn(async move {
        interrupt.came().await;
        // Nobody listens when the party was stopped in another way; then it ends anyway.
        let _ = first.send(());
        interrupt.came().await;
        process::exit(Exit::Interrupted as i32);
    });
    Ok(came)
}

async fn starter_is_gone(leash: Option<oneshot::Receiver<()>>) {
    match leash {
        Some(ended) => {
            let _ = ended.await;
        }
        None => pending().await,
    }
}

/// The other end of the leash: resolves when our starter is gone, and standard input with it.
fn leash() -> oneshot::Receiver<()> {
    let (end, ended) = oneshot::channel();
    // A thread of its own: reading standard input cannot be given up, and must not keep the
    // runtime from ending.
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = end.send(());
    });
    ended
}

fn announce(ready: &party::Ready, voice: Voice) {
    voice.tell(&phrases::party_ready(&ready.name, ready.listen, &ready.fingerprint));
    if ready.unfinished > 0 {
        voice.note(&phrases::party_unfinished(ready.unfinished));
    }
}

fn log(form: LogForm) -> Result<(), Failure> {
    let wanted = env::var("RUST_LOG").unwrap_or_default();
    let wanted = if wanted.is_empty() { "info" } else { &wanted };
    let filter =
        EnvFilter::try_new(wanted).map_err(|_| Failure::usage(phrases::bad_log(wanted)))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match form {
        LogForm::Text => log.with_target(false).with_ansi(say::watched()).init(),
        LogForm::Json => log.json().init(),
    }
    Ok(())
}

async fn status(party: &Address, json: bool, voice: Voice) -> Result<(), Failure> {
    let status = Client::open(party).await?.status().await?;
    if json {
        json_line(&json!({
            "name": status.name,
            "software": status.software,
            "protocol_version": status.protocol_version,
            "duties": duties(status.duties()),
            "listen": status.listen,
            "fingerprint": status.fingerprint,
            "peers": status.peers,
            "cpu_s": status.cpu_s,
            "peak_kib": status.peak_kib,
            "sent_bytes": status.sent_bytes,
            "received_bytes": status.received_bytes,
            "live_runs": status.live_runs,
            "pid": status.pid,
        }));
    } else {
        print(&describe(&status, voice));
    }
    Ok(())
}

fn describe(status: &StatusReply, voice: Voice) -> Vec<String> {
    let peers = if status.peers.is_empty() {
        voice.words(&phrases::none()).to_owned()
    } else {
        status.peers.join(", ")
    };
    let entries = [
        (phrases::head_name(), status.name.clone()),
        (phrases::head_duties(), duties(status.duties()).join(", ")),
        (phrases::head_listen(), status.listen.clone()),
        (phrases::head_fingerprint(), status.fingerprint.clone()),
        (phrases::head_peers(), peers),
        (phrases::head_live_runs(), count(status.live_runs.into())),
        (phrases::head_cpu(), seconds(status.cpu_s)),
        (phrases::head_peak(), bytes(status.peak_kib.saturating_mul(1024))),
        (phrases::head_sent(), bytes(status.sent_bytes)),
        (phrases::head_received(), bytes(status.received_bytes)),
        (phrases::head_process(), status.pid.to_string()),
        (phrases::head_software(), format!("{} (v{})", status.software, status.protocol_version)),
    ];
    table::list(voice.language(), &entries)
}

async fn stop(party: &Address, voice: Voice) -> Result<(), Failure> {
    let control = Client::open(party).await?;
    let status = control.status().await?;
    control.stop().await?;
    let asked = Instant::now();
    while lives(status.pid) {
        if asked.elapsed() > STOP {
            let what = phrases::still_running(STOP.as_secs());
            return Err(Failure::new("STILL_RUNNING", what)
                .advise(phrases::still_running_advice(status.pid)));
        }
        sleep(Duration::from_millis(50)).await;
    }
    voice.tell(&phrases::party_stopped(&status.name));
    Ok(())
}

/// Whether a process of this number exists.
fn lives(pid: u32) -> bool {
    // Another user's may not be signalled, and lives all the same.
    i32::try_from(pid)
        .is_ok_and(|pid| pid > 0 && kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH))
}
