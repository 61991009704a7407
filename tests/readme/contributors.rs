//! What the pages for contributors say, in both languages.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{cargo_takes, plain, tried};
use crate::support::lines::{commands, mentions};

const PAGES: [[(&str, &str); 2]; 2] = [
    [
        ("CONTRIBUTING.md", include_str!("../../.github/CONTRIBUTING.md")),
        ("CONTRIBUTING.zh.md", include_str!("../../.github/CONTRIBUTING.zh.md")),
    ],
    [
        ("SECURITY.md", include_str!("../../.github/SECURITY.md")),
        ("SECURITY.zh.md", include_str!("../../.github/SECURITY.zh.md")),
    ],
];

#[test]
fn every_command_of_the_contributors_pages_is_there_and_both_languages_say_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut seen = 0;
    for [(name, english), (_, chinese)] in PAGES {
        for line in commands(english).into_iter().chain(mentions(english)) {
            seen += 1;
            let place = format!("{name}, line {}: {}", line.at, line.text);
            let Some(words) = line.words() else {
                let script = line.text.split_whitespace().next().unwrap_or_default();
                assert!(root.join(script).is_file(), "{place}");
                continue;
            };
            match words[0].as_str() {
                "tacit" => assert_ne!(tried(&words[1..]).0, Some(2), "{place}"),
                _ => cargo_takes(&words[1..], &place),
            }
        }
        let shown = |document| commands(document).iter().map(plain).collect::<Vec<_>>();
        assert_eq!(shown(english), shown(chinese), "{name} and its twin");
        let named = |document| {
            mentions(document).into_iter().map(|line| line.text).collect::<BTreeSet<_>>()
        };
        assert_eq!(named(english), named(chinese), "{name} and its twin");
    }
    assert!(seen > 10, "only {seen} commands are shown");
}

#[test]
fn every_link_of_the_contributors_pages_leads_to_a_file_and_every_path_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (name, document) in PAGES.concat() {
        let links = document.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let links: Vec<&str> = links.collect();
        assert!(!links.is_empty(), "{name}");
        for link in links {
            assert!(root.join(".github").join(link).exists(), "{name} leads to {link}");
        }
        let paths = document.split('`').skip(1).step_by(2).filter(|span| is_path(span));
        for path in paths {
            assert!(root.join(path).exists(), "{name} names {path}");
        }
    }
}

/// Whether what stands between backticks names a place in the repository.
fn is_path(span: &str) -> bool {
    ["crates/", "proto/", "protocols/", "tests/", ".ci/"].iter().any(|top| span.starts_with(top))
        && !span.contains("NAME")
}

#[test]
fn an_alias_of_cargo_runs_the_one_binary_of_whole_systems() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let aliases = fs::read_to_string(root.join(".cargo/config.toml")).expect("cargo's settings");
    let aliases: toml::Table = aliases.parse().expect("TOML");
    let alias = aliases["alias"]["systems"].as_str().expect("a line");
    let words: Vec<String> = alias.split_whitespace().map(ToOwned::to_owned).collect();
    cargo_takes(&words, "the alias");
}
