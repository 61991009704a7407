//! What the READMEs and the operator's guides say: every command is one that `tacit` and cargo take,
//! the two languages say the same ones, and the way through "Running parties for real" is walked with
//! the README's own lines, by real processes.

mod contributors;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use cargo_metadata::{MetadataCommand, TargetKind};
use domain::Refusal;
use toml::Table;

use crate::support::lines::{self, Line, commands, mentions};
use crate::support::walk::Walk;
use crate::support::{keeping, program};

/// Every document whose commands are tried, in both languages.
const TWINS: [[(&str, &str); 2]; 2] = [
    [
        ("README.md", include_str!("../README.md")),
        ("README.zh.md", include_str!("../README.zh.md")),
    ],
    [
        ("GUIDE.md", include_str!("../crates/party/GUIDE.md")),
        ("GUIDE.zh.md", include_str!("../crates/party/GUIDE.zh.md")),
    ],
];

/// Where the guides lie.
const PARTY: &str = "crates/party";

/// What stands in a document for what only a reader can know.
const PLACEHOLDERS: [(&str, &str); 2] = [
    ("ed25519:...", "ed25519:5Qiiz0b6G3QkxVDPmJIEXSaoRjjqGaOnSFP8bvSQ0Fs="),
    ("RUN", "090d2253f347"),
];

/// What clap says of words that it does not know, whatever else may be missing.
const UNKNOWN: [&str; 4] =
    ["unrecognized subcommand", "unexpected argument", "invalid value", "cannot be used with"];

#[test]
fn every_command_is_one_that_the_command_line_takes() {
    for (name, document) in TWINS.concat() {
        let lines = commands(document);
        assert!(lines.len() > 10, "{name} shows {} commands", lines.len());
        for line in lines {
            let Some(words) = line.words() else { continue };
            let place = format!("{name}, line {}: {}", line.at, line.text);
            match words[0].as_str() {
                "tacit" => assert_ne!(tried(&words[1..]).0, Some(2), "{place}"),
                _ => cargo_takes(&words[1..], &place),
            }
        }
    }
}

#[test]
fn a_command_that_a_sentence_names_is_there() {
    let mut seen = 0;
    for (name, document) in TWINS.concat() {
        for line in mentions(document) {
            seen += 1;
            let place = format!("{name}, line {}: `{}`", line.at, line.text);
            let words = line.words().expect("it begins with our name or cargo's");
            if words[0] == "cargo" {
                cargo_takes(&words[1..], &place);
                continue;
            }
            // A sentence may name a command and leave out what it needs; it may not invent one.
            let (code, said) = tried(&words[1..]);
            let unknown = UNKNOWN.iter().any(|word| said.contains(word));
            assert!(code != Some(2) || !unknown, "{place}\n{said}");
        }
    }
    assert!(seen > 20, "only {seen} commands are named in sentences");
}

#[test]
fn a_command_that_is_not_there_is_found_out() {
    let document = "# x\n```sh\ntacit --dir tax harvest  # all\ntacit score \\\n  A --modell m@1\n\
                    tacit peer list\n```\nWith `tacit modle list` and `tacit model check`.\n";
    let lines = commands(document);
    let codes: Vec<_> =
        lines.iter().map(|line| tried(&line.words().expect("ours")[1..]).0).collect();
    assert_eq!(codes, [Some(2), Some(2), Some(1)]);
    let said: Vec<_> = mentions(document)
        .iter()
        .map(|line| tried(&line.words().expect("ours")[1..]).1.contains("unrecognized subcommand"))
        .collect();
    assert_eq!(said, [true, false]);
}

#[test]
fn both_languages_say_the_same_commands() {
    for [(name, english), (_, chinese)] in TWINS {
        let shown = |document| commands(document).iter().map(plain).collect::<Vec<_>>();
        for (ours, theirs) in shown(english).iter().zip(&shown(chinese)) {
            assert_eq!(ours, theirs, "{name} and its twin part here");
        }
        assert_eq!(shown(english).len(), shown(chinese).len(), "{name}");
        let named = |document| {
            mentions(document).into_iter().map(|line| line.text).collect::<BTreeSet<_>>()
        };
        assert_eq!(named(english), named(chinese), "{name} and its twin");
        let settings = |document| {
            let blocks = lines::blocks(document, "toml").into_iter();
            blocks.map(|(_, text)| text.parse().expect("TOML")).collect::<Vec<Table>>()
        };
        assert_eq!(settings(english), settings(chinese), "{name} and its twin");
    }
}

#[test]
fn the_two_commands_are_those_that_the_workspace_and_its_checks_use() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (name, document) in TWINS[0] {
        let shown = commands(document);
        let first = shown.iter().take_while(|line| line.heading == shown[0].heading);
        let first: Vec<String> = first.map(plain).collect();
        let [demo, test] = &first[..] else { panic!("{name} begins with {first:?}") };
        assert_eq!(demo, "cargo run --release -- demo");
        let checks = fs::read_to_string(root.join(".ci/run")).expect("the checks");
        let checked = |line: &str| line.starts_with(&format!("step {test}"));
        assert!(checks.lines().any(checked), "{name}: .ci/run does not run `{test}`");
    }
    let manifest = |path| -> Table {
        let text = fs::read_to_string(root.join(path)).expect("a manifest");
        text.parse().expect("TOML")
    };
    // `cargo run` at the root runs `tacit`: the only member that it means, with one program.
    let members = manifest("Cargo.toml")["workspace"]["default-members"].clone();
    assert_eq!(members.as_array().map(Vec::as_slice), Some(&["crates/cli".into()][..]));
    let programs = manifest("crates/cli/Cargo.toml")["bin"].clone();
    let programs = programs.as_array().expect("programs").iter().map(|bin| bin["name"].as_str());
    assert_eq!(programs.collect::<Vec<_>>(), [Some("tacit")]);
}

