//! An intersection whose canaries were not all found: it has no result, on either side.

use std::path::Path;
use std::{fs, io};

use ::psi::SELF_CHECK;
use domain::PartyId;
use session::Role;
use wire::peer;

use crate::Trouble;
use crate::runs::Run;

/// What is said of a run that has failed its self-check.
pub(super) fn failed() -> Trouble {
    Trouble::us(
        SELF_CHECK,
        "the self-check failed: items that both sides put in to be found were not, so matches may be \
         missing. There is no result. Compare program versions with the peer and run this again; if it \
         fails again, one of the two machines or programs is at fault.",
        "自检未通过：双方放入的校验项未能全部找到，匹配结果可能有遗漏，故本次无结果。请与对方核对程序版本后重新运行；若再次失败，则某一方的机器或程序有故障。",
    )
}

/// Takes the kept result back where the peer has ended the run over its own self-check.
///
/// # Errors
///
/// [`SELF_CHECK`], in that case.
pub(super) async fn heed(
    refused: Option<(Role, peer::Refusal)>,
    peer: &PartyId,
    run: &Run,
    result: Option<&str>,
) -> Result<(), Trouble> {
    if refused.is_none_or(|(_, why)| why.code != SELF_CHECK) {
        return Ok(());
    }
    let trouble = failed().by(peer);
    run.withdraw(&trouble).await?;
    if let Some(result) = result.map(Path::new) {
        for file in [result, &result.with_extension("json")] {
            match fs::remove_file(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Trouble::file(file, &error));
                }
                Ok(()) | Err(_) => {}
            }
        }
    }
    Err(trouble)
}

#[cfg(test)]
mod tests {
    use session::{Blame, Role};

    use crate::kinds;

    #[test]
    fn a_failed_self_check_keeps_its_code_whoever_found_it() {
        let found = ::psi::Error::SelfCheck { from: Role(1) };
        let code = found.code().expect("it has a code of its own");
        assert_eq!(kinds::failure(code).map(|trouble| trouble.code), Some(code));
        assert_eq!(kinds::abort_code(code), Some(code));
        let other = ::psi::Error::Transcript { from: Role(1) };
        assert_eq!(other.code(), None);
        assert!(kinds::failure("PADDING").is_none());
    }
}
