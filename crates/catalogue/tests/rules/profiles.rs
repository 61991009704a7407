//! Profiles that do not load, and the hash of those that do.

use std::collections::BTreeSet;

use catalogue::{Case, Effect, Error, MAX_PROFILE, Profile, Verdict};

const NATIONAL: &str = include_str!("../../data/profiles/national.toml");
const JIANGSU: &str = include_str!("../../data/profiles/jiangsu.toml");

fn edited(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in the document");
    text.replacen(from, to, 1)
}

/// The case that the error of a profile names, and what it says.
fn refused(text: &str) -> (Case, String) {
    match Profile::from_toml(text) {
        Err(Error::Case { case, problem }) => (case, problem),
        other => panic!("{other:?}"),
    }
}

/// The document without one `[case.because]` table and the effect above it.
fn literal(text: &str, case: Case) -> String {
    let (before, rest) = text.split_once(&format!("case = \"{case}\"")).unwrap();
    let end = rest.find("\n[[case]]").unwrap_or(rest.len());
    let (own, after) = rest.split_at(end);
    let kept = own.split("effect = ").next().unwrap();
    assert_ne!(kept, own, "{case} has no effect of its own");
    format!("{before}case = \"{case}\"{kept}{after}")
}

#[test]
fn the_default_is_the_strictest_and_each_profile_has_its_own_hash() {
    assert_eq!(Profile::default(), *Profile::strictest());
    assert_eq!(Profile::built_in("beijing"), None);
    let hashes: BTreeSet<_> =
        Profile::BUILT_IN.iter().map(|name| Profile::built_in(name).unwrap().hash()).collect();
    assert_eq!(hashes.len(), 5);
    for name in Profile::BUILT_IN {
        let profile = Profile::built_in(name).unwrap();
        assert_eq!((profile.name(), profile.minimum_cohort()), (name, 10));
        for case in Case::ALL {
            let strictest = Profile::strictest().effect(*case);
            let local = (name, *case) == ("jiangsu", Case::CourtWithoutAuthorisation)
                || *case == Case::TrainingWithoutAuthorisation;
            assert!(local || profile.effect(*case) == strictest, "{name} {case}");
            assert!(profile.effect(*case) >= strictest, "{name} {case}");
        }
    }
}

#[test]
fn a_profile_that_would_let_raw_detail_out_does_not_load() {
    let (case, problem) = refused(&literal(NATIONAL, Case::RawWithAuthorisation));
    assert_eq!(case, Case::RawWithAuthorisation);
    assert!(problem.contains("does not have the effect `allow`"), "{problem}");
    let without = "case = \"raw_without_authorisation\"\nverdict = \"deny\"";
    let allowed = edited(NATIONAL, without, &without.replace("deny", "allow"));
    assert_eq!(refused(&allowed).0, Case::RawWithoutAuthorisation);
    for effect in ["allow", "allow_public", "project"] {
        let stated = edited(NATIONAL, "effect = \"deny\"", &format!("effect = \"{effect}\""));
        assert_eq!(refused(&stated).0, Case::RawWithAuthorisation, "{effect}");
    }
}

#[test]
fn no_profile_answers_about_a_subject_without_its_authorisation() {
    for case in [
        Case::ScoreWithoutAuthorisation,
        Case::VerificationWithoutAuthorisation,
        Case::DisplayWithoutAuthorisation,
        Case::OutsideFinancing,
    ] {
        let stated = format!("case = \"{case}\"\nverdict = \"deny\"");
        let allowed = edited(JIANGSU, &stated, &stated.replace("deny", "allow"));
        assert_eq!(refused(&allowed).0, case);
        let project = edited(JIANGSU, &stated, &stated.replace("deny", "project"));
        assert_eq!(refused(&project).0, case);
    }
    let training = "case = \"training_without_authorisation\"\nverdict = \"project\"";
    let allowed = edited(JIANGSU, training, &training.replace("project", "allow"));
    assert_eq!(refused(&allowed).0, Case::TrainingWithoutAuthorisation);
    assert_eq!(refused(&literal(JIANGSU, Case::BatchPush)).0, Case::BatchPush);
}

