//! No ruling lets a value out: every field, every request, every profile.

use catalogue::{
    About, Ask, Catalogue, ClassMode, Need, OpennessRule, Publicity, Refused, Request, Ruling,
    SharingMode, decide,
};
use domain::{ClassId, Output, Refusal};

use crate::support::{TODAY, ask, overlay, profiles, window};

fn requests() -> impl Iterator<Item = Request> {
    let others = [Request::PublicReport, Request::BatchPush, Request::Aggregate { cohort: 1000 }];
    Output::ALL.map(Request::Output).into_iter().chain(others)
}

fn citation(ruling: &Ruling) -> &catalogue::Citation {
    match ruling {
        Ok(allowed) => &allowed.citation,
        Err(Refused { citation, .. }) => citation,
    }
}

/// Jiangsu with everything declared public that an overlay can declare.
fn as_open_as_can_be() -> Catalogue {
    let jiangsu = Catalogue::jiangsu();
    let declarations = jiangsu.classes().flat_map(|class| {
        class.fields().iter().map(|entry| {
            let by = &class.responsible()[0];
            let of = entry.field();
            format!("[[change]]\nfield = \"{of}\"\nopenness = \"public\"\ndeclared_by = \"{by}\"\n")
        })
    });
    let possible = declarations.filter(|body| jiangsu.overlaid(&overlay(body)).is_ok());
    jiangsu.overlaid(&overlay(&possible.collect::<String>())).unwrap()
}

/// Every record says of itself that it is public today.
fn all_published() -> Vec<(ClassId, Publicity)> {
    let classes = Catalogue::jiangsu().classes();
    classes
        .map(|class| match class.rule() {
            OpennessRule::PerRecordDisclosureType => (class.id(), Publicity::Disclosed(true)),
            OpennessRule::ProviderDeclares
            | OpennessRule::PublicNoticeWindow
            | OpennessRule::FromPublicityDate
            | OpennessRule::PublicUntilPublicityEndDate => {
                (class.id(), window(Some(TODAY), Some(TODAY)))
            }
        })
        .collect()
}

#[test]
fn every_ruling_on_every_field_is_cited_and_below_the_value() {
    let (as_listed, as_open) = (Catalogue::jiangsu(), as_open_as_can_be());
    let published = all_published();
    let mut rulings = 0;
    for (catalogue, publicity) in [(as_listed, &[][..]), (&as_open, published.as_slice())] {
        for entry in catalogue.fields() {
            let (class, _) = catalogue.lookup(entry.field()).unwrap();
            let open = class.is_public(entry, publicity, TODAY);
            let fields = [entry.field().clone()];
            for profile in profiles() {
                for request in requests() {
                    let asked = Ask { publicity, ..ask(request, &fields) };
                    let ruling = decide(catalogue, profile, &asked);
                    let at = format!("{} {request:?} {}", entry.field(), profile.name());
                    let cited = citation(&ruling);
                    assert!(!cited.article.is_empty() && !cited.en.is_empty(), "{at}");
                    assert!(!cited.zh.is_ascii(), "{at}");
                    rulings += 1;
                    let Ok(allowed) = ruling else { continue };
                    match request {
                        // What is shown at all is public.
                        Request::PublicReport | Request::BatchPush => assert!(open, "{at}"),
                        Request::Aggregate { .. } => assert!(entry.is_feature(), "{at}"),
                        Request::Output(output) => {
                            assert!(entry.outputs().contains(&output), "{at}");
                            assert!(entry.field_type().outputs().contains(&output), "{at}");
                            let free = matches!(allowed.need, Need::Nothing | Need::Purpose);
                            let court = entry.mode() == SharingMode::InterfaceWithoutAuthorisation;
                            assert!(!free || open || court, "{at}");
                            let project = allowed.need == Need::Project;
                            assert!(!project || output == Output::Train, "{at}");
                        }
                    }
                }
            }
        }
    }
    assert_eq!(rulings, 2 * 362 * 5 * 9);
}

#[test]
fn tax_and_social_insurance_detail_is_never_shown_whatever_is_declared() {
    let (open, published) = (as_open_as_can_be(), all_published());
    assert!(open.report().rows.iter().map(|row| row.declared_public).sum::<usize>() > 100);
    for entry in open.fields().filter(|entry| {
        let class = entry.field().class().number();
        [1, 2, 3, 10, 11].contains(&class) || entry.is_personal()
    }) {
        for profile in profiles() {
            for request in [Request::PublicReport, Request::BatchPush] {
                let fields = [entry.field().clone()];
                let asked = Ask { publicity: &published, ..ask(request, &fields) };
                let refused = decide(&open, profile, &asked).unwrap_err();
                let person = refused.refusal == Refusal::ModeForbids
                    && open.class(entry.field().class()).unwrap().about() == About::Person;
                assert!(refused.refusal == Refusal::NotPublic || person, "{}", entry.field());
            }
        }
    }
}

#[test]
fn a_mode_that_was_tightened_allows_nothing_more() {
    let jiangsu = Catalogue::jiangsu();
    for mode in SharingMode::ALL {
        let looser = jiangsu.fields().filter(|entry| entry.mode().is_looser_than(*mode));
        // Class 10 must stay split, so its collected fields are left alone.
        let looser = looser.filter(|entry| entry.field().class().number() != 10);
        let changes = looser
            .map(|e| format!("[[change]]\nfield = \"{}\"\nsharing_mode = \"{mode}\"\n", e.field()));
        let tightened = jiangsu.overlaid(&overlay(&changes.collect::<String>())).unwrap();
        for entry in jiangsu.fields() {
            let fields = [entry.field().clone()];
            for profile in profiles() {
                for request in requests() {
                    let asked = ask(request, &fields);
                    let Ok(after) = decide(&tightened, profile, &asked) else { continue };
                    let at = format!("{} {request:?} {} {mode}", entry.field(), profile.name());
                    let before = decide(jiangsu, profile, &asked).expect(&at);
                    assert_eq!(before.need.and(after.need), after.need, "{at}");
                }
            }
        }
        let whole = tightened.class(crate::support::class(4)).unwrap().mode();
        assert!(matches!(whole, ClassMode::Whole(_)));
    }
}
