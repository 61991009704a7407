use domain::{CheckMode, Digest, Purpose, SubjectKind};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use time::macros::date;

use super::JobFile;
use crate::{Blame, Error, Job, Missing, Weights};

const LIST: Digest = Digest::from_bytes([1; 32]);

/// The shortest file that there is.
const SHORT: &str = r#"
job = "m@1"
purpose = "pre_loan"
valid_until = "2027-06-30"
computing = { department = "tax", platform = "platform", lender = "bank" }
rows = { file = "rows.csv", column = "id", kind = "opaque" }
label = { register = "loans", column = "bad", meaning = "" }
[[columns]]
party = "tax"
register = "t"
names = ["x"]
"#;

/// The line and the problem of a file that is refused.
fn refused(text: &str) -> (Option<usize>, String) {
    let error = JobFile::from_toml(text).unwrap_err();
    assert_eq!(error.blame(), Blame::Us);
    let Error::JobFile { line, problem } = error else { panic!("{error}") };
    (line, problem)
}

#[test]
fn the_sample_is_a_job() {
    let file = JobFile::from_toml(JobFile::SAMPLE).unwrap();
    let job = file.job(&"bank".parse().unwrap(), 1000, LIST).unwrap();
    assert_eq!(
        (job.id.to_string().as_str(), job.purpose),
        ("small-firms@1", Purpose::ProductDevelopment)
    );
    assert_eq!((job.rows.kind, job.rows.count, job.rows.list), (SubjectKind::Uscc, 1000, LIST));
    assert_eq!((job.rows.cover, job.valid_until), (Some(4), date!(2027 - 06 - 30)));
    assert_eq!(job.widths(), [2, 2]);
    assert_eq!(job.contributions[0].missing, Missing::Mean);
    assert_eq!(job.contributions[1].missing, Missing::Mean);
    assert_eq!(file.rows.file.to_str(), Some("customers.csv"));
    // A weight is shown in a comment; with it, the file is one still.
    let weighted = JobFile::SAMPLE.replace("# weight", "weight");
    let weighted = JobFile::from_toml(&weighted).unwrap();
    assert_eq!(weighted.label.weight.as_deref(), Some("amount"));
}

#[test]
fn what_may_be_left_out_is_as_in_the_sample() {
    let (short, sample) =
        (JobFile::from_toml(SHORT).unwrap(), JobFile::from_toml(JobFile::SAMPLE).unwrap());
    assert_eq!((short.training, short.outputs), (sample.training, sample.outputs));
    assert_eq!((short.rows.check, short.rows.cover), (CheckMode::Strict, None));
    let own = &short.contributions[0];
    assert_eq!((own.missing, own.absence), (Missing::Refuse, false));
    // Standard errors are not left out but impossible.
    let nobody = JobFile::from_toml(&format!("{SHORT}[outputs]\nweights = \"nobody\"\n")).unwrap();
    assert_eq!((nobody.outputs.weights, nobody.outputs.standard_errors), (Weights::Nobody, false));
    nobody.job(&"bank".parse().unwrap(), 1000, LIST).unwrap();
}

#[test]
fn an_error_names_the_line_and_what_to_write() {
    let ended = |end: &str| format!("{SHORT}{end}");
    for (text, line, said) in [
        (SHORT.replace("pre_loan", "marketing"), Some(3), "`product_development`"),
        (SHORT.replace("\"2027-06-30\"", "2027-06-30"), Some(4), "a date in quotes, like"),
        (SHORT.replace("2027-06-30", "2027-02-30"), Some(4), "a date in quotes, like"),
        (SHORT.replace("m@1", "m"), Some(2), "named with its version, like"),
        (SHORT.replace("\"tax\", platform", "\"Tax\", platform"), Some(5), "lower-case letters"),
        (SHORT.replace("opaque", "name"), Some(6), "expected one of `uscc`"),
        (SHORT.replace("\"opaque\" }", "\"opaque\", cover = 17 }"), Some(6), "from 1 to 16"),
        (SHORT.replace("names", "columns"), Some(11), "`names`"),
        (SHORT.replace("names = [\"x\"]", ""), Some(8), "missing field `names`"),
        (SHORT.replace("label =", "labels ="), Some(7), "`label`"),
        (ended("absence = 1"), Some(12), "expected a boolean"),
        (ended("missing = \"zero\""), Some(12), "`mean`"),
        (ended("[training]\n\nridge = 0.0000015"), Some(14), "from 0.0001 to 1 with at most six"),
        (ended("[training]\nnewton_steps = 2"), Some(13), "from 3 to 12"),
        (ended("[training]\nheld_out_percent = 30.0"), Some(13), "from 0 to 50"),
        (ended("[training]\nsteps = 3"), Some(13), "`newton_steps`"),
        (ended("[outputs]\nweights = \"tax\""), Some(13), "`nobody`"),
        (ended("[output]\n"), Some(12), "`outputs`"),
        (ended("job = "), Some(12), ""),
    ] {
        let (found, problem) = refused(&text);
        assert!(problem.contains(said), "{problem}: {said}");
        assert_eq!(found, line, "{problem}");
    }
}

