//! Which role a call takes: the one table, with every call of `proto/control/`.

use domain::StaffRole::{self, Approver, Auditor, Operator};

/// The package of the services, before the name of each on the wire.
const PACKAGE: &str = "/tacit.control.v1.";

/// A call, the role that it takes at least, and the command that makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// Its service and method, as the log names it.
    pub(super) name: &'static str,
    pub(super) role: StaffRole,
    pub(super) command: &'static str,
}

const fn call(name: &'static str, role: StaffRole, command: &'static str) -> Call {
    Call { name, role, command }
}

/// Every call. What is not listed is not there for anybody.
///
/// An auditor reads. An approver decides what others have laid before this party, and what they may do.
/// Whatever asks others for something, or lets data of this party go, is an operator's.
const CALLS: &[Call] = &[
    call("Node/Status", Auditor, "tacit party status"),
    call("Node/Doctor", Auditor, "tacit doctor"),
    call("Node/Members", Auditor, "tacit member list"),
    call("Node/ChangeMember", Approver, "tacit member"),
    call("Node/Catalogue", Auditor, "tacit catalogue report"),
    call("Node/Stop", Operator, "tacit party stop"),
    call("Runs/Psi", Operator, "tacit psi"),
    call("Runs/Score", Operator, "tacit score"),
    call("Runs/Batch", Operator, "tacit score --batch"),
    call("Runs/Verify", Operator, "tacit verify"),
    call("Runs/PrepareVerification", Operator, "tacit verify --prepare"),
    call("Runs/Match", Operator, "tacit match"),
    call("Runs/Train", Operator, "tacit train run"),
    call("Runs/Runs", Auditor, "tacit runs"),
    call("Runs/Again", Operator, "tacit runs again"),
    call("Runs/WatchRun", Auditor, "tacit runs watch"),
    call("Runs/CancelRun", Operator, "tacit runs cancel"),
    call("Models/RegisterModel", Operator, "tacit model register"),
    call("Models/JudgeModel", Approver, "tacit model countersign"),
    call("Models/RetireModel", Operator, "tacit model retire"),
    call("Models/Registrations", Auditor, "tacit model show"),
    call("Models/Publish", Operator, "tacit model publish"),
    call("Models/Models", Auditor, "tacit model list"),
    call("Models/ProposeJob", Operator, "tacit train"),
    call("Models/Jobs", Auditor, "tacit train show"),
    call("Models/JudgeJob", Approver, "tacit train accept"),
    call("Models/WithdrawJob", Operator, "tacit train withdraw"),
    call("Authorisations/Submit", Approver, "tacit authorisation submit"),
    call("Authorisations/Intervene", Approver, "tacit authorisation intervene"),
    call("Authorisations/Authorisations", Auditor, "tacit authorisation list"),
    call("Authorisations/History", Auditor, "tacit authorisation history"),
    call("Authorisations/ExportBundle", Approver, "tacit authorisation export"),
    call("Authorisations/ImportBundle", Approver, "tacit authorisation import"),
    call("Authorisations/TakeKeyRevocations", Approver, "tacit subject revocations"),
    call("Authorisations/KeyRevocations", Auditor, "tacit subject revocations"),
    call("Audit/Usage", Auditor, "tacit usage"),
    call("Audit/SelfReport", Auditor, "tacit self-report"),
    call("Audit/VerifyLog", Auditor, "tacit audit verify"),
    call("Audit/Prove", Auditor, "tacit audit prove"),
    call("Audit/Trace", Auditor, "tacit audit trace"),
    call("Audit/Reconcile", Auditor, "tacit audit reconcile"),
    call("Audit/Deposit", Operator, "tacit audit deposit"),
    call("Audit/Deposits", Auditor, "tacit audit deposits"),
    call("Audit/Receipt", Auditor, "tacit receipt fetch"),
    // Who decides on a job as its lender brings its rows.
    call("Files/Upload", Approver, "tacit psi --file"),
    call("Files/Result", Operator, "tacit runs result"),
    call("Tokens/NewToken", Operator, "tacit token new"),
    call("Tokens/Tokens", Auditor, "tacit token list"),
    call("Tokens/RevokeToken", Operator, "tacit token revoke"),
];

/// The call with this path on the wire.
pub(super) fn find(path: &str) -> Option<Call> {
    let name = path.strip_prefix(PACKAGE)?;
    CALLS.iter().copied().find(|call| call.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use audit::CallName;

    use super::*;

    /// Every method of every service, read out of the files of the API.
    fn methods() -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto/control");
        let mut methods = BTreeSet::new();
        for entry in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            let mut service = None;
            for line in text.lines().map(str::trim) {
                if let Some(rest) = line.strip_prefix("service ") {
                    service = rest.split([' ', '{']).next();
                }
                if let Some(rest) = line.strip_prefix("rpc ") {
                    let method = rest.split(['(', ' ']).next().unwrap();
                    methods.insert(format!("{}/{method}", service.expect("it is in a service")));
                }
            }
        }
        methods
    }

    #[test]
    fn every_call_of_the_api_has_its_role_and_no_other_is_listed() {
        let listed: BTreeSet<String> = CALLS.iter().map(|call| call.name.to_owned()).collect();
        assert_eq!(listed.len(), CALLS.len(), "a call is listed once");
        assert_eq!(listed, methods());
        assert!(listed.len() > 40, "{listed:?}");
    }

    #[test]
    fn a_call_is_found_by_its_path_and_what_is_not_listed_is_not_there() {
        for call in CALLS {
            assert_eq!(find(&format!("{PACKAGE}{}", call.name)), Some(*call));
            assert!(call.name.parse::<CallName>().is_ok(), "the log can name {}", call.name);
        }
        for path in
            ["", "/", "Node/Status", "/tacit.control.v1.Node/Nothing", "/tacit.peer.v1.Peer/Greet"]
        {
            assert_eq!(find(path), None, "{path}");
        }
    }

    #[test]
    fn an_auditor_changes_nothing_and_an_approver_asks_no_runs() {
        let may = |role: StaffRole| {
            let covered = CALLS.iter().filter(move |call| role.covers(call.role));
            covered.map(|call| call.name).collect::<BTreeSet<_>>()
        };
        let (auditor, approver) = (may(Auditor), may(Approver));
        for runs in ["Psi", "Score", "Batch", "Verify", "Match", "Train", "Again", "CancelRun"] {
            assert!(!approver.contains(&*format!("Runs/{runs}")), "{runs}");
        }
        for decided in ["Node/ChangeMember", "Models/JudgeModel", "Models/JudgeJob"] {
            assert!(approver.contains(decided) && !auditor.contains(decided), "{decided}");
        }
        assert!(["Tokens/NewToken", "Node/Stop"].iter().all(|call| !approver.contains(call)));
        assert_eq!(may(Operator).len(), CALLS.len());
    }
}
