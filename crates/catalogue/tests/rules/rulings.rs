//! What a request needs, or why it cannot be made, field by field and day by day.

use catalogue::{
    Allowed, Ask, Caller, Catalogue, Need, Profile, Publicity, Refused, Request, decide,
};
use domain::{ClassId, Field, Output, Refusal};
use time::macros::date;

use crate::support::{TODAY, ask, class, field, profiles, window, with_public_fields};

fn output(output: Output) -> Request {
    Request::Output(output)
}

/// The ruling on one field of Jiangsu under a profile.
fn ruled(profile: &str, request: Request, of: &str) -> Result<Allowed, Refused> {
    let profile = Profile::built_in(profile).unwrap();
    decide(Catalogue::jiangsu(), profile, &ask(request, &[field(of)]))
}

fn need(profile: &str, request: Request, of: &str) -> Need {
    ruled(profile, request, of).unwrap().need
}

fn refusal(profile: &str, request: Request, of: &str) -> Refusal {
    let refused = ruled(profile, request, of).unwrap_err();
    assert_eq!(refused.field, Some(field(of)));
    refused.refusal
}

#[test]
fn class_10_works_by_field() {
    for profile in Profile::BUILT_IN {
        let paid = "10.month_paid_total_cny";
        assert_eq!(need(profile, output(Output::Verify), paid), Need::Subject);
        for weighing in [Output::Score, Output::Train, Output::Display] {
            assert_eq!(refusal(profile, output(weighing), paid), Refusal::ModeForbids);
        }
        let insured = "10.insured_count";
        assert_eq!(need(profile, output(Output::Score), insured), Need::Subject);
        assert_eq!(need(profile, output(Output::Verify), insured), Need::Subject);
    }
    let cited = ruled("strictest", output(Output::Verify), "10.month_paid_total_cny").unwrap();
    assert!(cited.citation.zh.contains("本月实缴金额合计(元)」:数据核验(经企业授权)"));
}

#[test]
fn real_estate_of_a_person_needs_the_enterprise_and_the_person() {
    for profile in Profile::BUILT_IN {
        for of in ["29.area_sqm", "29.id_no", "30.mortgage_registered_date"] {
            let allowed = ruled(profile, output(Output::Verify), of).unwrap();
            assert_eq!(allowed.need, Need::SubjectAndPerson, "{of}");
            assert!(allowed.citation.article.contains("个人信息保护法"), "{of}");
        }
        let enterprise = need(profile, output(Output::Verify), "27.area");
        assert_eq!(enterprise, Need::Subject);
    }
}

#[test]
fn who_a_person_in_an_enterprises_record_is_needs_that_person_too() {
    let of = "36.legal_rep_id_no";
    assert_eq!(need("jiangsu", output(Output::Verify), of), Need::SubjectAndPerson);
    assert_eq!(need("jiangsu", output(Output::Verify), "36.list_category"), Need::Subject);
}

#[test]
fn court_data_follows_case_10_and_persons_consent_where_it_is_denied() {
    for (profile, litigant, person) in [
        ("jiangsu", Need::Purpose, Need::Purpose),
        ("strictest", Need::Subject, Need::Person),
        ("nanjing", Need::Subject, Need::Person),
        ("national", Need::Subject, Need::Person),
        ("qinghai", Need::Subject, Need::Person),
    ] {
        for request in [output(Output::Verify), output(Output::Score)] {
            assert_eq!(need(profile, request, "7.hearing_date"), litigant, "{profile}");
            assert_eq!(need(profile, request, "9.case_closed_date"), litigant, "{profile}");
            assert_eq!(need(profile, request, "8.is_cancelled"), person, "{profile}");
        }
        assert!(need(profile, output(Output::Monitor), "7.hearing_date") >= Need::Subject);
    }
    let cited = ruled("jiangsu", output(Output::Verify), "8.is_cancelled").unwrap().citation;
    assert!(cited.zh.contains("接口调用(无授权)"), "{}", cited.zh);
}

#[test]
fn training_rests_on_a_project_for_enterprises_and_never_for_persons() {
    for profile in ["national", "jiangsu", "nanjing", "qinghai"] {
        assert_eq!(need(profile, output(Output::Train), "1.vat_paid_12m_cny"), Need::Project);
        assert_eq!(need(profile, output(Output::Train), "8.is_cancelled"), Need::Person);
        assert_eq!(need(profile, output(Output::Train), "37.confirmed_date"), Need::Person);
        // The gate between node and platform stays shut, and is cited.
        let collected = ruled(profile, output(Output::Train), "13.contributor_count").unwrap();
        assert_eq!(collected.need, Need::Project);
        assert!(collected.citation.article.contains("第十四条"), "{profile}");
    }
    assert_eq!(need("strictest", output(Output::Train), "1.vat_paid_12m_cny"), Need::Subject);
}

