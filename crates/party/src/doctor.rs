//! Names the hop that fails.

use std::net::SocketAddr;
use std::sync::Arc;

use store::Store;
use tokio::sync::mpsc::Sender;
use tokio::time::timeout;
use tonic::{Request, Status};
use wire::control::{Finding, Text};
use wire::peer::Greeting;

use crate::Trouble;
use crate::clock::now_ms;
use crate::config::Register;
use crate::data::{self, Source};
use crate::dial::{self, PeerChannel};
use crate::governance::checks::{self, Remark};
use crate::node::Node;
use crate::peer_service::greeting;

/// Clocks further apart than this are told: certificates and deadlines depend on them.
const SKEW_MS: i64 = 30_000;

type Findings = Sender<Result<Finding, Status>>;

/// Examines the party and every peer, one finding at a time.
pub(crate) async fn examine(node: &Arc<Node>, findings: &Findings) {
    let report = |check: String, outcome: Result<(String, String), Trouble>| async move {
        let (ok, (en, zh)) = match outcome {
            Ok(sentence) => (true, sentence),
            Err(trouble) => (false, (trouble.en, trouble.zh)),
        };
        let finding = Finding { check, ok, text: Some(Text { en, zh }), warning: false };
        // An operator who has gone needs no further findings; there are few.
        let _ = findings.send(Ok(finding)).await;
    };
    report("config".into(), Ok(configuration(node))).await;
    report("keys".into(), keys(node)).await;
    report("store".into(), store(&node.store).await).await;
    for register in &node.config.registers {
        report(format!("register {}", register.name), readable(register).await).await;
    }
    let remark = |remark: Remark| async move {
        let Remark { check, warning, en, zh } = remark;
        let finding = Finding { check, ok: true, text: Some(Text { en, zh }), warning };
        let _ = findings.send(Ok(finding)).await;
    };
    if let Some(registry) = checks::registry(&node.config) {
        remark(registry).await;
    }
    match checks::intersections(node).await {
        Ok(remarks) => {
            for said in remarks {
                remark(said).await;
            }
        }
        Err(trouble) => report("intersections".into(), Err(trouble)).await,
    }
    report("port".into(), Ok(port(node))).await;
    for line in node.lines.values() {
        let name = &line.peer.name;
        for (hop, outcome) in hops(node, line).await {
            report(format!("peer {name}: {hop}"), outcome).await;
        }
    }
}

/// What a check found, as a sentence in both languages.
pub(crate) type Outcome = Result<(String, String), Trouble>;

