//! The architecture, as a failing build: who may depend on whom, and what a protocol may reach.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Each crate of the workspace and the crates of ours that it may depend on. Adding an arrow means
/// editing this list, so it shows in review.
const ALLOWED: &[(&str, &[&str])] = &[
    ("session", &[]),
    ("domain", &[]),
    ("envelope", &[]),
    ("formula", &["domain"]),
    ("scorecard", &["domain"]),
    ("catalogue", &["domain", "formula"]),
    ("consent", &["domain", "envelope", "scorecard"]),
    // A receipt proves that an authorisation covered a release, so it must read one.
    ("audit", &["consent", "domain", "envelope"]),
    ("psi", &["session", "vole"]),
    ("vole", &["session"]),
    ("lattice", &[]),
    ("scoring", &["lattice", "session"]),
    ("sharing", &["session"]),
    ("training", &["session", "sharing"]),
    ("verification", &["lattice", "session"]),
    ("wire", &["domain", "formula", "session"]),
    ("store", &["audit", "domain"]),
    ("registers", &["domain"]),
    // Signed papers, offline: for those who run no party, too.
    ("documents", &["audit", "consent", "domain", "envelope"]),
    (
        "party",
        &[
            "audit",
            "catalogue",
            "consent",
            "documents",
            "domain",
            "envelope",
            "formula",
            "psi",
            "registers",
            "scorecard",
            "scoring",
            "session",
            // The secret that a role of a training draws.
            "sharing",
            "store",
            "training",
            "verification",
            "wire",
        ],
    ),
    // The typed client of `proto/control/`.
    ("control", &["domain", "wire"]),
    // Makes parties in this process, by the functions behind `init` and `peer add`; each runs in one of
    // its own. Stands between them and in their place with the messages that they exchange.
    ("lab", &["control", "domain", "envelope", "party", "wire"]),
    // What the console shows, whichever command shows it.
    ("terminal", &["control", "domain"]),
    // What is said of models, scores and data, as JSON and as a page: it reads no file, and knows no party.
    ("report", &["domain", "registers", "scorecard", "terminal"]),
    // Stand on the calls of an operator. They host no party: `lab` starts each in a process of its own.
    ("bench", &["control", "documents", "domain", "lab", "terminal"]),
    // `party` says whose signature counts in a bank's folder.
    ("demo", &["control", "documents", "domain", "lab", "party", "scorecard", "terminal"]),
    // `tacit` is one binary: `party run`, `init` and `data check` host a party in this process; every
    // other command goes through `control`.
    (
        "cli",
        &[
            "bench",
            "control",
            "demo",
            "documents",
            "domain",
            "formula",
            "party",
            "report",
            "scorecard",
            "terminal",
        ],
    ),
    // Stories are told with protocols and nouns: nothing that makes a running party.
    (
        "examples",
        &[
            "domain",
            "psi",
            "scorecard",
            "scoring",
            "session",
            "sharing",
            "training",
            "verification",
        ],
    ),
];

/// What a protocol may never reach, however indirectly: a runtime, a socket, a database, a log.
const IMPURE: &[&str] = &[
    "async-std",
    "hyper",
    "mio",
    "nix",
    "reqwest",
    "rusqlite",
    "rustls",
    "socket2",
    "sqlx",
    "tokio",
    "tonic",
    "tracing",
];

/// What a protocol's own source may never name: a clock, a thread, a file, the environment, an
/// entropy source. (`protocols/.clippy.toml` says the same to the compiler, call by call.)
const FORBIDDEN: &[&str] = &[
    "std::time",
    "std::thread",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "SystemTime",
    "Instant::now",
    "thread_rng",
    "OsRng",
    "SysRng",
    "getrandom",
    "rand::rng(",
];

/// How a kind of run is called that needs nothing of another kind: a match.
const A_KIND: &[&str] = &[
    "MatchTerms",
    "MatchAgreement",
    "MatchRequest",
    "RunKind::Match",
    "RUN_KIND_MATCH",
    "Offer::Match",
    "matching::",
    "Match \"match\"",
];

