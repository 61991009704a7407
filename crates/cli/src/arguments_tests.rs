use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};
use control::messages;
use terminal::{Language, Output};

use super::psi::Protocol;
use super::{
    Arguments, AuditCommand, AuthorisationCommand, CapacityWord, Command, Intervention,
    MemberCommand, PartyCommand, RunsCommand, SubjectCommand,
};

const GRANT: &str = "authorisation grant 91320100PDY00001XR --key k --certificate c --to bank \
    --over platform --purpose pre_loan --out o";
const NARROW: &str = "authorisation narrow a.json --key k --certificate c --out o";

pub(super) fn parse(line: &str) -> Result<Arguments, ErrorKind> {
    let words = ["tacit"].into_iter().chain(line.split_whitespace());
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
fn a_verification_has_a_formula_and_codes_or_prepares() {
    for good in [
        "verify a --that x",
        "verify a b - --that x --sealed 5 --sealed -5 --platform p --json",
        "verify a --that - --sealed @numbers",
        "verify --prepare",
        "verify --prepare --platform p",
    ] {
        assert!(parse(good).is_ok(), "{good}");
    }
    for bad in [
        "verify a",
        "verify --that x",
        "verify a --that x --prepare",
        "verify --prepare --sealed 5",
        "verify a --that x --kind opaque",
        "verify a --that x --sealed",
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
fn an_intersection_takes_a_protocol_and_leaves_it_open_where_none_is_named() {
    let protocol = |more: &str| {
        let line = format!("psi --with tax --their-register r --register c {more}");
        let Command::Psi(psi) = parse(&line).unwrap().command else { panic!("psi") };
        psi.protocol
    };
    assert_eq!(protocol(""), Protocol::Auto);
    for named in [Protocol::Auto, Protocol::Ecdh, Protocol::Vole] {
        assert_eq!(
            protocol(&format!("--protocol {}", named.to_possible_value().unwrap().get_name())),
            named
        );
    }
    assert!(parse("psi --with tax --their-register r --register c --protocol kkrt").is_err());
}

#[test]
fn runs_shows_one_or_many_or_runs_one_again() {
    let Command::Runs(runs) = parse("runs 3fa9 --json").unwrap().command else { panic!("runs") };
    assert_eq!((runs.id.as_deref(), runs.json, runs.limit), (Some("3fa9"), true, 20));
    let Command::Runs(runs) = parse("runs again 3fa9").unwrap().command else { panic!("runs") };
    let Some(RunsCommand::Again { id, .. }) = runs.command else { panic!("again") };
    assert_eq!(id, "3fa9");
    assert!(parse("runs --limit 0").is_err());
}

#[test]
fn a_score_is_of_codes_or_of_a_list() {
    for good in [
        "score --model m@1 a b",
        "score --model m@1 --batch l.txt --kind opaque",
        "score --model m@1 --batch l.csv --column id --kind opaque --skip-bad --result r.csv",
    ] {
        assert!(parse(good).is_ok(), "{good}");
    }
    for bad in [
        "score --model m@1",
        "score --model m@1 --batch l.txt a",
        "score --model m@1 --batch l.txt --authorisation a.json",
        "score --model m@1 a --column id",
        "score --batch l.txt",
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_training_is_of_a_job_file_or_a_word_on_a_job() {
    let Command::Train(train) =
        parse("train job.toml --rows r.csv --result m.csv --wait --json").unwrap().command
    else {
        panic!("train")
    };
    assert!(train.command.is_none() && train.job.wait && train.job.json);
    assert_eq!(train.job.file.unwrap().to_str(), Some("job.toml"));
    for good in [
        "train job.toml",
        "train show",
        "train show --json",
        "train show m@1 --proposer bank",
        "train accept m@1 --proposer bank --json",
        "train accept m@1 --rows r.csv --column id --check report",
        "train run m@1 --proposer platform --result m.csv --json",
        "train refuse m@1 --reason too-many-columns",
        "train withdraw m@1 --reason done",
        "train sample",
    ] {
        assert!(parse(good).is_ok(), "{good}");
    }
    for bad in [
        "train",
        "train --wait",
        "train a.toml b.toml",
        "train a.toml show",
        "train show m",
        "train show --proposer bank",
        "train accept",
        "train accept m@1 --rows r.csv",
        "train accept m@1 --column id",
        "train run",
        "train refuse m@1",
        "train withdraw m@1",
        "train withdraw m@1 --reason done --proposer bank",
        "train sample m@1",
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
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
        let line = format!("init --name a --listen 127.0.0.1:1 --plain-keys {duties}");
        let Command::Init(init) = parse(&line).unwrap().command else { panic!("init") };
        assert_eq!(init.duties.len(), 2);
    }
    assert!(parse("init --name a --listen 127.0.0.1:1 --plain-keys --duty king").is_err());
}

#[test]
fn how_the_keys_lie_on_disk_is_chosen_once_and_by_nobody_else() {
    let init = "init --name a --listen 127.0.0.1:1 --duty holder";
    for chosen in ["--plain-keys", "--passphrase-file f", "--credential c"] {
        assert!(parse(&format!("{init} {chosen}")).is_ok(), "{chosen}");
    }
    for bad in ["", "--plain-keys --credential c", "--passphrase-file f --plain-keys"] {
        assert!(parse(&format!("{init} {bad}")).is_err(), "{bad}");
    }
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
    assert!(parse("bench psi --protocol vole --left 1000 --right 10").is_ok());
    assert!(parse("bench psi --protocol ecdh --left 1 --right 1 --overlap 1").is_ok());
    for bad in ["--left 1", "--left 0 --right 1", "--left 1 --right 1 --overlap 1.1"] {
        assert!(parse(&format!("bench psi {bad}")).is_err(), "{bad}");
    }
}

#[test]
fn a_grant_names_its_scope_in_one_form_and_its_models_or_any() {
    for good in [
        "--scope 1:score --model basic@1",
        "--scope 1:score,verify --scope 2.in_arrears_now:verify --model a@1 --model b@2",
        "--scope 1:score --any-model --days 1827 --from 2026-03-02 --max-uses 3 --interval-s 60",
        "--scope 29:verify --person AU-2:29,30 --node node --application L-778 --id AU-1",
    ] {
        assert!(parse(&format!("{GRANT} {good}")).is_ok(), "{good}");
    }
    for bad in [
        "",
        "--scope 1",
        "--scope 1:raw",
        "--scope 1:score --model basic",
        "--scope 1:score --any-model --model basic@1",
        "--scope 1:score --any-model --days 0",
        "--scope 1:score --any-model --days 1828",
        "--scope 1:score --any-model --max-uses 0",
        "--scope 1:score --any-model --from 2026-02-30",
        "--scope 1:score --any-model --person AU-2",
        "--scope 1:score --any-model --id AU_1",
    ] {
        assert!(parse(&format!("{GRANT} {bad}")).is_err(), "{bad}");
    }
    assert!(parse(&GRANT.replace("pre_loan", "marketing")).is_err());
}

#[test]
fn what_is_narrowed_is_said_and_ends_in_one_way() {
    for good in ["--scope 1:score", "--model a@1", "--days 3", "--until 2026-03-02", "--max-uses 1"]
    {
        assert!(parse(&format!("{NARROW} {good}")).is_ok(), "{good}");
    }
    for bad in ["", "--letter l.txt", "--days 3 --until 2026-03-02"] {
        assert!(parse(&format!("{NARROW} {bad}")).is_err(), "{bad}");
    }
}

#[test]
fn an_agent_is_certified_under_a_mandate() {
    let key = "ed25519:5Qiiz0b6G3QkxVDPmJIEXSaoRjjqGaOnSFP8bvSQ0Fs=";
    let line =
        format!("subject certify 91320100PDY00001XR --key {key} --issuer i --issuer-key k --out o");
    let Command::Subject(SubjectCommand::Certify(certify)) = parse(&line).unwrap().command else {
        panic!("certify")
    };
    assert_eq!((certify.capacity, certify.days, certify.level), (None, 365, 1));
    assert!(parse(&format!("{line} --capacity agent")).is_err());
    let read = parse(&format!("{line} --capacity agent --mandate m.pdf")).unwrap();
    let Command::Subject(SubjectCommand::Certify(certify)) = read.command else {
        panic!("certify")
    };
    assert_eq!(certify.capacity, Some(CapacityWord::Agent));
    for bad in ["--level 5", "--days 0", "--capacity king"] {
        assert!(parse(&format!("{line} {bad}")).is_err(), "{bad}");
    }
    assert!(parse(&line.replace(key, "ed25519:AA==")).is_err());
}

#[test]
fn changes_are_signed_and_interventions_are_given_a_reason() {
    for change in ["revoke", "suspend", "resume"] {
        let line = format!("authorisation {change} a.json --key k --certificate c --out o");
        assert!(parse(&line).is_ok() && parse(&line.replace(" --out o", "")).is_err(), "{change}");
    }
    for change in [Intervention::Suspend, Intervention::Resume, Intervention::Void] {
        let line = format!(
            "authorisation intervene AU-1 {} --reason objection",
            messages::Intervention::from(change)
        );
        let Command::Authorisation(AuthorisationCommand::Intervene { change: read, .. }) =
            parse(&line).unwrap().command
        else {
            panic!("intervene")
        };
        assert_eq!(read, change);
    }
    assert!(parse("authorisation intervene AU-1 void").is_err());
    assert!(parse("authorisation submit").is_err());
}

#[test]
fn a_member_is_assessed_to_a_day_and_may_be_admitted_with_one() {
    let Command::Member(MemberCommand::Admit { assessed_until, .. }) =
        parse("member admit tax --assessed-until 2027-12-31").unwrap().command
    else {
        panic!("admit")
    };
    assert_eq!(assessed_until.map(|day| day.to_string()).as_deref(), Some("2027-12-31"));
    for good in ["list --json", "admit tax", "suspend tax --reason late", "remove tax"] {
        assert!(parse(&format!("member {good}")).is_ok(), "{good}");
    }
    for bad in ["assess tax", "assess tax --until tomorrow", "admit Tax", "ban tax"] {
        assert!(parse(&format!("member {bad}")).is_err(), "{bad}");
    }
}

#[test]
fn questions_to_the_log_and_reports_are_understood() {
    let Command::Audit(AuditCommand::Prove { seq, .. }) = parse("audit prove 7").unwrap().command
    else {
        panic!("prove")
    };
    assert_eq!(seq, 7);
    for good in [
        "audit verify --json",
        "audit trace 00ff",
        "audit reconcile",
        "audit deposit",
        "catalogue report --json",
        "usage --from 2026-01-01 --to 2026-03-31",
        "self-report 91320100PDY00001XR --json",
        "self-report 11010519491231002X --kind cn-id",
        "receipt fetch 00ff --out r.json",
    ] {
        assert!(parse(good).is_ok(), "{good}");
    }
    for bad in
        ["audit", "audit prove -1", "usage --from March", "receipt fetch 00ff", "receipt verify f"]
    {
        assert!(parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_run_is_for_a_purpose_that_is_financing() {
    let score = "score 91320100PDY00001XR --model basic@1";
    let Command::Score(read) =
        parse(&format!("{score} --authorisation a.json --authorisation b.json")).unwrap().command
    else {
        panic!("score")
    };
    assert_eq!((read.authorisations.len(), read.purpose.as_str()), (2, "pre_loan"));
    let psi = "psi --with tax --their-register r --register c";
    for line in [score, psi] {
        assert!(parse(&format!("{line} --purpose post_loan")).is_ok());
        assert!(parse(&format!("{line} --purpose marketing")).is_err());
    }
}
