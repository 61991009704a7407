//! VOLE's checked variant: it finds the same, both sides record it, and an offer may require it.

use lab::list;
use lab::stand_in::{Sockets, call};
use wire::peer::reply;
use wire::{PsiOutput, PsiProtocol};

use super::protocols::{codes, proposal};
use super::{Scene, column, result_of, text};
use crate::support::{bank_and_tax, runtime};

const CHECKED: &str = "psi/v1 vole parameters-1 checked";

#[test]
fn the_checked_variant_finds_the_same_and_both_sides_record_it() {
    let scene = Scene::set();
    for output in ["one-sided", "two-sided"] {
        let run = scene.psi(&["--checked", "--output", output]);
        let other = scene.tax.ended_run();
        assert_eq!(column(&result_of(&run)), scene.shared, "{output}");
        for run in [&run, &other] {
            assert_eq!(text(&run["report"], "protocol"), CHECKED);
            assert_eq!(run["terms"]["checked"], true, "{run}");
        }
    }
    // What is not VOLE has no such variant, and VOLE gives no count.
    for other in [["--protocol", "ecdh"], ["--output", "cardinality"]] {
        let ask = [&["--kind", "uscc", "--checked"], &other[..]].concat();
        let said = scene.bank.psi("tax", "taxpayers", &scene.ours, &ask);
        assert_eq!(said.status.code(), Some(1));
        assert!(said.err.contains("OTHER_PROTOCOL: "), "{}", said.err);
    }
}

#[test]
fn an_offer_that_requires_it_gets_it_and_refuses_the_other_by_name() {
    let (root, runtime) = (tempfile::tempdir().expect("a folder"), runtime());
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(1000, 4000));
    tax.configure(
        "[[offer]]\nprotocol = 'psi'\nregister = 'taxpayers'\nto = ['bank']\n\
         outputs = ['one-sided']\nprotocols = ['ecdh', 'vole']\nchecked = true\n",
    );
    tax.start();
    bank.start();
    let ours = root.path().join("ours.csv");
    list(&ours, "id", &codes(0, 2000));
    for more in [&["--protocol", "vole"][..], &[], &["--checked"]] {
        let ask = [&["--kind", "opaque"], more].concat();
        let run = bank.psi("tax", "taxpayers", &ours, &ask).done().json();
        assert_eq!(text(&run["report"], "protocol"), CHECKED, "{more:?}");
        assert_eq!(column(&result_of(&run)), codes(1000, 2000).into_iter().collect());
    }
    // Whatever the asker's program does.
    let mut client = call(&runtime, &bank, &tax, &Sockets::default());
    let runs = tax.runs().len();
    let unchecked = PsiProtocol::Vole { parameters: 1, checked: false };
    let asked = client.propose(proposal(PsiOutput::OneSided, unchecked));
    match runtime.block_on(asked).expect("it answers").into_inner().outcome {
        Some(reply::Outcome::Refusal(refusal)) => assert_eq!(refusal.code, "CHECKED_ONLY"),
        other => panic!("it agreed: {other:?}"),
    }
    assert_eq!(tax.runs().len(), runs, "what is refused has no record");
}
