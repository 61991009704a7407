//! `tacit audit`: questions to the log.

use control::{Address, Client};
use terminal::{Document, Failure, Language, Table, View, Voice, say, table};

use crate::arguments::AuditCommand;
use crate::commands::print;
use crate::commands::receipt::change;
use crate::phrases;

/// How an answer is shown.
type Lines = fn(View<'_>, Voice) -> Vec<String>;

pub(super) async fn audit(
    party: &Address,
    command: &AuditCommand,
    voice: Voice,
) -> Result<(), Failure> {
    let party = Client::open(party).await?;
    let (answer, json, lines): (_, _, Lines) = match command {
        AuditCommand::Verify(json) => (Document::of(&party.verify_log().await?), json, verified),
        AuditCommand::Prove { seq, json } => {
            (Document::of(&party.prove(*seq).await?), json, proven)
        }
        AuditCommand::Trace { id, json } => {
            (Document::of(&party.trace(id.clone()).await?), json, traced)
        }
        AuditCommand::Reconcile(json) => {
            (Document::of(&party.reconcile().await?), json, reconciled)
        }
        AuditCommand::Deposit(json) => (Document::of(&party.deposit().await?), json, deposited),
        AuditCommand::Deposits(json) => (Document::of(&party.deposits().await?), json, kept),
    };
    if json.json {
        say::line(answer.json());
    } else {
        print(&lines(answer.view(), voice));
    }
    match command {
        AuditCommand::Verify(json) if !json.json => voice.tell(&phrases::log_whole()),
        AuditCommand::Reconcile(json) => return consistent(answer.view(), json.json, voice),
        AuditCommand::Verify(_)
        | AuditCommand::Prove { .. }
        | AuditCommand::Trace { .. }
        | AuditCommand::Deposit(_)
        | AuditCommand::Deposits(_) => {}
    }
    Ok(())
}

/// Whether releases and receipts tell the same story.
fn consistent(answer: View<'_>, json: bool, voice: Voice) -> Result<(), Failure> {
    match answer.list("findings").count() {
        0 => {
            if !json {
                voice.tell(&phrases::reconciled());
            }
            Ok(())
        }
        findings => Err(Failure::new("NOT_RECONCILED", phrases::not_reconciled(findings))
            .advise(phrases::not_reconciled_advice())),
    }
}

fn verified(answer: View<'_>, voice: Voice) -> Vec<String> {
    let entries = [
        (phrases::head_records(), answer.count("records")),
        (phrases::head_first(), answer.time("first")),
        (phrases::head_last(), answer.time("last")),
        (phrases::head_root(), answer.word("root")),
    ];
    table::list(voice.language(), &entries)
}

fn proven(answer: View<'_>, voice: Voice) -> Vec<String> {
    let mut entries = vec![
        (phrases::head_seq(), answer.count("seq")),
        (phrases::head_size(), answer.count("size")),
        (phrases::head_root(), answer.word("root")),
    ];
    entries.extend(answer.list("proof").map(|hash| (phrases::head_proof(), hash.itself())));
    entries.push((phrases::head_record(), answer.word("record")));
    let mut lines = table::list(voice.language(), &entries);
    // A signed note has lines of its own.
    lines.extend(answer.word("checkpoint").lines().map(str::to_owned));
    lines
}

fn traced(answer: View<'_>, voice: Voice) -> Vec<String> {
    let entries = [
        (phrases::head_receipt(), answer.word("receipt")),
        (phrases::head_run(), answer.word("run")),
        (phrases::head_holder(), answer.word("holder")),
        (phrases::head_source(), answer.word("source")),
        (phrases::head_authorisation(), answer.word("authorisation")),
        (phrases::head_version(), answer.word("version")),
        (phrases::head_model(), answer.word("model")),
        (phrases::head_receiver(), answer.word("receiver")),
        (phrases::head_purpose(), answer.word("purpose")),
        (phrases::head_released(), answer.time("released")),
    ];
    let mut lines = table::list(voice.language(), &entries);
    // Of a joint training: each record of it.
    if answer.list("records").next().is_some() {
        let heads = [phrases::head_seq(), phrases::head_act(), phrases::head_moment()];
        let mut table = Table::new(voice.language(), &heads);
        for record in answer.list("records") {
            let what = change(record, voice.language());
            table.row(vec![record.count("seq"), what, record.time("time")]);
        }
        lines.extend(table.lines());
    }
    lines
}

fn reconciled(answer: View<'_>, voice: Voice) -> Vec<String> {
    let entries = [
        (phrases::head_releases(), answer.count("releases")),
        (phrases::head_records(), answer.count("records")),
    ];
    let mut lines = table::list(voice.language(), &entries);
    let heads = [phrases::head_finding(), phrases::head_run(), phrases::head_seq()];
    let mut table = Table::new(voice.language(), &heads);
    let mut found = false;
    for finding in answer.list("findings") {
        found = true;
        table.row(["kind", "run", "seq"].map(|name| finding.word(name)).to_vec());
    }
    if found {
        lines.extend(table.lines());
    }
    lines
}

fn deposited(answer: View<'_>, voice: Voice) -> Vec<String> {
    let entries = [
        (phrases::head_supervisor(), answer.word("supervisor")),
        (phrases::head_size(), answer.count("size")),
        (phrases::head_root(), answer.word("root")),
    ];
    table::list(voice.language(), &entries)
}

/// What was deposited here, then what was wrong with any of it.
fn kept(answer: View<'_>, voice: Voice) -> Vec<String> {
    let heads = [phrases::head_party(), phrases::head_size(), phrases::head_deposited()];
    let mut table = Table::new(voice.language(), &heads);
    for deposit in answer.list("deposits") {
        table.row(vec![deposit.word("party"), deposit.count("size"), deposit.time("kept")]);
    }
    let mut lines = table.lines();
    let heads = [
        phrases::head_party(),
        phrases::head_code(),
        phrases::head_first_raised(),
        phrases::head_last_raised(),
        phrases::head_times(),
        phrases::head_trouble(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    let mut alarmed = false;
    for alarm in answer.list("alarms") {
        alarmed = true;
        let sentence = match voice.language() {
            Language::En => "en",
            Language::Zh => "zh",
        };
        table.row(vec![
            alarm.word("party"),
            alarm.word("code"),
            alarm.time("first"),
            alarm.time("last"),
            alarm.count("times"),
            alarm.word(sentence),
        ]);
    }
    if alarmed {
        lines.push(String::new());
        lines.extend(table.lines());
    }
    lines
}

#[cfg(test)]
mod tests {
    use terminal::{Document, Language, Voice};

    use super::{Lines, consistent, deposited, kept, proven, reconciled, traced, verified};

    const VOICE: Voice = Voice::new(Language::En);

    fn shown(json: &str, lines: Lines) -> Vec<String> {
        lines(Document::written(json).view(), VOICE)
    }

    #[test]
    fn a_proof_has_a_line_a_hash_and_its_checkpoint_as_it_was_signed() {
        let json = r#"{"seq":7,"size":1200,"root":"sha256:aa","proof":["sha256:bb","sha256:cc"],
            "record":{"event":"released"},"checkpoint":"tax\n1200\nroot\n\n— tax sig"}"#;
        let lines = shown(json, proven);
        assert!(lines.iter().any(|line| line.ends_with("sha256:cc")));
        assert!(lines.iter().any(|line| line.contains(r#"{"event":"released"}"#)));
        assert_eq!(lines[lines.len() - 5..], ["tax", "1200", "root", "", "— tax sig"]);
    }

    #[test]
    fn findings_are_listed_and_fail_the_command() {
        let json = r#"{"releases":2,"records":3,"findings":[{"kind":"no_receipt","run":"00ff"}]}"#;
        assert_eq!(shown(json, reconciled).len(), 4);
        let answer = Document::written(json);
        let failure = consistent(answer.view(), true, VOICE).unwrap_err();
        assert_eq!(failure.code(), "NOT_RECONCILED");
        let none = r#"{"releases":2,"records":2,"findings":[]}"#;
        assert_eq!(shown(none, reconciled).len(), 2);
        let answer = Document::written(none);
        assert!(consistent(answer.view(), true, VOICE).is_ok());
    }

    #[test]
    fn a_training_is_traced_with_each_of_its_records() {
        let json = r#"{"run":"00ff","holder":"tax","model":"m@1","records":[
            {"seq":7,"time":1700000000123,"change":"uploaded"},
            {"seq":9,"time":1700000000123,"change":"not_completed"}]}"#;
        let lines = shown(json, traced);
        assert_eq!(lines.len(), 10 + 3);
        assert!(lines[11].contains('7') && lines[11].contains("uploaded"), "{lines:?}");
        assert!(lines[12].contains("broken off"), "{lines:?}");
    }

    #[test]
    fn alarms_are_listed_below_the_checkpoints_each_with_its_sentence() {
        let json = r#"{"deposits":[{"party":"tax","size":9,"kept":"2026-03-05T10:00:00.000Z"}],
            "alarms":[{"party":"tax","code":"LOG_FORKED","times":2,"en":"another past","zh":"不一致"}]}"#;
        let lines = shown(json, kept);
        assert!(lines.iter().any(|line| line.contains("tax") && line.contains('9')), "{lines:?}");
        let alarm = lines.iter().find(|line| line.contains("LOG_FORKED")).unwrap();
        assert!(alarm.contains("another past") && !alarm.contains("不一致"), "{alarm}");
    }

    #[test]
    fn an_answer_without_members_is_shown_with_dashes() {
        for (lines, expected) in
            [(verified as Lines, 4), (proven, 5), (traced, 10), (reconciled, 2), (deposited, 3)]
        {
            let lines = shown("{}", lines);
            assert_eq!(lines.len(), expected);
            assert!(lines.iter().all(|line| line.ends_with('-')), "{lines:?}");
        }
    }
}
