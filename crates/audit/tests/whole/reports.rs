//! What a log tells: traces, counts of use, a subject's own report, and what does not add up.

use std::collections::BTreeSet;

use audit::{
    AuthorisationChange, Event, Finding, LegalBasis, Moment, Proof, Receipt, Sent, reconcile,
    self_report, trace, usage,
};
use domain::{ClassId, Output, Purpose, Refusal, RunId};
use time::Duration;

use crate::story::{
    Ledger, NOW, Story, asked, digest, fields, firm, party, person, pseudonym, used,
};

fn moment(after: Duration) -> Moment {
    Moment::new(NOW + after).unwrap()
}

fn sent(run: u8, proof: &Proof) -> Sent {
    Sent { run: RunId::from_bytes([run; 16]), receipt: Some(Receipt::id(&proof.receipt).unwrap()) }
}

/// A story of another run, at another time.
fn run(number: u8, after: Duration, edit: impl FnOnce(&mut Story)) -> Story {
    let mut story = Story::on(LegalBasis::Public);
    story.release.asked.run = RunId::from_bytes([number; 16]);
    story.time = NOW + after;
    edit(&mut story);
    story
}

#[test]
fn a_result_is_traced_from_its_receipt_to_source_and_receiver() {
    let mut ledger = Ledger::of("tax");
    Story::on(LegalBasis::Public).proof(&mut ledger);
    let story = Story::verification();
    let proof = story.proof(&mut ledger);
    let id = Receipt::id(&proof.receipt).unwrap();
    let found = trace(&ledger.records, &id).unwrap();
    assert_eq!((found.sequence, found.holder.as_str()), (8, "tax"));
    let released = Receipt::unverified(&proof.receipt).unwrap().release;
    assert_eq!((found.time, found.release), (moment(Duration::ZERO), released));
    assert_eq!(trace(&ledger.records, &digest(1)), None);
}

#[test]
fn use_is_counted_by_classes_institution_purpose_and_output_and_adds_up() {
    let mut ledger = Ledger::of("tax");
    let hour = Duration::hours;
    for (number, after, institution, names, purpose) in [
        (1, hour(0), "bank-a", &["1.a", "2.b"][..], Purpose::PreLoan),
        (2, hour(1), "bank-a", &["1.c", "2.d"], Purpose::PreLoan),
        (3, hour(2), "bank-b", &["1.a"], Purpose::PreLoan),
        (4, hour(3), "bank-a", &["2.b"], Purpose::PostLoan),
        (5, hour(4), "bank-a", &["1.a", "2.b"], Purpose::PreLoan),
    ] {
        let story = run(number, after, |story| {
            story.release.asked.receiver = party(institution);
            story.release.asked.fields = fields(names);
            story.release.asked.purpose = purpose;
        });
        story.proof(&mut ledger);
    }
    // What was begun or refused is no use.
    let asked = asked(6);
    let refusal = Refusal::QueryBudget;
    ledger.write(NOW, Event::Refused { refusal, asked, subject: None, operator: None });
    ledger.write(NOW, Event::ReleaseBegun(used(Story::on(LegalBasis::Public).release, 2)));

    let period = moment(hour(0))..moment(hour(4));
    let report = usage(&ledger.records, period.clone());
    assert_eq!((report.released, report.period.clone()), (4, period));
    assert_eq!(report.counts.values().sum::<u64>(), report.released);
    let lines = report.counts.iter().map(|(used, count)| {
        let classes: Vec<_> = used.classes.iter().map(|class| class.number()).collect();
        assert_eq!(used.output, Output::Verify);
        (classes, used.institution.as_str(), used.purpose, *count)
    });
    let expected: BTreeSet<_> = [
        (vec![1, 2], "bank-a", Purpose::PreLoan, 2),
        (vec![1], "bank-b", Purpose::PreLoan, 1),
        (vec![2], "bank-a", Purpose::PostLoan, 1),
    ]
    .into();
    assert_eq!(lines.collect::<BTreeSet<_>>(), expected);
    let of_class = |number| report.of_class(ClassId::new(number).unwrap());
    assert_eq!((of_class(1), of_class(2), of_class(3)), (3, 3, 0));
    let all = usage(&ledger.records, moment(hour(0))..moment(hour(5)));
    assert_eq!(all.released, 5);
}