/// The files in which a kind of run is named beside those of its own: what a new one touches. The pages
/// for contributors say what is to be written there.
const NAMES_A_KIND: [&str; 8] = [
    "proto/peer.proto",
    "proto/control/runs.proto",
    "crates/domain/src/run_kind.rs",
    "crates/wire/src/terms/mod.rs",
    "crates/party/src/kinds/mod.rs",
    "crates/party/src/config/offers.rs",
    "crates/party/src/control/runs.rs",
    "crates/control/src/runs.rs",
];

#[test]
fn crates_depend_only_on_what_they_may() {
    let metadata = workspace();
    let listed: BTreeSet<&str> = ALLOWED.iter().map(|(name, _)| *name).collect();
    let present: BTreeSet<&str> =
        metadata.workspace_packages().iter().map(|package| package.name.as_str()).collect();
    assert_eq!(present, listed, "the list names every crate, and no crate that is not there");
    for package in metadata.workspace_packages() {
        let allowed = ALLOWED.iter().find(|(name, _)| *name == package.name.as_str());
        let allowed = allowed.map_or(&[][..], |(_, allowed)| *allowed);
        for dependency in normal(package).filter(|name| listed.contains(name)) {
            assert!(
                allowed.contains(&dependency),
                "{} must not depend on {dependency}",
                package.name
            );
        }
    }
}

#[test]
fn protocols_reach_no_runtime_socket_database_or_log() {
    let metadata = workspace();
    for protocol in protocols(&metadata) {
        for reached in reach(&metadata, protocol) {
            assert!(!IMPURE.contains(&reached.as_str()), "{} reaches {reached}", protocol.name);
        }
    }
}

#[test]
fn protocols_name_no_clock_thread_file_or_entropy_source() {
    let metadata = workspace();
    for protocol in protocols(&metadata) {
        let source = protocol.manifest_path.with_file_name("src");
        let mut files = 0;
        visit(source.as_std_path(), &mut |path, text| {
            files += 1;
            for word in FORBIDDEN {
                assert!(!text.contains(word), "{} names {word}", path.display());
            }
        });
        assert!(files > 0, "{} has sources", protocol.name);
    }
}

#[test]
fn only_one_crate_knows_sql_and_only_one_knows_file_formats() {
    let metadata = workspace();
    for (knowledge, owner) in [("sqlx", "store"), ("parquet", "registers"), ("csv", "registers")] {
        for package in metadata.workspace_packages() {
            let depends = normal(package).any(|name| name == knowledge);
            assert_eq!(depends, package.name == owner, "{knowledge} in {}", package.name);
        }
    }
}

#[test]
fn every_file_of_tests_is_a_module_of_the_one_binary_or_a_binary_of_its_own() {
    let root = workspace().workspace_root;
    let binary = std::fs::read_to_string(root.join("tests/systems.rs")).expect("the binary");
    let manifest = std::fs::read_to_string(root.join("crates/cli/Cargo.toml")).expect("it is ours");
    let mut files = 0;
    for entry in std::fs::read_dir(root.join("tests")).expect("a folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(module) = name.strip_suffix(".rs") else { continue };
        files += 1;
        let runs = binary.lines().any(|line| line == format!("mod {module};"))
            || manifest.contains(&format!("path = \"../../tests/{name}\""));
        assert!(runs, "nothing runs tests/{name}: write `mod {module};` into tests/systems.rs");
    }
    assert!(files > 10, "only {files} files of tests");
}

