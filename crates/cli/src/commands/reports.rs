//! `tacit catalogue report`, `tacit usage`, `tacit self-report`: what a party tells of its data.

use control::messages::{SelfReportRequest, UsageRequest};
use control::{Address, Client};
use domain::CheckMode;
use terminal::{Document, Failure, Table, View, Voice, say, table};

use crate::arguments::{CatalogueCommand, SelfReportArguments, UsageArguments};
use crate::commands::receipt::change;
use crate::commands::{kind, print, subject_of};
use crate::phrases;

pub(super) async fn catalogue(
    party: &Address,
    command: &CatalogueCommand,
    voice: Voice,
) -> Result<(), Failure> {
    let CatalogueCommand::Report(json) = command;
    let answer = Document::of(&Client::open(party).await?.catalogue().await?);
    if json.json {
        say::line(answer.json());
    } else {
        print(&coverage(answer.view(), voice));
    }
    Ok(())
}

/// The rules in force, and under them each register.
fn coverage(answer: View<'_>, voice: Voice) -> Vec<String> {
    let entries = [
        (phrases::head_catalogue(), answer.word("catalogue")),
        (phrases::head_hash(), answer.word("hash")),
        (phrases::head_profile(), answer.word("profile")),
        (phrases::head_profile_hash(), answer.word("profile_hash")),
        (phrases::head_classes(), answer.count("classes")),
        (phrases::head_by_mode(), answer.map("by_mode")),
        (phrases::head_by_due(), answer.map("by_due")),
        (phrases::head_fields(), answer.count("fields")),
        (phrases::head_fields_by_mode(), answer.map("fields_by_mode")),
    ];
    let heads = [
        phrases::head_register(),
        phrases::head_classes(),
        phrases::head_bound(),
        phrases::head_unbound(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    for register in answer.list("registers") {
        let cells = ["name", "classes", "bound", "unbound"];
        table.row(cells.map(|name| register.word(name)).to_vec());
    }
    let mut lines = table::list(voice.language(), &entries);
    lines.extend(table.lines());
    lines
}

pub(super) async fn usage(
    party: &Address,
    usage: &UsageArguments,
    voice: Voice,
) -> Result<(), Failure> {
    let request = UsageRequest {
        from_ms: usage.from.map_or(0, |day| day.start_ms()),
        until_ms: usage.to.map_or(0, |day| day.end_ms()),
    };
    let answer = Document::of(&Client::open(party).await?.usage(request).await?);
    if usage.json {
        say::line(answer.json());
    } else {
        print(&counted(answer.view(), voice));
    }
    Ok(())
}

fn counted(answer: View<'_>, voice: Voice) -> Vec<String> {
    let entries = [
        (phrases::head_from(), answer.time("from")),
        (phrases::head_before(), answer.time("until")),
        (phrases::head_released(), answer.count("released")),
    ];
    let heads = [
        phrases::head_class(),
        phrases::head_lender(),
        phrases::head_purpose(),
        phrases::head_output(),
        phrases::head_count(),
    ];
    let mut table = Table::new(voice.language(), &heads).right(&[4]);
    for line in answer.list("lines") {
        let mut cells =
            ["class", "lender", "purpose", "output"].map(|name| line.word(name)).to_vec();
        cells.push(line.count("count"));
        table.row(cells);
    }
    let mut lines = table::list(voice.language(), &entries);
    lines.extend(table.lines());
    if answer.list("intersections").next().is_some() {
        lines.push(String::new());
        lines.extend(intersected(answer, voice));
    }
    if answer.list("trainings").next().is_some() {
        lines.push(String::new());
        lines.extend(trained(answer, voice));
    }
    lines
}

/// What the log tells of joint trainings.
fn trained(answer: View<'_>, voice: Voice) -> Vec<String> {
    let heads = [
        phrases::head_job(),
        phrases::head_lender(),
        phrases::head_purpose(),
        phrases::head_rows(),
        phrases::head_act(),
        phrases::head_moment(),
    ];
    let mut table = Table::new(voice.language(), &heads).right(&[3]);
    for line in answer.list("trainings") {
        let mut cells = ["job", "lender", "purpose"].map(|name| line.word(name)).to_vec();
        cells.push(line.count("rows"));
        cells.push(change(line, voice.language()));
        cells.push(line.time("time"));
        table.row(cells);
    }
    table.lines()
}

/// Who has asked how much in intersections.
fn intersected(answer: View<'_>, voice: Voice) -> Vec<String> {
    let heads = [
        phrases::head_party(),
        phrases::head_register(),
        phrases::head_intersections(),
        phrases::head_items(),
        phrases::head_aggregates(),
    ];
    let mut table = Table::new(voice.language(), &heads).right(&[2, 3, 4]);
    for line in answer.list("intersections") {
        let mut cells = ["peer", "register"].map(|name| line.word(name)).to_vec();
        cells.extend(["runs", "items", "aggregates"].map(|name| line.count(name)));
        table.row(cells);
    }
    table.lines()
}

pub(super) async fn self_report(
    party: &Address,
    report: &SelfReportArguments,
    voice: Voice,
) -> Result<(), Failure> {
    let subject = subject_of(&report.kind, &report.code, CheckMode::Report)?;
    let request =
        SelfReportRequest { kind: kind(subject.kind()), subject: subject.reveal().into() };
    let answer = Document::of(&Client::open(party).await?.self_report(request).await?);
    if report.json {
        say::line(answer.json());
    } else if answer.view().list("lines").next().is_none() {
        voice.note(&phrases::nothing_logged());
    } else {
        print(&logged(answer.view(), voice));
    }
    Ok(())
}

fn logged(answer: View<'_>, voice: Voice) -> Vec<String> {
    let heads = [
        phrases::head_moment(),
        phrases::head_event(),
        phrases::head_receiver(),
        phrases::head_purpose(),
        phrases::head_output(),
        phrases::head_classes(),
        phrases::head_authorisation(),
        phrases::head_run(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    for line in answer.list("lines") {
        let mut cells = vec![line.time("time")];
        cells.extend(
            ["event", "receiver", "purpose", "output", "classes", "authorisation"]
                .map(|name| line.word(name)),
        );
        cells.push(line.short("run"));
        table.row(cells);
    }
    table.lines()
}

#[cfg(test)]
mod tests {
    use terminal::{Document, Language, Voice};

    use super::{counted, coverage, logged};

    fn shown(json: &str, lines: fn(super::View<'_>, Voice) -> Vec<String>) -> Vec<String> {
        lines(Document::written(json).view(), Voice::new(Language::En))
    }

    #[test]
    fn coverage_names_the_rules_and_each_register() {
        let lines = shown(
            r#"{"catalogue":"jiangsu-2022","hash":"sha256:aa","profile":"strictest","classes":37,
                "fields":1200,"by_mode":{"verification":9},"registers":[
                {"name":"taxpayers","classes":[1,2],"bound":3,"unbound":["note"]}]}"#,
            coverage,
        );
        let text = lines.join("\n");
        for word in ["jiangsu-2022", "1,200", "verification 9", "taxpayers  1, 2", "note"] {
            assert!(text.contains(word), "{word} is not in\n{text}");
        }
    }

    #[test]
    fn usage_and_self_reports_have_a_row_a_line() {
        let usage = shown(
            r#"{"from":0,"until":1700000000123,"released":1500,"lines":[
                {"class":1,"lender":"bank","purpose":"pre_loan","output":"score","count":1500}],
                "intersections":[{"peer":"fund","register":"taxpayers","runs":2,"items":4000,
                "aggregates":1}]}"#,
            counted,
        );
        assert!(usage[7].contains("fund") && usage[7].contains("4,000"), "{usage:?}");
        assert!(usage[2].ends_with("1,500") && usage[4].contains("pre_loan"), "{usage:?}");
        let trained = shown(
            r#"{"trainings":[{"job":"m@1","lender":"bank","purpose":"product_development",
                "rows":30000,"change":"trained","time":1700000000123},
                {"change":"of a newer version"}]}"#,
            counted,
        );
        assert!(trained[6].contains("m@1") && trained[6].contains("30,000"), "{trained:?}");
        assert!(trained[6].contains("trained") && trained[7].contains("newer"), "{trained:?}");
        let report = shown(
            r#"{"lines":[{"time":1700000000123,"event":"released","receiver":"bank",
                "classes":[1],"run":"00016162636465666768"}]}"#,
            logged,
        );
        assert!(report[1].contains("000161626364") && report[1].contains("bank"), "{report:?}");
    }

    #[test]
    fn an_answer_without_members_is_shown_all_the_same() {
        assert_eq!(shown("{}", coverage).len(), 10);
        assert_eq!(shown("{}", counted).len(), 4);
        assert_eq!(shown("{}", logged).len(), 1);
    }
}