#[test]
fn a_rule_that_is_broken_names_the_line_of_the_part() {
    let ended = |end: &str| format!("{SHORT}{end}");
    let lender = "[[columns]]\nparty = \"bank\"\nregister = \"loans\"\nnames = [\"bad\"]\n";
    for (text, line, said) in [
        (SHORT.replace("= \"platform\"", "= \"bank\""), Some(5), "three computing parties"),
        (SHORT.replace("\"bad\", meaning", "\"\", meaning"), Some(7), "named by 1 to 128"),
        (SHORT.replace("opaque", "uscc"), Some(7), "says what it means"),
        (
            SHORT.replace("opaque", "uscc").replace("meaning = \"\"", "meaning = \"m\""),
            Some(8),
            "fields of the catalogue, like",
        ),
        (SHORT.replace("[\"x\"]", "[\"x\", \"x\"]"), Some(8), "each column once"),
        (ended("absence = true"), Some(8), "goes with the mean"),
        (ended(lender), Some(12), "the label is not one of the columns"),
        (
            ended("[[columns]]\nparty = \"tax\"\nregister = \"u\"\nnames = [\"y\"]"),
            None,
            "in one contribution",
        ),
        (SHORT.replace("party = \"tax\"", "party = \"bank\""), None, "other than the lender"),
        (
            ended("[outputs]\nweights = \"nobody\"\nstandard_errors = true"),
            Some(14),
            "standard errors go with",
        ),
    ] {
        let (found, problem) = refused(&text);
        assert!(problem.contains(said), "{problem}: {said}");
        assert_eq!(found, line, "{problem}");
    }
    let nobody_else = &SHORT[..SHORT.find("[[columns]]").unwrap()];
    assert!(refused(nobody_else).1.contains("other than the lender"));
}

#[test]
fn the_message_says_where() {
    let error = JobFile::from_toml(&SHORT.replace("pre_loan", "marketing")).unwrap_err();
    let said = error.to_string();
    assert!(said.starts_with("the file of the training job cannot be used at line 3: "), "{said}");
    let error =
        JobFile::from_toml(&SHORT.replace("party = \"tax\"", "party = \"bank\"")).unwrap_err();
    let said = error.to_string();
    assert!(said.starts_with("the file of the training job cannot be used: a party"), "{said}");
}

#[test]
fn a_list_that_is_too_short_or_another_proposer_makes_no_job() {
    let file = JobFile::from_toml(SHORT).unwrap();
    let refused = |party: &str, count| {
        let error = file.job(&party.parse().unwrap(), count, LIST).unwrap_err();
        let Error::Rule { rule, .. } = error else { panic!("{error}") };
        rule
    };
    assert!(refused("bank", 570).contains("400 rows or more"));
    assert!(refused("bank", Job::MOST_ROWS + 1).contains("at most 2097152"));
    assert!(refused("tax", 1000).contains("its lender or its platform proposes it"));
}

proptest! {
    #[test]
    fn a_ridge_is_taken_if_and_only_if_it_is_a_whole_number_of_millionths(
        millionths in 100_u32..=1_000_000, tenth in 1_u32..10,
    ) {
        let with = |ridge: &str| {
            JobFile::from_toml(&format!("{SHORT}[training]\nridge = {ridge}\n"))
        };
        let (whole, rest) = (millionths / 1_000_000, millionths % 1_000_000);
        let file = with(&format!("{whole}.{rest:06}")).unwrap();
        prop_assert_eq!(file.training.ridge_millionths, millionths);
        let between = format!("{whole}.{rest:06}{tenth}");
        prop_assert!(with(&between).is_err());
    }

    #[test]
    fn a_file_of_anything_is_read_or_refused(text in "[ -~\n]{0,200}") {
        let _ = JobFile::from_toml(&text);
        let _ = JobFile::from_toml(&format!("{SHORT}{text}"));
    }
}

#[test]
fn a_scorecard_may_leave_everything_out_and_is_then_the_one_of_the_sample() {
    let card = |text: &str| {
        let file = JobFile::from_toml(&format!("{SHORT}{text}")).unwrap();
        assert_eq!(file.contributions[0].missing, Missing::Bin);
        let job = file.job(&"bank".parse().unwrap(), 1000, LIST).unwrap();
        job.scorecard.unwrap()
    };
    let bare = card("[scorecard]\n");
    let commented = JobFile::SAMPLE.lines().skip_while(|line| *line != "# [scorecard]");
    let commented = commented.take_while(|line| line.starts_with('#'));
    let keys: String =
        commented.map(|line| format!("{}\n", line.trim_start_matches("# "))).collect();
    let (keys, trends) = keys.split_once("[[scorecard.trends]]").unwrap();
    assert_eq!(card(keys.trim_end_matches("#\n")), bare);
    let one = trends.replace("1.vat_paid_12m_cny", "x");
    let one = card(&format!("[scorecard]\n[[scorecard.trends]]{one}"));
    assert_eq!(one.trends.len(), 1);
    assert_eq!(JobFile::from_toml(SHORT).unwrap().scorecard, None);
}

#[test]
fn what_does_not_go_with_a_scorecard_is_told_at_its_line() {
    let at = |text: &str| refused(&format!("{SHORT}{text}"));
    let (line, said) = at("[outputs]\nweights = 'nobody'\n[scorecard]\n");
    assert!(line.is_some() && said.contains("opens its weights to the lender"), "{said}");
    let (_, said) = at("missing = 'mean'\n[scorecard]\n");
    assert!(said.contains("a bin of their own"), "{said}");
    let (_, said) = at("missing = 'bin'\n");
    assert!(said.contains("goes with a scorecard"), "{said}");
    for wrong in ["prebins = 65", "pdo = 0.5", "trend = 'up'", "opens = 'nobody'", "colour = 1"] {
        at(&format!("[scorecard]\n{wrong}\n"));
    }
}