#[test]
fn an_effect_is_never_looser_than_the_text() {
    let court = "case = \"verification_without_authorisation\"\nverdict = \"deny\"\n";
    let because = "[case.because]\narticle = \"a\"\nzh = \"b\"\nen = \"c\"\n";
    let (before, rest) = JIANGSU.split_once(court).unwrap();
    let (own, after) = rest.split_once("\n\n").unwrap();
    let looser = format!("{before}{court}{own}\neffect = \"allow\"\n{because}\n{after}");
    let (case, problem) = refused(&looser);
    assert_eq!(case, Case::VerificationWithoutAuthorisation);
    assert!(problem.contains("looser"), "{problem}");
}

#[test]
fn a_stricter_effect_is_taken_with_its_reason_and_not_without() {
    let court = "case = \"court_without_authorisation\"\nverdict = \"allow\"\n";
    let (before, rest) = JIANGSU.split_once(court).unwrap();
    let (own, after) = rest.split_once("\n\n").unwrap();
    let because = "\n[case.because]\narticle = \"市规定\"\nzh = \"更严\"\nen = \"stricter here\"\n";
    let stricter = |because| format!("{before}{court}{own}\neffect = \"deny\"\n{because}\n{after}");
    let profile = Profile::from_toml(&stricter(because)).unwrap();
    let position = profile.position(Case::CourtWithoutAuthorisation);
    assert_eq!((position.verdict, position.effect), (Verdict::Allow, Effect::Deny));
    assert!(position.citation().article.ends_with("; 市规定"));
    assert!(refused(&stricter("")).1.contains("because"));
}

#[test]
fn every_case_has_one_position() {
    let (before, _) = NATIONAL.rsplit_once("[[case]]").unwrap();
    assert_eq!(refused(before).0, Case::OutsideFinancing);
    let again = format!("{NATIONAL}\n[[case]]\ncase = \"aggregate\"\nverdict = \"silent\"\n");
    assert!(refused(&again).1.contains("twice"));
    let unsaid = edited(NATIONAL, "article = ", "# ");
    assert!(refused(&unsaid).1.contains("`article`"));
    let silent = "case = \"batch_push\"\nverdict = \"allow_public\"";
    let open = edited(NATIONAL, silent, &silent.replace("allow_public", "silent"));
    let profile = Profile::from_toml(&open).unwrap();
    assert_eq!(profile.effect(Case::BatchPush), Effect::AllowPublic, "the default's");
}

#[test]
fn structure_that_does_not_hold_does_not_load() {
    for (from, to, expected) in [
        ("minimum_cohort = 10", "minimum_cohort = 9", "at least 10"),
        ("schema = 1", "schema = 2", "schema = 1"),
        ("\"national\"", "\"National\"", "`profile`"),
        ("\"aggregate\"", "\"sum\"", "`sum` is not"),
        ("\"silent\"", "\"quiet\"", "`quiet` is not"),
        ("profile = ", "raw = true\nprofile = ", "raw"),
    ] {
        let error = Profile::from_toml(&edited(NATIONAL, from, to)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let long = format!("{NATIONAL}#{}", " ".repeat(MAX_PROFILE));
    assert!(matches!(Profile::from_toml(&long), Err(Error::Oversized { .. })));
}

#[test]
fn the_hash_goes_over_what_is_said_and_not_over_how() {
    let national = Profile::built_in("national").unwrap();
    let commented = Profile::from_toml(&format!("# Again.\n{NATIONAL}")).unwrap();
    assert_eq!(commented, *national);
    for (from, to) in [
        ("\"national\"", "\"nation\""),
        ("document = \"", "document = \"新"),
        ("minimum_cohort = 10", "minimum_cohort = 20"),
        ("L35\"", "L36\""),
        ("zh = \"「", "zh = \"新「"),
        ("en = \"p", "en = \"P"),
        ("verdict = \"arguable\"", "verdict = \"deny\""),
        ("原始值不出域", "原始值一律不出域"),
    ] {
        let changed = Profile::from_toml(&edited(NATIONAL, from, to)).unwrap();
        assert_ne!(changed.hash(), national.hash(), "{from}");
    }
}
