//! Three roles in processes of their own, chunks over TCP on loopback: what one role's memory is.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

use session::{Blame, Chunk, MAX_CHUNK, Role, Session, Turn};
use training::ROLES;

use crate::{Failed, made};

/// What one role's process measured.
pub(crate) struct Measured {
    pub(crate) wall: f64,
    pub(crate) cpu: f64,
    pub(crate) rounds: f64,
    pub(crate) sent: f64,
    pub(crate) peak: f64,
}

/// Starts a process for each role, to which `sizes` say what it computes, and reads what it measured.
pub(crate) fn measured(sizes: &[String]) -> Result<Vec<Measured>, Failed> {
    let start = |role: Role| -> Result<Child, Failed> {
        let own = std::env::current_exe()?;
        let mut command = Command::new(own);
        command.arg("--role").arg(role.0.to_string()).args(sizes);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        Ok(command.spawn()?)
    };
    let mut children = ROLES.into_iter().map(start).collect::<Result<Vec<_>, _>>()?;
    let mut outputs = Vec::new();
    let mut ports = Vec::new();
    for child in &mut children {
        let mut output = BufReader::new(child.stdout.take().ok_or("it is piped")?).lines();
        ports.push(output.next().ok_or("a role says its port")??);
        outputs.push(output);
    }
    for child in &mut children {
        writeln!(child.stdin.take().ok_or("it is piped")?, "{}", ports.join(" "))?;
    }
    let mut measured = Vec::new();
    for mut output in outputs {
        let line = output.next().ok_or("a role says what it measured")??;
        let numbers = line.split(' ').map(str::parse).collect::<Result<Vec<f64>, _>>()?;
        let &[wall, cpu, rounds, sent, peak] = numbers.as_slice() else {
            return Err("five numbers".into());
        };
        measured.push(Measured { wall, cpu, rounds, sent, peak });
    }
    for mut child in children {
        child.wait()?;
    }
    Ok(measured)
}

type Sent = (Role, Chunk);

/// One role's process.
#[expect(clippy::disallowed_methods, reason = "a bench has a clock")]
#[expect(clippy::print_stdout, reason = "what starts it reads what it prints")]
pub(crate) fn role(arguments: &[String]) -> Result<(), Failed> {
    let [role, sizes @ ..] = arguments else { return Err("a role, and sizes".into()) };
    let role = Role(role.parse()?);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?.port());
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let ports = line.split_whitespace().map(str::parse).collect::<Result<Vec<u16>, _>>()?;
    let begin = made::prepared(role, sizes)?;

    // A few chunks may wait, as in a host: the rest waits at the sender.
    let (sender, inbox) = sync_channel(8);
    let mut outboxes: [Option<SyncSender<Chunk>>; 3] = Default::default();
    let mut writers = Vec::new();
    for peer in ROLES {
        let mut stream = match role.0.cmp(&peer.0) {
            std::cmp::Ordering::Less => {
                let mut stream =
                    TcpStream::connect((Ipv4Addr::LOCALHOST, ports[usize::from(peer.0)]))?;
                stream.write_all(&[role.0])?;
                stream
            }
            std::cmp::Ordering::Greater => listener.accept()?.0,
            std::cmp::Ordering::Equal => continue,
        };
        stream.set_nodelay(true)?;
        let peer = match role.0 < peer.0 {
            true => peer,
            false => {
                let mut from = [0];
                stream.read_exact(&mut from)?;
                Role(from[0])
            }
        };
        let (outbox, outgoing) = sync_channel(8);
        outboxes[usize::from(peer.0)] = Some(outbox);
        let (incoming, sender) = (stream.try_clone()?, sender.clone());
        std::thread::Builder::new().spawn(move || read(peer, incoming, &sender))?;
        writers.push(std::thread::Builder::new().spawn(move || write(stream, &outgoing))?);
    }
    drop(sender);

    let (wall, cpu) = (Instant::now(), cpu_seconds());
    let traffic = made::traffic(&drive(begin()?, &outboxes, &inbox)?);
    let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let peak = peak_memory().unwrap_or(f64::NAN);
    // What was sent last is on its way before the process ends.
    drop(outboxes);
    writers.into_iter().try_for_each(|writer| writer.join().map_err(|_| "a writer ends well"))?;
    println!("{wall} {cpu} {} {} {peak}", traffic.rounds, traffic.total() as f64 / 1e6);
    Ok(())
}

fn drive<S: Session>(
    mut session: S,
    outboxes: &[Option<SyncSender<Chunk>>; 3],
    inbox: &Receiver<Sent>,
) -> Result<S::Output, Failed>
where
    S::Error: Blame + std::error::Error + 'static,
{
    loop {
        // What has come is taken first, so that no peer waits for room.
        while let Ok((from, chunk)) = inbox.try_recv() {
            session.receive(from, chunk)?;
        }
        match session.advance()? {
            Turn::Send(to, mut chunk) => {
                let outbox = outboxes[usize::from(to.0)].as_ref().ok_or("a peer")?;
                while let Err(full) = outbox.try_send(chunk) {
                    chunk = match full {
                        std::sync::mpsc::TrySendError::Full(chunk) => chunk,
                        std::sync::mpsc::TrySendError::Disconnected(_) => {
                            return Err("a peer has ended".into());
                        }
                    };
                    match inbox.try_recv() {
                        Ok((from, chunk)) => session.receive(from, chunk)?,
                        Err(_) => std::thread::yield_now(),
                    }
                }
            }
            Turn::Await => {
                let (from, chunk) = inbox.recv()?;
                session.receive(from, chunk)?;
            }
            Turn::Done(output) => return Ok(output),
        }
    }
}

fn read(peer: Role, stream: TcpStream, sender: &SyncSender<Sent>) {
    let mut stream = BufReader::new(stream);
    let mut next = || -> std::io::Result<Chunk> {
        let mut header = [0; 9];
        stream.read_exact(&mut header)?;
        let [r0, r1, r2, r3, last, l0, l1, l2, l3] = header;
        let length = u32::from_be_bytes([l0, l1, l2, l3]) as usize;
        let mut body = vec![0; length.min(MAX_CHUNK)];
        stream.read_exact(&mut body)?;
        let round = u32::from_be_bytes([r0, r1, r2, r3]);
        Ok(Chunk { round, last: last == 1, body: body.into() })
    };
    while let Ok(chunk) = next() {
        if sender.send((peer, chunk)).is_err() {
            return;
        }
    }
}

fn write(stream: TcpStream, outgoing: &Receiver<Chunk>) {
    let mut stream = BufWriter::new(stream);
    while let Ok(Chunk { round, last, body }) = outgoing.recv() {
        let header = [&round.to_be_bytes()[..], &[u8::from(last)]].concat();
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
        let parts = [&header[..], &length, &body];
        if parts.iter().try_for_each(|part| stream.write_all(part)).is_err()
            || stream.flush().is_err()
        {
            return;
        }
    }
}

/// CPU seconds of this process: user and system, as Linux counts them in hundredths.
pub(crate) fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let fields = after.split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The most memory that this process had, in MB.
pub(crate) fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? * 1024.0 / 1e6)
}
