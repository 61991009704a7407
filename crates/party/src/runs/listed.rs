//! Who is on a register, in memory: read once a file, however often an intersection is proposed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::Subject;
use registers::LoadReport;

use crate::Trouble;
use crate::config::Register;
use crate::data::{self, Source, Stamp, stamp};

/// The subjects of a register.
pub(crate) struct Listed {
    pub(crate) subjects: Vec<Subject>,
    pub(crate) report: LoadReport,
}

/// Registers that peers have proposed intersections with, by name.
#[derive(Default)]
pub(crate) struct Lists(Mutex<HashMap<String, Arc<Slot>>>);

/// Held by whoever reads the register: a second proposal waits and does not read it too.
type Slot = tokio::sync::Mutex<Option<(Stamp, Arc<Listed>)>>;

impl Lists {
    /// The subjects of a register, read again when its file has changed.
    pub(crate) async fn of(&self, register: &Register) -> Result<Arc<Listed>, Trouble> {
        let slot = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(register.name.clone()).or_default())
        };
        let mut kept = slot.lock().await;
        // Before it is read: what is written meanwhile makes it old again.
        let stamp = stamp(&register.file);
        if let Some((_, listed)) = kept.as_ref().filter(|(known, _)| *known == stamp) {
            return Ok(Arc::clone(listed));
        }
        let (subjects, report) = data::load(Source::of(register)).await?;
        let listed = Arc::new(Listed { subjects, report });
        *kept = Some((stamp, Arc::clone(&listed)));
        Ok(listed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_register_is_read_once_until_its_file_changes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sample.csv");
        std::fs::write(&file, "id\na\nb\n").unwrap();
        let register: Register = toml::from_str(&format!(
            "name = 'sample'\nfile = '{}'\ncolumn = 'id'\nkind = 'opaque'",
            file.display()
        ))
        .unwrap();
        let lists = Lists::default();
        let (one, other) = tokio::join!(lists.of(&register), lists.of(&register));
        let one = one.unwrap();
        assert!(Arc::ptr_eq(&one, &other.unwrap()));
        assert_eq!((one.subjects.len(), one.report.distinct), (2, 2));
        std::fs::write(&file, "id\na\nb\nc\n").unwrap();
        assert_eq!(lists.of(&register).await.unwrap().subjects.len(), 3);
        std::fs::write(&file, "code\na\n").unwrap();
        assert!(lists.of(&register).await.is_err());
        assert!(lists.of(&register).await.is_err(), "what failed is not kept");
    }
}
