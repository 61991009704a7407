//! A party is set up, starts and works with no network but loopback, and tries to reach none.
//!
//! The test runs itself once more in a network namespace without routes, where the kernel lets it,
//! and says so where it does not.

use std::process::{Command, Output};
use std::time::{Duration, Instant};
use std::{env, fs};

use lab::list;

use crate::support::{make, turns};

/// Set where the test runs inside of the namespace.
const INSIDE: &str = "TACIT_TEST_WITHOUT_NETWORK";

#[test]
fn a_party_is_set_up_starts_and_passes_the_doctor_without_a_network() {
    if env::var_os(INSIDE).is_some() {
        eprintln!("{}", without_network());
        return;
    }
    let Ok(true) = in_namespace(&["true"]).map(|ended| ended.status.success()) else {
        eprintln!(
            "skipped: no network namespace can be made here (unshare --user --map-root-user --net, and ip)"
        );
        return;
    };
    // How long it takes is measured.
    turns::alone();
    let own = env::current_exe().expect("a test has a file");
    let own = own.to_str().expect("a plain path");
    let name = "offline::a_party_is_set_up_starts_and_passes_the_doctor_without_a_network";
    let ended = in_namespace(&[own, "--exact", name, "--nocapture"]).expect("it began before");
    let (out, err) =
        (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success() && out.contains("1 passed"), "{out}{err}");
    eprintln!("{}", err.trim());
}

/// Runs a command where there is loopback and nothing else.
fn in_namespace(command: &[&str]) -> std::io::Result<Output> {
    Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", "sh", "-c"])
        .arg("ip link set lo up && exec \"$0\" \"$@\"")
        .args(command)
        .env(INSIDE, "1")
        .output()
}

/// What happened, in a sentence.
fn without_network() -> String {
    let routes = fs::read_to_string("/proc/net/route").expect("the kernel lists them");
    assert_eq!(routes.lines().count(), 1, "a line of names, and no route: {routes}");

    let root = tempfile::tempdir().expect("a folder");
    let began = Instant::now();
    let mut tax = make(root.path(), "tax", "holder");
    tax.start_alone();
    tax.tacit(&["doctor"]).done();
    let took = began.elapsed();
    assert!(took < Duration::from_secs(10), "from nothing to a healthy party took {took:?}");

    // With a peer, and something to do.
    let rows: Vec<String> = (0..200).map(|at| format!("R-{at}")).collect();
    let folder = root.path().join("two");
    fs::create_dir(&folder).expect("a folder");
    let (mut bank, mut tax) = crate::support::bank_and_tax(&folder, "opaque", &rows);
    tax.start();
    bank.start();
    for party in [&bank, &tax] {
        let said = party.tacit(&["doctor", "--json"]).done().lines();
        assert!(said.iter().all(|finding| finding["ok"] == true), "{said:?}");
    }
    let ours = root.path().join("ours.csv");
    list(&ours, "id", &rows[150..]);
    let found = bank.psi("tax", "taxpayers", &ours, &["--kind", "opaque"]).done().json();
    assert_eq!(found["report"]["matches"], 50, "{found}");

    let (unreached, datagrams) = (unreached(), datagrams());
    assert_eq!((unreached, datagrams), (0, 0), "somebody looked for a way out, or for a name");

    // The test of the test: one who looks for a name server is counted.
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").expect("a port");
    assert!(socket.connect("192.0.2.1:53").is_err(), "there is a way out");
    assert!(self::unreached() > 0, "it is not counted");
    let other = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
    let to = other.local_addr().expect("it is bound");
    other.send_to(b"where is example.com?", to).expect("loopback carries it");
    assert!(self::datagrams() > 0, "it is not counted");
    format!(
        "set up, started and healthy in {:.1} s; {unreached} ways out looked for, {datagrams} datagrams sent",
        took.as_secs_f64()
    )
}

/// How often somebody in this namespace wanted to send to where no route leads.
fn unreached() -> u64 {
    let sixth = fs::read_to_string("/proc/net/snmp6").unwrap_or_default();
    let sixth = sixth.lines().find_map(|line| line.strip_prefix("Ip6OutNoRoutes"));
    let sixth = sixth.map_or(0, |count| count.trim().parse().expect("a number"));
    counter("Ip:", "OutNoRoutes") + sixth
}

/// Datagrams that were sent in this namespace: a name would be asked for with one, be it of a server
/// on this machine.
fn datagrams() -> u64 {
    counter("Udp:", "OutDatagrams")
}

/// A counter of the kernel: a line of names, and under it a line of numbers.
fn counter(protocol: &str, name: &str) -> u64 {
    let text = fs::read_to_string("/proc/net/snmp").expect("the kernel counts");
    let mut lines = text.lines().filter(|line| line.starts_with(protocol));
    let (names, counts) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let mut columns = names.split_whitespace().zip(counts.split_whitespace());
    let (_, count) = columns.find(|(column, _)| *column == name).expect("the kernel counts it");
    count.parse().expect("a number")
}