/// Goes as far towards a peer as it can.
async fn hops(node: &Node, line: &PeerChannel) -> Vec<(&'static str, Outcome)> {
    let mut done: Vec<(&'static str, Outcome)> = Vec::new();
    let address = &line.peer.address;
    match line.resolve().await {
        Ok(found) => {
            let found: Vec<_> = found.iter().map(SocketAddr::to_string).collect();
            done.push(("dns", Ok(both(&format!("{address} → {}", found.join(", "))))));
        }
        Err(trouble) => return push(done, "dns", trouble),
    }
    match line.reach().await {
        Ok(_) => done.push(("tcp", Ok(("it answers".into(), "可连接".into())))),
        Err(trouble) => return push(done, "tcp", trouble),
    }
    match line.greet_tls().await {
        Ok(()) => done.push((
            "tls",
            Ok(("it shows the certificate that is pinned".into(), "证书与登记一致".into())),
        )),
        Err(trouble) => return push(done, "tls", trouble),
    }
    let asked = now_ms();
    let greeted = greet(node, line).await;
    let answered = now_ms();
    match greeted {
        Err(trouble) => push(done, "identity", trouble),
        Ok(theirs) => {
            done.push(("identity", identity(line, &theirs)));
            done.push(("version", version(line, &theirs)));
            done.push(("clock", clock(line, &theirs, asked, answered)));
            done
        }
    }
}

fn push(
    mut done: Vec<(&'static str, Outcome)>,
    hop: &'static str,
    trouble: Trouble,
) -> Vec<(&'static str, Outcome)> {
    done.push((hop, Err(trouble)));
    done
}

/// Calls a peer, which learns our certificate by it.
pub(crate) async fn greet(node: &Node, line: &PeerChannel) -> Result<Greeting, Trouble> {
    let mut client = line.client();
    let call = client.greet(Request::new(greeting(node)));
    let answered = timeout(node.config.limits.connect(), call).await;
    let answered = answered.map_err(|_| dial::silent(&line.peer))?;
    Ok(answered.map_err(|status| line.trouble(&status))?.into_inner())
}

fn identity(line: &PeerChannel, theirs: &Greeting) -> Outcome {
    let name = &line.peer.name;
    if theirs.name != name.as_str() {
        return Err(Trouble::us(
            "WRONG_NAME",
            format!("what is pinned as {name} calls itself otherwise: ask its operator which name is right"),
            format!("登记为 {name} 的一方自称其他名称：请向对方核实"),
        )
        .by(name));
    }
    Ok(("it knows us, and its name is its certificate's".into(), "双方身份互认".into()))
}

fn version(line: &PeerChannel, theirs: &Greeting) -> Outcome {
    if theirs.version != wire::VERSION {
        let (name, ours, theirs) = (&line.peer.name, wire::VERSION, theirs.version);
        return Err(Trouble::us(
            "VERSION",
            format!("{name} speaks version {theirs} of the protocol, this party version {ours}: bring both programs to the same version"),
            format!("{name} 协议版本为 {theirs}，本方为 {ours}：请将双方程序升级到同一版本"),
        )
        .by(name));
    }
    Ok(both(&format!("{} (protocol {})", theirs.software, theirs.version)))
}

/// Their clock should be between our question and our answer.
fn clock(line: &PeerChannel, theirs: &Greeting, asked: i64, answered: i64) -> Outcome {
    let middle = asked + (answered - asked) / 2;
    let skew = theirs.clock_ms.saturating_sub(middle);
    if skew.saturating_abs() > SKEW_MS {
        let (name, seconds) = (&line.peer.name, skew / 1000);
        return Err(Trouble::us(
            "CLOCK",
            format!(
                "the clock of {name} is {seconds:+} s from ours: set both by the same time server"
            ),
            format!("{name} 的时钟与本机相差 {seconds:+} 秒：请使用同一时间服务器校时"),
        )
        .by_nobody());
    }
    Ok((format!("{skew:+} ms from ours"), format!("与本机相差 {skew:+} 毫秒")))
}

fn configuration(node: &Node) -> (String, String) {
    let config = &node.config;
    let (name, registers, offers) = (&config.name, config.registers.len(), config.offers.len());
    if offers == 0 && config.models.is_empty() {
        return (
            format!("{name}: {registers} registers; nothing is offered to anyone yet ([[offer]])"),
            format!("{name}：{registers} 个登记表；尚未向任何一方提供服务（[[offer]]）"),
        );
    }
    (
        format!("{name}: {registers} registers, {offers} offers, {} models", config.models.len()),
        format!("{name}：{registers} 个登记表，{offers} 项服务，{} 个模型", config.models.len()),
    )
}

/// How long our certificate is valid.
pub(crate) fn keys(node: &Node) -> Outcome {
    let parsed = x509_parser::parse_x509_certificate(&node.identity.certificate);
    let (_, certificate) = parsed.map_err(|error| Trouble::from_error("IDENTITY", &error))?;
    let until = certificate.validity().not_after.timestamp().saturating_mul(1000);
    let days = until.saturating_sub(now_ms()) / 86_400_000;
    if until < now_ms() {
        return Err(Trouble::us(
            "CERTIFICATE_EXPIRED",
            "our certificate has expired: make a new party or restore a valid one, and hand its file to every peer",
            "本方证书已过期：请更换证书并将新文件交给各对方",
        ));
    }
    Ok((
        format!("the certificate is valid for {days} more days"),
        format!("证书还有 {days} 天有效期"),
    ))
}

async fn store(store: &Store) -> Outcome {
    let runs = store.runs("", 1).await?;
    let newest =
        if runs.is_empty() { ("no run yet", "尚无运行") } else { ("readable", "可读") };
    Ok((newest.0.into(), newest.1.into()))
}

async fn readable(register: &Register) -> Outcome {
    let (_, report) = data::load(Source::of(register)).await?;
    let (rows, distinct, bad) = (report.rows, report.distinct, report.bad.count);
    Ok((
        format!("{rows} rows, {distinct} subjects, {bad} rows left out as bad"),
        format!("{rows} 行，{distinct} 个主体，{bad} 行因错误未采用"),
    ))
}

fn port(node: &Node) -> (String, String) {
    let listen = &node.config.listen;
    (format!("listening on {listen}"), format!("正在监听 {listen}"))
}

fn both(text: &str) -> (String, String) {
    (text.into(), text.into())
}
