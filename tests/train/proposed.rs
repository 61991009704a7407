//! A platform proposes a job, and the lender brings the rows that it is about.

use super::{as_brought, farthest, made_up, refused};
use crate::support::circle::{Circle, Job, Trained, id};
use crate::support::clear::exact;

#[test]
fn a_job_that_a_platform_proposes_is_trained_by_its_lender_once_all_have_accepted_it() {
    let table = made_up(900);
    let circle = Circle::running(&table);
    let job = Job::new("theirs@1");
    let file = circle.file(&job);
    let rows = circle.root.path().join("rows.csv");
    let rows = ["--rows", rows.to_str().expect("a plain path"), "--column", "id"];
    let Circle { bank, platform, tax, power, .. } = &circle;

    refused("a department's", &tax.tacit(&["train", &file]), &["its lender or its platform"]);
    let said = platform.tacit(&["train", &file]);
    refused("not yet", &said, &["JOB_NOT_COUNTERSIGNED", "bank", "tax", "power"]);
    let accept = |more: &[&str]| bank.tacit(&[&["train", "accept", &job.name][..], more].concat());
    refused("no rows", &accept(&[]), &["USAGE", "--rows FILE"]);
    let fewer: Vec<String> = (0..899).map(id).collect();
    circle.write_rows("fewer.csv", &fewer);
    let fewer = circle.root.path().join("fewer.csv");
    let fewer = ["--rows", fewer.to_str().expect("a plain path"), "--column", "id"];
    refused("other rows", &accept(&fewer), &["JOB_ROWS", "platform"]);
    let run = || bank.tacit(&["train", "run", &job.name, "--json"]);
    refused("not by us", &run(), &["JOB_NOT_COUNTERSIGNED", "this party"]);
    accept(&rows).done();
    refused("not by others", &run(), &["JOB_NOT_IN_FORCE"]);
    let named = [&["train", "accept", &job.name][..], &rows].concat();
    refused("rows of others", &power.tacit(&named), &["USAGE"]);
    for holder in [tax, power] {
        holder.tacit(&["train", "accept", &job.name]).done();
    }
    circle.nothing_is_kept();

    // Everybody has accepted it, and it is not the platform's to train.
    let told = platform.tacit(&["train", &file]).done();
    assert!(told.out.contains("tacit train run theirs@1"), "{}", told.out);
    let stranger = tax.tacit(&["train", "run", &job.name]);
    refused("not the lender", &stranger, &["JOB", "bank trains it"]);
    let trained = Trained(run().done().json());
    let expected = exact::fit(&as_brought(&table), None, 1e-3).weights;
    assert!(farthest(&trained.weights(), &expected) <= 1e-2, "{:?}", trained.weights());
    refused("twice", &run(), &["JOB_TRAINED"]);
    // The platform has handed out no rows, and keeps none.
    let kept = platform.dir.join("jobs").read_dir().map_or(0, Iterator::count);
    assert_eq!(kept, 0, "the platform keeps rows");
}

#[test]
fn a_platform_withdraws_its_job_and_its_lender_leaves_it() {
    let circle = Circle::running(&made_up(900));
    let Circle { bank, platform, .. } = &circle;
    let rows = circle.root.path().join("rows.csv");
    let rows = ["--rows", rows.to_str().expect("a plain path"), "--column", "id"];
    let propose = |name: &str| {
        let said = platform.tacit(&["train", &circle.file(&Job::new(name))]);
        refused(name, &said, &["JOB_NOT_COUNTERSIGNED"]);
        bank.tacit(&[&["train", "accept", name][..], &rows].concat()).done();
    };
    propose("left@1");
    bank.tacit(&["train", "refuse", "left@1", "--reason", "too few rows"]).done();
    let said = platform.tacit(&["train", &circle.file(&Job::new("left@1"))]);
    refused("left", &said, &["JOB_REFUSED", "too few rows"]);
    refused("left", &bank.tacit(&["train", "run", "left@1"]), &["JOB_NOT_COUNTERSIGNED"]);
    propose("over@1");
    platform.tacit(&["train", "withdraw", "over@1", "--reason", "another period"]).done();
    refused("over", &bank.tacit(&["train", "run", "over@1"]), &["JOB_NOT_COUNTERSIGNED"]);
}
