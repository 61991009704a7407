//! An intersection in which a side has not found the items that both put in: it fails under one code on
//! both sides, and leaves no result.

use lab::relay::{Fate, Passing, Relay, Side};
use lab::until;
use wire::peer::{Refusal, frame};

use super::{PROTOCOLS, Scene, text};
use crate::support::runtime;

#[test]
fn a_peers_failed_self_check_takes_back_what_this_side_had_kept() {
    for (protocol, _) in PROTOCOLS {
        for failing in [Side::Asker, Side::Answerer] {
            let mut scene = Scene::set();
            let runtime = runtime();
            scene.bank.process = None;
            // What a side that has not found them says in the place of its close.
            Relay::between(&runtime, &scene.bank, &scene.tax, move |passing| {
                if let Passing::Frame(side, frame) = passing
                    && *side == failing
                    && let Some(frame::Kind::Close(_)) = frame.kind
                {
                    let (code, en, zh) = ("SELF_CHECK".into(), "failed".into(), "未通过".into());
                    frame.kind = Some(frame::Kind::Abort(Refusal { code, en, zh }));
                }
                Fate::Pass
            });
            scene.bank.start();
            let ask = ["--kind", "uscc", "--output", "two-sided", "--protocol", protocol];
            let said = scene.bank.psi("tax", "taxpayers", &scene.ours, &ask);
            let told = match failing {
                Side::Asker => &scene.tax,
                Side::Answerer => {
                    assert_eq!(said.status.code(), Some(1), "{protocol}: {}", said.err);
                    assert!(said.err.contains("SELF_CHECK: "), "{protocol}: {}", said.err);
                    &scene.bank
                }
            };
            // It had kept its output by then: the run was unconfirmed for a moment.
            let run = until("the output is taken back", || {
                let run = told.runs().into_iter().next()?;
                (run["state"] == "failed").then_some(run)
            });
            assert_eq!(text(&run["trouble"], "code"), "SELF_CHECK", "{protocol}");
            assert!(run.get("report").is_none() && run.get("result").is_none(), "{run}");
            assert_eq!(told.results(), Vec::<String>::new(), "{protocol}");
        }
    }
}