#[test]
fn what_a_type_does_not_offer_is_refused_with_the_row_of_the_annex() {
    for (of, asked) in [
        ("1.enterprise_name", Output::Score),
        ("1.uscc", Output::Train),
        ("5.notice_detail", Output::Verify),
        ("24.commitment_document", Output::Verify),
        ("21.contact_phone", Output::Verify),
        ("29.id_no", Output::Monitor),
    ] {
        for profile in Profile::BUILT_IN {
            let refused = ruled(profile, output(asked), of).unwrap_err();
            assert_eq!(refused.refusal, Refusal::ModeForbids, "{of}");
            let row = format!("第{}类", field(of).class());
            assert!(refused.citation.article.contains(&row), "{}", refused.citation.article);
        }
    }
}

#[test]
fn what_is_not_listed_or_not_named_is_refused() {
    for request in [output(Output::Verify), output(Output::Own), Request::PublicReport] {
        for of in ["1.turnover_cny", "38.uscc", "999.x"] {
            assert_eq!(refusal("jiangsu", request, of), Refusal::ModeForbids, "{of}");
        }
        let nothing = decide(Catalogue::jiangsu(), Profile::strictest(), &ask(request, &[]));
        let refused = nothing.unwrap_err();
        assert_eq!((refused.refusal, refused.field), (Refusal::ModeForbids, None));
    }
}

#[test]
fn the_need_of_a_request_is_that_of_all_its_fields_together() {
    let fields = ["7.hearing_date", "1.vat_paid_12m_cny", "37.confirmed_date"].map(field);
    let profile = Profile::built_in("jiangsu").unwrap();
    let asked = ask(output(Output::Verify), &fields);
    let allowed = decide(Catalogue::jiangsu(), profile, &asked).unwrap();
    assert_eq!(allowed.need, Need::SubjectAndPerson);
    let needs: Vec<Need> = allowed.fields.iter().map(|judged| judged.need).collect();
    assert_eq!(needs, [Need::Purpose, Need::Subject, Need::Person]);
    assert!(allowed.fields.iter().map(|judged| &judged.field).eq(&fields));
    assert_eq!(allowed.citation, allowed.fields[2].citation);
    // One field that cannot be asked stands for all.
    let fields = ["1.vat_paid_12m_cny", "1.enterprise_name"].map(field);
    let refused = decide(Catalogue::jiangsu(), profile, &ask(output(Output::Score), &fields));
    assert_eq!(refused.unwrap_err().field, Some(field("1.enterprise_name")));
}

#[test]
fn a_caller_that_is_not_admitted_gets_nothing_but_its_own_report() {
    let public = with_public_fields();
    let fields = [field("4.tax_credit_grade")];
    for request in [
        output(Output::Score),
        output(Output::Verify),
        Request::PublicReport,
        Request::BatchPush,
        Request::Aggregate { cohort: 1000 },
    ] {
        let stranger = Ask { caller: Caller::Unknown, ..ask(request, &fields) };
        let refused = decide(&public, Profile::strictest(), &stranger).unwrap_err();
        assert_eq!(refused.refusal, Refusal::MemberState);
    }
    for (of, expected) in [("1.vat_paid_12m_cny", Need::Subject), ("29.area_sqm", Need::Person)] {
        let fields = [field(of)];
        let own =
            Ask { caller: Caller::Unknown, purpose: None, ..ask(output(Output::Own), &fields) };
        assert_eq!(decide(&public, Profile::strictest(), &own).unwrap().need, expected);
    }
}

#[test]
fn public_information_needs_nobody_but_watching_and_showing_do() {
    let public = with_public_fields();
    for profile in profiles() {
        for of in ["4.tax_credit_grade", "7.hearing_date"] {
            let fields = [field(of)];
            let need = |request| {
                let aimless = Ask { purpose: None, ..ask(request, &fields) };
                decide(&public, profile, &aimless).map(|allowed| allowed.need)
            };
            for free in [
                output(Output::Score),
                output(Output::Verify),
                output(Output::Train),
                Request::PublicReport,
                Request::BatchPush,
            ] {
                assert_eq!(need(free), Ok(Need::Nothing), "{of} {free:?}");
            }
            for bound in [Output::Monitor, Output::Display] {
                let aimless = need(output(bound)).unwrap_err();
                assert_eq!(aimless.refusal, Refusal::ProfileDenies);
                let aimed = decide(&public, profile, &ask(output(bound), &fields)).unwrap();
                assert_eq!(aimed.need, Need::Subject, "{of} {bound}");
            }
        }
    }
}

/// The need of a report of one field, with what its record says, or the refusal.
fn reported(request: Request, of: &str, said: &[(ClassId, Publicity)]) -> Result<Need, Refusal> {
    let fields = [field(of)];
    let asked = Ask { publicity: said, ..ask(request, &fields) };
    let ruling = decide(Catalogue::jiangsu(), Profile::strictest(), &asked);
    ruling.map(|allowed| allowed.need).map_err(|refused| refused.refusal)
}