#[test]
fn the_main_flow_runs_line_by_line() {
    let (_, readme) = TWINS[0][0];
    let mut walk = Walk::begin(readme);
    let lines = commands(readme);
    let from = lines.iter().position(|line| line.heading == "A department").expect("a heading");
    let mut walked = 0;
    for line in &lines[from..] {
        walked += usize::from(walk.step(line));
    }
    assert!(walked >= 30, "only {walked} lines were walked");
    walk.everything_was_seen();
}

#[test]
fn a_certificate_is_renewed_and_a_backup_restored_as_the_guide_says() {
    let (_, guide) = TWINS[1][0];
    keeping::keep_a_node(guide);
}

/// The crates whose codes an operator may see.
const SAYING_CODES: [&str; 12] = [
    "bench",
    "cli",
    "control",
    "demo",
    "documents",
    "domain",
    "envelope",
    "formula",
    "lab",
    "party",
    "scorecard",
    "terminal",
];

#[test]
fn the_guide_explains_every_refusal_and_no_code_that_is_not_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut sources = String::new();
    for name in SAYING_CODES {
        read_all(&root.join("crates").join(name).join("src"), &mut sources);
    }
    let codes = |document: &str| -> BTreeSet<String> {
        let rows = document.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next());
        let spans = rows.flat_map(|cell| cell.split('`').step_by(2));
        let is_code = |span: &&str| {
            span.len() > 1 && span.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        };
        spans.filter(is_code).map(ToOwned::to_owned).collect()
    };
    let [(_, english), (_, chinese)] = TWINS[1];
    let explained = codes(english);
    assert_eq!(explained, codes(chinese));
    for refusal in Refusal::ALL {
        assert!(explained.contains(refusal.code()), "the guide says nothing of {}", refusal.code());
    }
    for code in &explained {
        let there = sources.contains(&format!("\"{code}\""));
        assert!(there, "the guide explains {code}, which no party says");
    }
}

#[test]
fn every_link_and_picture_leads_to_a_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for ((name, document), folder) in TWINS.concat().into_iter().zip(["", "", PARTY, PARTY]) {
        let links = document.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let links: Vec<&str> = links.filter(|link| !link.contains("://")).collect();
        assert!(!links.is_empty(), "{name}");
        for link in links {
            assert!(root.join(folder).join(link).is_file(), "{name} leads to {link}");
        }
    }
}

/// Every source file below a folder, one after another.
fn read_all(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            read_all(&path, into);
        } else {
            into.push_str(&fs::read_to_string(&path).unwrap_or_default());
        }
    }
}

/// How the program ends with these words where there is no party, and what it complains of.
fn tried(words: &[String]) -> (Option<i32>, String) {
    let nowhere = tempfile::tempdir().expect("a folder");
    let words = words.iter().map(|word| {
        PLACEHOLDERS.iter().fold(word.clone(), |word, (from, to)| word.replace(from, to))
    });
    let ended = program()
        .command()
        .args(words)
        .current_dir(nowhere.path())
        .env("TACIT_LANG", "en")
        .env_remove("TACIT_DIR")
        // A bench and the demonstration are understood, and then find no place to work in.
        .env("TMPDIR", nowhere.path().join("none"))
        .stdin(Stdio::null())
        .output()
        .expect("tacit was built with this test");
    (ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned())
}

/// Whether cargo has what this command names.
fn cargo_takes(words: &[String], place: &str) {
    let metadata = MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata");
    let after = |option: &str| {
        let at = words.iter().position(|word| word == option)?;
        words.get(at + 1)
    };
    let known =
        ["bench", "build", "check", "deny", "fmt", "nextest", "run", "systems", "test", "vendor"];
    assert!(known.contains(&words[0].as_str()), "{place}");
    let package = after("-p").map(|name| {
        let package = metadata.packages.iter().find(|package| package.name == *name);
        package.unwrap_or_else(|| panic!("{place}: there is no crate {name}"))
    });
    for (option, kind) in [("--bench", TargetKind::Bench), ("--bin", TargetKind::Bin)] {
        let Some(named) = after(option) else { continue };
        let targets = &package.unwrap_or_else(|| panic!("{place}: of which crate?")).targets;
        let there = targets.iter().any(|t| t.name == *named && t.kind.contains(&kind));
        assert!(there, "{place}: there is no {named}");
    }
    if let Some(test) = after("--test") {
        let mut targets = metadata.packages.iter().flat_map(|package| &package.targets);
        let there = targets.any(|t| t.name == *test && t.kind.contains(&TargetKind::Test));
        assert!(there, "{place}: there is no {test}");
    }
    if words[0] == "systems" {
        let module = words.get(1).and_then(|filter| filter.split_once("::"));
        let file = module.map(|(module, _)| format!("../../tests/{module}.rs"));
        let there =
            file.is_none_or(|file| Path::new(env!("CARGO_MANIFEST_DIR")).join(file).is_file());
        assert!(there, "{place}: there is no such module");
        return;
    }
    if let Some(ours) = words.iter().position(|word| word == "--") {
        assert_eq!((words[0].as_str(), package.is_some()), ("run", false), "{place}");
        assert_ne!(tried(&words[ours + 1..]).0, Some(2), "{place}");
    }
}

/// A command without its comment, its words apart.
fn plain(line: &Line) -> String {
    line.words().map_or_else(
        || line.text.split(" #").next().unwrap_or_default().trim_end().to_owned(),
        |words| words.join(" "),
    )
}
