//! What a failed drive means: which side, which phase, what to do.

use std::collections::BTreeMap;

use domain::{PartyId, Refusal};
use session::{Blame, Culprit, Role};
use store::Phase;

use crate::Trouble;
use crate::drive::DriveError;
use crate::kinds;
use crate::runs::cancel::CANCELLED;

/// The code of a peer that has broken the protocol.
pub(crate) const MISBEHAVED: &str = "PEER_MISBEHAVED";

/// Which party plays which role in a run.
pub(crate) type RoleAssignment = BTreeMap<Role, PartyId>;

/// What to say of a run that `error` ended during `phase`.
pub(crate) fn diagnose<E: Blame>(
    error: &DriveError<E>,
    assignment: &RoleAssignment,
    phase: &Phase,
) -> Trouble {
    match error {
        DriveError::Journal(trouble) => trouble.clone(),
        DriveError::Session(inner) => match inner.blame() {
            Culprit::Peer(role) => misbehaved(assignment, role, phase, inner),
            Culprit::Us => Trouble::us(
                "OURS",
                format!("this side failed{}: {inner}", during(phase).0),
                format!("本方{}出错：{inner}", during(phase).1),
            ),
        },
        DriveError::Frame(role, inner) => misbehaved(assignment, *role, phase, inner),
        DriveError::Trailing(role) => misbehaved(assignment, *role, phase, error),
        DriveError::Broken(role, _) | DriveError::HungUp(role) => left(assignment, *role, phase),
        DriveError::Aborted(role, why) => {
            if let Ok(refusal) = why.code.parse::<Refusal>() {
                return on(assignment, *role, Trouble::us(refusal.code(), &*why.en, &*why.zh));
            }
            let name = name(assignment, *role);
            let code = (why.code == CANCELLED).then_some(CANCELLED);
            if let Some(code) = code.or_else(|| kinds::abort_code(&why.code)) {
                let (en, zh) = (format!("{name}: {}", why.en), format!("{name}：{}", why.zh));
                return on(assignment, *role, Trouble::us(code, en, zh));
            }
            on(
                assignment,
                *role,
                Trouble::us(
                    "PEER_GAVE_UP",
                    format!(
                        "{name} gave the run up{}: {}. Look at `tacit runs` there; then run it again.",
                        during(phase).0,
                        why.en
                    ),
                    format!(
                        "{name} {}放弃了运行：{}。请在对方查看 `tacit runs`，然后重试。",
                        during(phase).1,
                        why.zh
                    ),
                ),
            )
        }
        DriveError::Slow(took) => {
            let names: Vec<&str> = assignment.values().map(PartyId::as_str).collect();
            let (names, took) = (names.join(", "), took.as_secs());
            let trouble = Trouble::us(
                "SLOW",
                format!(
                    "{names} kept this run waiting for {took} s{} and sent too little in that time. Is the line overloaded? Then run this again.",
                    during(phase).0
                ),
                format!(
                    "{names} 使本次运行{}等待了 {took} 秒，其间传输的数据过少。线路是否拥塞？请稍后重试。",
                    during(phase).1
                ),
            );
            by_the_only(assignment, trouble)
        }
        DriveError::Silent(idle) => {
            let names: Vec<&str> = assignment.values().map(PartyId::as_str).collect();
            let (names, idle) = (names.join(", "), idle.as_secs());
            let trouble = Trouble::us(
                "SILENT",
                format!(
                    "{names} said nothing for {idle} s{}. Is its party still running, and the line up? Then run this again; limits.idle_s sets the patience.",
                    during(phase).0
                ),
                format!(
                    "{names} {} {idle} 秒没有响应。请确认对方节点和网络正常后重试；等待时限由 limits.idle_s 设定。",
                    during(phase).1
                ),
            );
            by_the_only(assignment, trouble)
        }
    }
}

/// Blames the peer where there is one alone.
fn by_the_only(assignment: &RoleAssignment, trouble: Trouble) -> Trouble {
    match assignment.values().next() {
        Some(peer) if assignment.len() == 1 => trouble.by(peer),
        _ => trouble.by_nobody(),
    }
}

/// Where a run stood, as part of a sentence; nothing of a run that has not come to its first round.
fn during(phase: &Phase) -> (String, String) {
    if phase.en.is_empty() {
        return Default::default();
    }
    (format!(" in “{}”", phase.en), format!("在“{}”阶段", phase.zh))
}

fn misbehaved(
    assignment: &RoleAssignment,
    role: Role,
    phase: &Phase,
    why: &dyn std::fmt::Display,
) -> Trouble {
    let name = name(assignment, role);
    on(
        assignment,
        role,
        Trouble::us(
            MISBEHAVED,
            format!(
                "{name} sent what the protocol does not allow{}: {why}. The run is void. Compare program versions with {name}; if they agree, report it.",
                during(phase).0
            ),
            format!(
                "{name} {}发送了协议不允许的内容：{why}。本次运行作废。请与 {name} 核对程序版本；若一致，请上报。",
                during(phase).1
            ),
        ),
    )
}

fn left(assignment: &RoleAssignment, role: Role, phase: &Phase) -> Trouble {
    let name = name(assignment, role);
    on(
        assignment,
        role,
        Trouble::us(
            "LOST",
            format!(
                "{name} went away{}: its party stopped, or the line broke. When it is back, run this again (`tacit runs again`).",
                during(phase).0
            ),
            format!(
                "{name} {}离开：节点停止或线路中断。恢复后请重新运行（`tacit runs again`）。",
                during(phase).1
            ),
        ),
    )
}

fn name(assignment: &RoleAssignment, role: Role) -> String {
    assignment.get(&role).map_or_else(|| role.to_string(), ToString::to_string)
}

fn on(assignment: &RoleAssignment, role: Role, trouble: Trouble) -> Trouble {
    match assignment.get(&role) {
        Some(peer) => trouble.by(peer),
        None => trouble.by_nobody(),
    }
}
