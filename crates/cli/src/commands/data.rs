//! `tacit data check`.

use terminal::units::{as_float, count};
use terminal::{Failure, Table, Voice, say, table};

use crate::arguments::DataArguments;
use crate::commands::print;
use crate::phrases;

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
        (phrases::head_content(), party::content_hash(&data.file)?.to_string()),
    ];
    print(&table::list(voice.language(), &entries));
    say::line("");
    print(&columns(data, &profile, voice));
    for row in load.bad.listed.iter().take(SHOWN) {
        say::line(&format!("  {row}"));
    }
    let file = data.file.display();
    if load.bad.count > 0 && !data.skip_bad {
        let what = phrases::data_bad(file, count(load.bad.count));
        return Err(Failure::new("DATA", what).advise(phrases::data_advice()));
    }
    let problems = party::bindings(&profile, &data.classes);
    if let Some(problem) = problems.into_iter().find_map(|binding| binding.problem) {
        let what = domain::Text::same(problem);
        return Err(Failure::new("BINDING", what).advise(phrases::binding_advice()));
    }
    voice.tell(&phrases::data_fine(file));
    Ok(())
}

/// The columns: what kind of value each has, how much of it is missing, and which field it is.
fn columns(data: &DataArguments, profile: &party::DataReport, voice: Voice) -> Vec<String> {
    let mut heads = vec![phrases::head_column(), phrases::head_kind(), phrases::head_missing()];
    if !data.classes.is_empty() {
        heads.push(phrases::head_field());
    }
    let mut table = Table::new(voice.language(), &heads).right(&[2]);
    let bindings = party::bindings(profile, &data.classes);
    for (column, binding) in profile.columns.iter().zip(bindings) {
        let kind = match column.kind {
            Some(party::ColumnKind::Integer) => "integer",
            Some(party::ColumnKind::Number) => "number",
            Some(party::ColumnKind::Date) => "date",
            Some(party::ColumnKind::Text) => "text",
            None => "-",
        };
        let share = 100.0 * as_float(column.missing) / as_float(profile.load.rows.max(1));
        let mut row = vec![column.name.clone(), kind.into(), format!("{share:.1}%")];
        if !data.classes.is_empty() {
            row.push(binding.field.map_or_else(|| "-".into(), |field| field.to_string()));
        }
        table.row(row);
    }
    table.lines()
}
