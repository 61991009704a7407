//! What a run proves to anybody, later.

use std::path::Path;

use serde_json::Value;

use super::file::Replacement;
use crate::Trouble;

/// Writes the proofs of a run to a file, in place of an older one, and says how many there are.
///
/// # Errors
///
/// `NO_PROOF` when the run released nothing, `DOCUMENT` when the answer holds no list of proofs,
/// `FILE`.
pub fn keep_receipt(json: &str, path: &Path) -> Result<usize, Trouble> {
    let read: Option<Value> = serde_json::from_str(json).ok();
    let proofs = read.as_ref().and_then(|receipt| receipt["proofs"].as_array()).map(Vec::len);
    match proofs {
        Some(0) => Err(Trouble::us(
            "NO_PROOF",
            "this run released nothing, so there is nothing to prove. `tacit runs` shows which runs are done.",
            "该运行没有释放任何结果，因此没有可供证明的内容。可用 `tacit runs` 查看已完成的运行。",
        )),
        Some(proofs) => {
            let mut file = Replacement::begin(path)?;
            file.write(json.as_bytes())?;
            file.finish()?;
            Ok(proofs)
        }
        None => Err(Trouble::us(
            "DOCUMENT",
            "the party's answer holds no list of proofs: it is of another version than this command. Start it again with this program.",
            "参与方的应答中没有证明列表：它与本命令版本不同。请用本程序重新启动。",
        )),
    }
}