#[test]
fn a_subject_is_told_everything_about_itself_and_nothing_about_others() {
    let mut ledger = Ledger::of("tax");
    let (me, other) = (pseudonym(&firm()), pseudonym(&person()));
    Story::verification().proof(&mut ledger);
    for subject in [me, other] {
        let (asked, operator) = (asked(2), None);
        let refusal = Refusal::AuthRevoked;
        ledger.write(NOW, Event::Refused { refusal, asked, subject: Some(subject), operator });
        ledger.write(
            NOW,
            Event::Authorisation {
                change: AuthorisationChange::Revoked,
                id: "AU-2026-000123".parse().unwrap(),
                version: 1,
                record: digest(1),
                subject,
            },
        );
        let (begun, run) = (digest(2), RunId::from_bytes([3; 16]));
        ledger.write(NOW, Event::ReleaseNotCompleted { begun, run, subject: Some(subject) });
        ledger.write(NOW, Event::SelfReport { subject, lines: 1 });
    }
    let report = self_report(&ledger.records, me);
    let sequences = |records: &[&audit::Record]| {
        records.iter().map(|record| record.sequence).collect::<Vec<_>>()
    };
    assert_eq!(sequences(&report.accesses), [1, 3, 5, 7]);
    assert_eq!(sequences(&report.authorisations), [6]);
    assert_eq!(sequences(&report.reports), [8]);
    // Equal to the log, filtered by the subject.
    let text = me.to_string();
    let about_me = ledger
        .records
        .iter()
        .filter(|logged| String::from_utf8_lossy(logged.bytes()).contains(&text));
    assert_eq!(report.lines(), about_me.count());
}

#[test]
fn what_was_sent_and_recorded_as_it_should_be_adds_up() {
    let mut ledger = Ledger::of("tax");
    let proofs = [1, 2, 3].map(|number| {
        let proof = run(number, Duration::ZERO, |_| {}).proof(&mut ledger);
        sent(number, &proof)
    });
    assert_eq!(reconcile(proofs, &ledger.records), []);
}

#[test]
fn everything_that_does_not_add_up_is_found() {
    let mut ledger = Ledger::of("tax");
    let id = RunId::from_bytes;
    let honest = sent(1, &run(1, Duration::ZERO, |_| {}).proof(&mut ledger));
    let unsent = sent(2, &run(2, Duration::ZERO, |_| {}).proof(&mut ledger));
    // Begun, and then the machine stopped; one of two is closed afterwards.
    let begin = |ledger: &mut Ledger, number| {
        let story = run(number, Duration::ZERO, |_| {});
        ledger.write(NOW, Event::ReleaseBegun(used(story.release, 2))).leaf()
    };
    begin(&mut ledger, 3);
    let begun = begin(&mut ledger, 4);
    let close = Event::ReleaseNotCompleted { begun, run: id([4; 16]), subject: None };
    ledger.write(NOW, close.clone());
    // Closed again, and recorded again.
    ledger.write(NOW, close);
    let again = ledger.records[3].record().event.clone();
    assert!(matches!(again, Event::Released(_)));
    ledger.write(NOW, again);

    let stranger = Sent { run: id([5; 16]), receipt: Some(digest(5)) };
    // A result that leaves under the receipt of another run.
    let borrowed = Sent { run: id([6; 16]), ..honest };
    let bare = Sent { run: id([7; 16]), receipt: None };
    let findings = reconcile([bare, honest, stranger, honest, borrowed], &ledger.records);
    let (first, second) = (honest.receipt.unwrap(), unsent.receipt.unwrap());
    assert_eq!(
        findings,
        [
            Finding::NoReceipt { run: id([7; 16]) },
            Finding::NoRecord { run: id([5; 16]), receipt: digest(5) },
            Finding::SharedReceipt { receipt: first },
            Finding::NoRecord { run: id([6; 16]), receipt: first },
            Finding::NoRelease { sequence: 8, receipt: second },
            Finding::NeverClosed { sequence: 10, run: id([3; 16]) },
            Finding::NeverBegun { sequence: 13 },
            Finding::NeverBegun { sequence: 14 },
            Finding::SharedRecord { sequence: 14, receipt: first },
        ]
    );
}
