//! Fourteen cases under four profiles and the default: what the documents say, and what is done.

use catalogue::{Case, Effect, Need, Profile, Refused, Request, Verdict, decide};
use domain::{Output, Refusal};

use crate::support::{ask, field, with_public_fields};

/// The columns of the two tables.
const COLUMNS: [&str; 5] = ["national", "jiangsu", "nanjing", "qinghai", "strictest"];

/// What the documents say: A allow, D deny, P project approval, n silent, A? arguable.
#[rustfmt::skip]
const PRINTED: [(Case, [&str; 5]); 14] = [
    (Case::PublicInformation,                  ["A",  "A", "A", "A",  "A"]),
    (Case::RawWithoutAuthorisation,            ["D",  "D", "D", "D",  "D"]),
    (Case::RawWithAuthorisation,               ["A",  "A", "A", "A",  "D"]),
    (Case::NodeToPlatformWithoutAuthorisation, ["n",  "D", "n", "n",  "D"]),
    (Case::TrainingWithoutAuthorisation,       ["P",  "P", "P", "P",  "D"]),
    (Case::ScoreWithoutAuthorisation,          ["A?", "D", "D", "A?", "D"]),
    (Case::ScoreWithAuthorisation,             ["A",  "A", "A", "A",  "A"]),
    (Case::VerificationWithoutAuthorisation,   ["D",  "D", "D", "D",  "D"]),
    (Case::VerificationWithAuthorisation,      ["A",  "A", "A", "A",  "A"]),
    (Case::CourtWithoutAuthorisation,          ["n",  "A", "D", "n",  "D"]),
    (Case::BatchPush,                          ["A",  "A", "A", "n",  "A"]),
    (Case::DisplayWithoutAuthorisation,        ["n",  "D", "D", "n",  "D"]),
    (Case::Aggregate,                          ["A",  "A", "A", "A",  "A"]),
    (Case::OutsideFinancing,                   ["D",  "D", "D", "n",  "D"]),
];

/// What the toolkit does about it: A, D and P as above, O for public information only.
#[rustfmt::skip]
const DONE: [(Case, [&str; 5]); 14] = [
    (Case::PublicInformation,                  ["A", "A", "A", "A", "A"]),
    (Case::RawWithoutAuthorisation,            ["D", "D", "D", "D", "D"]),
    (Case::RawWithAuthorisation,               ["D", "D", "D", "D", "D"]),
    (Case::NodeToPlatformWithoutAuthorisation, ["D", "D", "D", "D", "D"]),
    (Case::TrainingWithoutAuthorisation,       ["P", "P", "P", "P", "D"]),
    (Case::ScoreWithoutAuthorisation,          ["D", "D", "D", "D", "D"]),
    (Case::ScoreWithAuthorisation,             ["A", "A", "A", "A", "A"]),
    (Case::VerificationWithoutAuthorisation,   ["D", "D", "D", "D", "D"]),
    (Case::VerificationWithAuthorisation,      ["A", "A", "A", "A", "A"]),
    (Case::CourtWithoutAuthorisation,          ["D", "A", "D", "D", "D"]),
    (Case::BatchPush,                          ["O", "O", "O", "O", "O"]),
    (Case::DisplayWithoutAuthorisation,        ["D", "D", "D", "D", "D"]),
    (Case::Aggregate,                          ["A", "A", "A", "A", "A"]),
    (Case::OutsideFinancing,                   ["D", "D", "D", "D", "D"]),
];

/// The article that each cell names, or the default's where the text leaves it open.
#[rustfmt::skip]
const ARTICLES: [(Case, [&str; 5]); 14] = [
    (Case::PublicInformation,                  ["L35", "第八条", "(七)", "措施4", "L35"]),
    (Case::RawWithoutAuthorisation,            ["L37", "第十四条", "(十五)", "措施4", "(十五)"]),
    (Case::RawWithAuthorisation,               ["L37", "第十四条", "(十五)", "措施4", "可用不可见"]),
    (Case::NodeToPlatformWithoutAuthorisation, ["第十四条", "第十四条", "第十四条", "第十四条", "第十四条"]),
    (Case::TrainingWithoutAuthorisation,       ["L37", "第九条、第十四条", "(十一)", "措施4", "第十四条"]),
    (Case::ScoreWithoutAuthorisation,          ["L37", "第十四条", "(十五)", "措施4", "(十五)"]),
    (Case::ScoreWithAuthorisation,             ["L37", "第十四条", "(十五)", "措施4", "L37"]),
    (Case::VerificationWithoutAuthorisation,   ["L37", "附件", "(十五)", "措施4", "(十五)"]),
    (Case::VerificationWithAuthorisation,      ["L37", "附件", "(十五)", "措施4", "L37"]),
    (Case::CourtWithoutAuthorisation,          ["(十五)", "附件", "(十五)", "(十五)", "(十五)"]),
    (Case::BatchPush,                          ["L35", "第八条", "(七)", "(七)", "(七)"]),
    (Case::DisplayWithoutAuthorisation,        ["第八条", "第八条", "(七)", "第八条", "第八条"]),
    (Case::Aggregate,                          ["L69", "第十五条", "(十六)", "措施21", "L69"]),
    (Case::OutsideFinancing,                   ["L75", "第十五条", "(十六)", "L75", "L75"]),
];

fn cells<'a>(
    table: &'a [(Case, [&'a str; 5]); 14],
) -> impl Iterator<Item = (&'static Profile, Case, &'a str)> {
    table.iter().flat_map(|(case, row)| {
        let profile = |name| Profile::built_in(name).unwrap();
        COLUMNS.iter().zip(row).map(move |(name, cell)| (profile(name), *case, *cell))
    })
}

