use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::language::Language;

use super::{Arguments, Command, Output, PartyCommand, RunsCommand};

fn parse(line: &str) -> Result<Arguments, ErrorKind> {
    let words = ["tacit"].into_iter().chain(line.split(' '));
    Arguments::try_parse_from(words).map_err(|error| error.kind())
}

#[test]
fn the_commands_are_put_together_rightly() {
    Arguments::command().debug_assert();
}

#[test]
fn our_set_is_a_register_or_a_file_with_its_column_and_kind() {
    for good in [
        "psi --with tax --their-register r --register c",
        "psi --with tax --their-register r --file f.csv --column c --kind uscc",
        "psi --with tax --their-register r --file f --column c --kind cn-id --check report --skip-bad",
    ] {
        assert!(parse(good).is_ok(), "{good}");
    }
    for bad in [
        "psi --with tax --their-register r",
        "psi --with tax --their-register r --file f.csv",
        "psi --with tax --their-register r --file f.csv --column c",
        "psi --with tax --their-register r --register c --file f.csv --column c --kind uscc",
        "psi --with tax --their-register r --register c --skip-bad",
        "psi --with tax --their-register r --register c --pad-to 0",
        "psi --with Tax --their-register r --register c",
        "psi --with tax --register c",
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn outputs_are_called_as_in_the_configuration() {
    for output in [Output::OneSided, Output::TwoSided, Output::Cardinality] {
        let line =
            format!("psi --with tax --their-register r --register c --output {}", output.word());
        let Command::Psi(psi) = parse(&line).unwrap().command else { panic!("psi") };
        assert_eq!(psi.output, output);
    }
}

#[test]
fn runs_shows_one_or_many_or_runs_one_again() {
    let Command::Runs(runs) = parse("runs 3fa9 --json").unwrap().command else { panic!("runs") };
    assert_eq!((runs.id.as_deref(), runs.json, runs.limit), (Some("3fa9"), true, 20));
    let Command::Runs(runs) = parse("runs again 3fa9").unwrap().command else { panic!("runs") };
    let Some(RunsCommand::Again { id, .. }) = runs.again else { panic!("again") };
    assert_eq!(id, "3fa9");
    assert!(parse("runs --limit 0").is_err());
}

#[test]
fn global_options_stand_anywhere() {
    for line in ["--dir d --lang zh party status", "party status --lang zh --dir d"] {
        let read = parse(line).unwrap();
        assert_eq!(read.dir.unwrap().to_str(), Some("d"));
        assert_eq!(read.lang, Some(Language::Zh));
    }
}

#[test]
fn duties_are_repeated_or_listed() {
    for duties in ["--duty holder --duty lender", "--duty holder,lender"] {
        let line = format!("init --name a --listen 127.0.0.1:1 {duties}");
        let Command::Init(init) = parse(&line).unwrap().command else { panic!("init") };
        assert_eq!(init.duties.len(), 2);
    }
    assert!(parse("init --name a --listen 127.0.0.1:1 --duty king").is_err());
}

#[test]
fn a_lab_starts_its_parties_with_a_leash() {
    let read = parse("--dir d party run --leash").unwrap();
    let Command::Party(PartyCommand::Run(serve)) = read.command else { panic!("party run") };
    assert!(serve.leash);
}

#[test]
fn a_bench_takes_two_sizes_and_an_overlap_between_nothing_and_all() {
    assert!(parse("bench psi --left 1000 --right 10").is_ok());
    assert!(parse("bench psi --protocol ecdh --left 1 --right 1 --overlap 1").is_ok());
    for bad in ["--left 1", "--left 0 --right 1", "--left 1 --right 1 --overlap 1.1"] {
        assert!(parse(&format!("bench psi {bad}")).is_err(), "{bad}");
    }
}

#[test]
fn a_model_is_named_with_its_version() {
    assert!(parse("score 91320100PDY00001XR --model small-firms@1").is_ok());
    assert!(parse("score 91320100PDY00001XR --model small-firms").is_err());
    assert!(parse("score --model small-firms@1").is_err());
}