#[test]
fn a_records_own_dates_open_and_close_it() {
    let (yesterday, tomorrow) = (date!(2026 - 03 - 01), date!(2026 - 03 - 03));
    let notice = |from, until| [(class(5), window(Some(from), Some(until)))];
    let of = "5.notice_start_date";
    for (from, until, open) in [
        (yesterday, tomorrow, true),
        (TODAY, TODAY, true),
        (tomorrow, tomorrow, false),
        (yesterday, yesterday, false),
    ] {
        let expected = if open { Ok(Need::Nothing) } else { Err(Refusal::NotPublic) };
        let said = notice(from, until);
        assert_eq!(reported(Request::PublicReport, of, &said), expected);
        assert_eq!(reported(Request::BatchPush, of, &said), expected);
        let verified = if open { Need::Nothing } else { Need::Subject };
        assert_eq!(reported(output(Output::Verify), of, &said), Ok(verified));
    }
    let ends = |until| [(class(36), window(None, Some(until)))];
    let of = "36.confirmed_date";
    assert_eq!(reported(Request::PublicReport, of, &ends(TODAY)), Ok(Need::Nothing));
    let over = reported(Request::PublicReport, of, &ends(yesterday));
    assert_eq!(over, Err(Refusal::NotPublic));
    let pledge = [(class(22), window(Some(TODAY), None))];
    assert_eq!(reported(Request::PublicReport, "22.pledge_status", &pledge), Ok(Need::Nothing));
    let commitment = |public| [(class(24), Publicity::Disclosed(public))];
    let of = "24.commitment_content";
    assert_eq!(reported(Request::PublicReport, of, &commitment(true)), Ok(Need::Nothing));
    let kept = reported(Request::PublicReport, of, &commitment(false));
    assert_eq!(kept, Err(Refusal::NotPublic));
}

#[test]
fn a_sanction_on_a_person_is_open_to_a_purpose_while_it_is_public() {
    let until = |day| [(class(37), window(None, Some(day)))];
    let of = "37.confirmed_date";
    let score = output(Output::Score);
    assert_eq!(reported(score, of, &until(TODAY)), Ok(Need::Purpose));
    assert_eq!(reported(score, of, &until(date!(2026 - 03 - 01))), Ok(Need::Person));
    assert_eq!(reported(Request::PublicReport, of, &until(TODAY)), Ok(Need::Purpose));
    let pushed = reported(Request::BatchPush, of, &until(TODAY));
    assert_eq!(pushed, Err(Refusal::ModeForbids));
    let named = reported(Request::PublicReport, "37.person_name", &until(TODAY));
    assert_eq!(named, Err(Refusal::NotPublic));
}

#[test]
fn every_record_in_question_must_be_public() {
    let (open, shut) = (window(None, Some(TODAY)), window(None, Some(date!(2026 - 03 - 01))));
    let of = "36.confirmed_date";
    let both = [(class(36), open), (class(36), shut)];
    assert_eq!(reported(Request::PublicReport, of, &both), Err(Refusal::NotPublic));
    let elsewhere = [(class(37), open)];
    assert_eq!(reported(Request::PublicReport, of, &elsewhere), Err(Refusal::NotPublic));
}

/// So a refusal does not tell whether somebody is, or was, on a list.
#[test]
fn no_record_and_a_record_whose_time_is_over_are_ruled_alike() {
    let over = [(class(36), window(None, Some(date!(2025 - 12 - 31))))];
    for profile in profiles() {
        for entry in Catalogue::jiangsu().class(class(36)).unwrap().fields() {
            for request in Output::ALL.map(output).into_iter().chain([Request::PublicReport]) {
                let fields: [Field; 1] = [entry.field().clone()];
                let none = ask(request, &fields);
                let gone = Ask { publicity: &over, ..none };
                let rule = |asked| decide(Catalogue::jiangsu(), profile, asked);
                assert_eq!(rule(&none), rule(&gone));
            }
        }
    }
}

#[test]
fn an_aggregate_is_over_enough_subjects_and_over_facts_only() {
    let over = |cohort, of| reported(Request::Aggregate { cohort }, of, &[]);
    assert_eq!(over(10, "1.vat_paid_12m_cny"), Ok(Need::Purpose));
    assert_eq!(over(9, "1.vat_paid_12m_cny"), Err(Refusal::CohortTooSmall));
    assert_eq!(over(0, "1.vat_paid_12m_cny"), Err(Refusal::CohortTooSmall));
    for of in ["1.enterprise_name", "5.notice_detail", "10.total_wages_cny", "29.area_sqm"] {
        assert_eq!(over(1_000_000, of), Err(Refusal::ModeForbids), "{of}");
    }
}

#[test]
fn a_refusal_reads_as_a_sentence_with_its_code_field_and_article() {
    let refused = ruled("nanjing", Request::PublicReport, "1.vat_paid_12m_cny").unwrap_err();
    let text = refused.to_string();
    for part in ["NOT_PUBLIC: ", "(field 1.vat_paid_12m_cny)", "南京三年行动计划 (七)", "第1类"]
    {
        assert!(text.contains(part), "{text}");
    }
}