#[test]
fn the_documents_say_what_the_matrix_prints() {
    for (profile, case, sign) in cells(&PRINTED) {
        let verdict = profile.position(case).verdict;
        assert_eq!(verdict.sign(), sign, "{} {case}", profile.name());
    }
    for (name, public) in [("national", true), ("jiangsu", false), ("nanjing", true)] {
        let verdict = Profile::built_in(name).unwrap().position(Case::BatchPush).verdict;
        assert_eq!(verdict == Verdict::AllowPublic, public, "{name}");
    }
}

#[test]
fn the_toolkit_does_what_the_documents_allow_and_it_can() {
    for (profile, case, sign) in cells(&DONE) {
        let done = match profile.effect(case) {
            Effect::Deny => "D",
            Effect::Project => "P",
            Effect::AllowPublic => "O",
            Effect::Allow => "A",
        };
        assert_eq!(done, sign, "{} {case}", profile.name());
        match profile.ruling(case) {
            Ok(allowed) => {
                assert_ne!(sign, "D");
                assert_eq!(allowed.need == Need::Project, sign == "P", "{case}");
            }
            Err(refused) => {
                assert_eq!((sign, refused.refusal), ("D", Refusal::ProfileDenies));
            }
        }
    }
}

#[test]
fn every_cell_cites_its_article_in_both_languages() {
    for (profile, case, article) in cells(&ARTICLES) {
        let citation = match profile.ruling(case) {
            Ok(allowed) => allowed.citation,
            Err(refused) => refused.citation,
        };
        let cell = format!("{} {case}: {}", profile.name(), citation.article);
        assert!(citation.article.contains(article), "{cell}");
        assert!(!citation.zh.is_ascii() && !citation.en.is_empty(), "{cell}");
    }
}

#[test]
fn where_the_toolkit_does_less_than_the_text_it_cites_both() {
    for name in ["national", "jiangsu", "nanjing", "qinghai"] {
        let profile = Profile::built_in(name).unwrap();
        let position = profile.position(Case::RawWithAuthorisation);
        assert_eq!((position.verdict, position.effect), (Verdict::Allow, Effect::Deny));
        let citation = position.citation();
        assert!(citation.article.starts_with(profile.document()), "{}", citation.article);
        assert!(citation.article.ends_with("Tacit 可用不可见"), "{}", citation.article);
        assert!(citation.en.contains("a value never leaves its holder"));
    }
}

/// The matrix again, through the request that a running party makes.
#[test]
fn a_request_of_each_case_is_ruled_as_the_profile_does_it() {
    let catalogue = with_public_fields();
    let [tax, court, public, unlisted] =
        ["1.vat_paid_12m_cny", "7.case_no", "4.tax_credit_grade", "4.rating_year"]
            .map(|text| [field(text)]);
    for (profile, case, done) in cells(&DONE) {
        let rule = |request, fields| decide(&catalogue, profile, &ask(request, fields));
        let need = |request, fields| rule(request, fields).unwrap().need;
        let denied = |refused: Refused| refused.refusal;
        let cell = format!("{} {case}", profile.name());
        match case {
            Case::PublicInformation => {
                assert_eq!(need(Request::PublicReport, &public), Need::Nothing, "{cell}");
            }
            // There is no request for raw detail. What comes nearest is a report of it.
            Case::RawWithoutAuthorisation
            | Case::RawWithAuthorisation
            | Case::NodeToPlatformWithoutAuthorisation => {
                let refused = rule(Request::PublicReport, &tax).map_err(denied);
                assert_eq!(refused, Err(Refusal::NotPublic), "{cell}");
            }
            Case::TrainingWithoutAuthorisation => {
                let expected = if done == "P" { Need::Project } else { Need::Subject };
                assert_eq!(need(Request::Output(Output::Train), &tax), expected, "{cell}");
            }
            Case::ScoreWithoutAuthorisation | Case::ScoreWithAuthorisation => {
                assert_eq!(need(Request::Output(Output::Score), &tax), Need::Subject, "{cell}");
            }
            Case::VerificationWithoutAuthorisation | Case::VerificationWithAuthorisation => {
                assert_eq!(need(Request::Output(Output::Verify), &tax), Need::Subject, "{cell}");
            }
            Case::CourtWithoutAuthorisation => {
                let expected = if done == "A" { Need::Purpose } else { Need::Subject };
                assert_eq!(need(Request::Output(Output::Verify), &court), expected, "{cell}");
            }
            Case::BatchPush => {
                assert_eq!(need(Request::BatchPush, &public), Need::Nothing, "{cell}");
                let refused = rule(Request::BatchPush, &unlisted).map_err(denied);
                assert_eq!(refused, Err(Refusal::NotPublic), "{cell}");
            }
            Case::DisplayWithoutAuthorisation => {
                assert_eq!(
                    need(Request::Output(Output::Display), &public),
                    Need::Subject,
                    "{cell}"
                );
            }
            Case::Aggregate => {
                let enough = Request::Aggregate { cohort: 10 };
                assert_eq!(need(enough, &tax), Need::Purpose, "{cell}");
                let few = rule(Request::Aggregate { cohort: 9 }, &tax).map_err(denied);
                assert_eq!(few, Err(Refusal::CohortTooSmall), "{cell}");
            }
            Case::OutsideFinancing => {
                let mut aimless = ask(Request::Output(Output::Score), &tax);
                aimless.purpose = None;
                let refused = decide(&catalogue, profile, &aimless).unwrap_err();
                assert_eq!(refused.refusal, Refusal::ProfileDenies, "{cell}");
                let position = profile.position(case).citation();
                assert_eq!(refused.citation, position, "{cell}");
            }
        }
    }
}