#[test]
fn a_kind_of_run_is_named_in_its_own_files_and_eight_others() {
    let root = workspace().workspace_root;
    let mut named = BTreeSet::new();
    for place in ["proto", "crates/domain/src", "crates/wire/src", "crates/store/src"]
        .into_iter()
        .chain(["crates/party/src", "crates/control/src"])
    {
        visit(root.join(place).as_std_path(), &mut |path, text| {
            let path = path.strip_prefix(&root).expect("it lies there").display().to_string();
            let is_own = path.contains("/matching");
            if !is_own && A_KIND.iter().any(|name| text.contains(name)) {
                named.insert(path);
            }
        });
    }
    assert_eq!(named, NAMES_A_KIND.into_iter().map(ToOwned::to_owned).collect());
    for page in ["CONTRIBUTING.md", "CONTRIBUTING.zh.md"] {
        let page = std::fs::read_to_string(root.join(".github").join(page)).expect("a page");
        for file in NAMES_A_KIND {
            assert!(page.contains(&format!("`{file}`")), "the page lists {file}");
        }
    }
}

#[test]
fn who_may_and_what_is_recorded_knows_no_kind_of_run_and_what_drives_one_no_protocol() {
    let party = workspace().workspace_root.join("crates/party/src");
    let naming = |place: &str, words: &[&str]| {
        let (mut files, mut found) = (0, Vec::new());
        visit(party.join(place).as_std_path(), &mut |path, text| {
            files += 1;
            let named = words.iter().any(|word| text.contains(word));
            found.extend(named.then(|| path.display().to_string()));
        });
        assert!(files > 0, "{place} has sources");
        found
    };
    let kinds = ["crate::kinds", "kinds::"];
    assert_eq!(naming("governance", &kinds), [""; 0]);
    let protocols = ["psi::", "scoring::", "sharing::", "training::", "verification::"];
    for place in ["drive", "drive.rs"] {
        assert_eq!(naming(place, &kinds), [""; 0]);
        assert_eq!(naming(place, &protocols), [""; 0]);
    }
    // The test of the test.
    assert!(!naming("kinds", &kinds).is_empty() && !naming("kinds", &protocols).is_empty());
}

#[test]
fn an_arrow_that_is_not_allowed_is_found() {
    // The test of the test: a protocol that reached tokio, and what reaching means.
    let metadata = workspace();
    let party = metadata.workspace_packages().into_iter().find(|package| package.name == "party");
    let reached = reach(&metadata, party.expect("party is a crate of the workspace"));
    assert!(reached.contains("tokio") && reached.contains("mio"));
}

fn protocols(metadata: &Metadata) -> impl Iterator<Item = &Package> {
    let found = metadata.workspace_packages().into_iter();
    found.filter(|package| package.manifest_path.as_str().contains("/protocols/"))
}

/// The names of all packages that `package` reaches with the features that are switched on, however
/// indirectly; what only tests and build scripts use is left out.
fn reach(metadata: &Metadata, package: &Package) -> BTreeSet<String> {
    let resolved = metadata.resolve.as_ref().expect("cargo metadata resolves the graph");
    let (mut seen, mut queue) = (BTreeSet::new(), vec![&package.id]);
    while let Some(id) = queue.pop() {
        let node = resolved.nodes.iter().find(|node| node.id == *id);
        for dependency in node.into_iter().flat_map(|node| &node.deps) {
            let kinds = &dependency.dep_kinds;
            let linked = kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            if linked && seen.insert(&dependency.pkg) {
                queue.push(&dependency.pkg);
            }
        }
    }
    let reached = metadata.packages.iter().filter(|package| seen.contains(&package.id));
    reached.map(|package| package.name.to_string()).collect()
}

fn normal(package: &Package) -> impl Iterator<Item = &str> {
    let dependencies = package.dependencies.iter();
    dependencies
        .filter(|d| d.kind == DependencyKind::Normal && !d.optional)
        .map(|d| d.name.as_str())
}

/// Shows the sources of a folder, or one source.
fn visit(place: &std::path::Path, see: &mut impl FnMut(&std::path::Path, &str)) {
    if place.is_dir() {
        for entry in std::fs::read_dir(place).expect("sources are readable") {
            visit(&entry.expect("sources are readable").path(), see);
        }
    } else if place.extension().is_some_and(|it| it == "rs" || it == "proto") {
        see(place, &std::fs::read_to_string(place).expect("sources are text"));
    }
}

fn workspace() -> Metadata {
    MetadataCommand::new().exec().expect("cargo metadata runs in a checkout")
}
