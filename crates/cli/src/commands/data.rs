//! `tacit data check`.

use crate::arguments::DataArguments;
use crate::commands::print;
use crate::failure::Failure;
use crate::phrases;
use crate::say::{self, Voice};
use crate::table;
use crate::units::count;

/// How many bad rows are shown; all are counted.
const SHOWN: usize = 10;

pub(super) fn check(data: &DataArguments, voice: Voice) -> Result<(), Failure> {
    let profile = party::check_data(&data.file, &data.column, &data.kind, &data.check)?;
    let load = &profile.load;
    let entries = [
        (phrases::head_rows(), count(load.rows)),
        (phrases::head_distinct(), count(load.distinct)),
        (phrases::head_repeated(), count(load.duplicates.count)),
        (phrases::head_normalised(), count(load.normalised)),
        (phrases::head_flagged(), count(load.flagged.identifiers)),
        (phrases::head_bad(), count(load.bad.count)),
    ];
    print(&table::list(voice.language(), &entries));
    for row in load.bad.listed.iter().take(SHOWN) {
        say::line(&format!("  {row}"));
    }
    let file = data.file.display();
    if load.bad.count > 0 && !data.skip_bad {
        let what = phrases::data_bad(file, count(load.bad.count));
        return Err(Failure::new("DATA", what).advise(phrases::data_advice()));
    }
    voice.tell(&phrases::data_fine(file));
    Ok(())
}
