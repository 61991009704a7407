//! Each question against each type of field: what is permitted, written out once more.

use catalogue::formula::Mistyped;
use catalogue::{Ask, Caller, Catalogue, FieldType, Need, Profile, Question, Request, decide};
use domain::{Output, Purpose};

use crate::support::{TODAY, of_every_type, typed, typed_by};

/// The questions of each type, by their codes.
const PERMITTED: &[(&str, &[&str])] = &[
    ("name", &["match"]),
    ("uscc", &["match"]),
    ("idno", &["match"]),
    ("phone", &[]),
    ("string", &["match"]),
    ("record", &["match"]),
    ("text", &[]),
    ("list", &[]),
    ("file", &[]),
    ("bool", &["is_true"]),
    ("enum", &["equals", "at_least_grade"]),
    ("band", &["band_id"]),
    ("money", &["at_least", "at_most", "in_band", "near"]),
    ("int", &["at_least", "at_most", "in_band", "near"]),
    ("decimal", &["at_least", "at_most", "in_band", "near"]),
    ("percent", &["at_least", "at_most", "in_band", "near"]),
    ("date", &["before", "after", "within_months"]),
    ("month", &["before", "after", "within_months"]),
    ("year", &["before", "after", "within_months"]),
];

/// Ways to ask each question about a field.
const ASKED: &[(&str, &[&str])] = &[
    ("is_true", &["F", "not F"]),
    ("at_least", &["F >= LOW", "F < HIGH"]),
    ("at_most", &["F <= LOW", "F > HIGH"]),
    ("in_band", &["F between LOW and HIGH"]),
    ("near", &["F within 5 % of 480000", "F within 20 % of 0.5"]),
    ("band_id", &["F = \"A\""]),
    ("before", &["F before 2026-01-01", "F before today - 12 months"]),
    ("after", &["F after 2025-12-31", "F after today + 30 days"]),
    ("within_months", &["F within 12 months"]),
    ("equals", &["F = \"A\"", "F in {\"A\", \"B\"}"]),
    ("at_least_grade", &["F >= \"B\"", "F < \"B\""]),
    (
        "match",
        &["match(F = \"示例\", 200.OTHER = \"1\")", "match(200.OTHER = \"1\", F = \"示例\")"],
    ),
];

#[test]
fn each_type_is_asked_what_the_policy_permits_and_nothing_else() {
    let catalogue = of_every_type();
    assert_eq!(PERMITTED.len(), FieldType::ALL.len());
    assert_eq!(ASKED.len(), Question::ALL.len());
    let (mut yes, mut no) = (0, 0);
    for (code, permitted) in PERMITTED {
        let field_type: FieldType = code.parse().unwrap();
        let name = format!("200.f_{code}");
        let (_, entry) = catalogue.lookup(&name.parse().unwrap()).unwrap();
        let bound = |place: usize| entry.grid().get(place).map_or("10".into(), ToString::to_string);
        let other = if *code == "string" { "f_name" } else { "f_string" };
        for (question, ways) in ASKED {
            let asked: Question = question.parse().unwrap();
            for way in *ways {
                let text = way
                    .replace("LOW", &bound(1))
                    .replace("HIGH", &bound(3))
                    .replace("OTHER", other)
                    .replace('F', &name);
                // `=` asks which band of a band, and which category of anything else.
                let (is_equality, is_band) =
                    (text.contains(" = \"A\"") || text.contains(" in {"), *code == "band");
                let asked = match (is_equality, is_band) {
                    (true, true) => Question::BandId,
                    (true, false) => Question::Equals,
                    (false, _) => asked,
                };
                match typed_by(&catalogue, &text) {
                    Ok(typed) => {
                        assert!(permitted.contains(&asked.code()), "{text}");
                        assert_eq!(typed.atoms()[0].question(), asked, "{text}");
                        assert_eq!(typed_by(&catalogue, &typed.to_string()), Ok(typed));
                        yes += 1;
                    }
                    Err(mistake) => {
                        assert!(!permitted.contains(&asked.code()), "{text}: {mistake}");
                        assert_eq!(
                            mistake.what,
                            Mistyped::Question { field_type, asked },
                            "{text}"
                        );
                        assert!(text[mistake.at.clone()].contains(&name), "{text}");
                        no += 1;
                    }
                }
            }
        }
    }
    assert!(yes > 50 && no > 200, "{yes} permitted, {no} refused");
}

#[test]
fn modes_are_for_the_decision_on_the_fields_of_a_formula() {
    let need = |text: &str, profile: &str| {
        let fields = typed(text).fields();
        let ask = Ask {
            request: Request::Output(Output::Verify),
            fields: &fields,
            purpose: Some(Purpose::PreLoan),
            caller: Caller::Admitted,
            today: TODAY,
            publicity: &[],
        };
        decide(Catalogue::jiangsu(), Profile::built_in(profile).unwrap(), &ask)
            .map(|leave| leave.need)
    };
    let firm = "10.total_wages_cny >= 500000 and 1.vat_paid_12m_cny > 0";
    assert_eq!(need(firm, "strictest"), Ok(Need::Subject));
    let person = "match(29.person_name = \"示例\", 29.id_no = \"1\") and 1.vat_paid_12m_cny > 0";
    assert_eq!(need(person, "strictest"), Ok(Need::SubjectAndPerson));
    // Court data follows the profile.
    assert_eq!(need("7.hearing_date within 12 months", "jiangsu"), Ok(Need::Purpose));
    assert_eq!(need("7.hearing_date within 12 months", "strictest"), Ok(Need::Subject));
}

#[test]
fn only_numbers_are_sealed() {
    let catalogue = of_every_type();
    for field_type in FieldType::ALL {
        for way in ["F >= sealed", "F < sealed", "F within 10 % of sealed"] {
            let text = way.replace('F', &format!("200.f_{field_type}"));
            match typed_by(&catalogue, &text) {
                Ok(typed) => {
                    assert!(field_type.is_numeric(), "{text}");
                    assert_eq!((typed.sealed(), typed.atoms()[0].slot()), (1, Some(0)));
                }
                Err(mistake) => {
                    assert!(!field_type.is_numeric(), "{text}");
                    assert_eq!(mistake.what, Mistyped::Sealed(*field_type));
                    assert_eq!(&text[mistake.at], "sealed");
                }
            }
        }
    }
}
