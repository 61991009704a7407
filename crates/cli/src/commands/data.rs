//! `tacit data check`.

use report::{CheckedColumn, DataCheck};
use terminal::units::{as_float, count};
use terminal::{Failure, Table, Voice, say, table};

use crate::arguments::DataArguments;
use crate::commands::{file_name, json_line, print, write_page};
use crate::phrases;

/// How many bad rows are shown; all are counted.
const SHOWN: usize = 10;

pub(super) fn check(data: &DataArguments, voice: Voice) -> Result<(), Failure> {
    let found = found(data)?;
    if let Some(file) = &data.html {
        write_page(file, &found.to_html(voice.language()), voice)?;
    }
    if data.json {
        json_line(&found);
    } else {
        show(&found, voice);
    }
    let file = data.file.display();
    let bad = found.load.bad.count;
    if bad > 0 && !data.skip_bad {
        let what = phrases::data_bad(file, count(bad));
        return Err(Failure::new("DATA", what).advise(phrases::data_advice()));
    }
    if let Some(problem) = found.columns.into_iter().find_map(|column| column.problem) {
        let what = domain::Text::same(problem);
        return Err(Failure::new("BINDING", what).advise(phrases::binding_advice()));
    }
    if !data.json {
        voice.tell(&phrases::data_fine(file));
    }
    Ok(())
}

fn found(data: &DataArguments) -> Result<DataCheck, Failure> {
    let profile = party::check_data(&data.file, &data.column, &data.kind, &data.check)?;
    let content = party::content_hash(&data.file)?;
    let bindings = party::bindings(&profile, &data.classes);
    let column = |(profile, binding): (_, party::Binding)| CheckedColumn {
        profile,
        field: binding.field,
        problem: binding.problem,
    };
    Ok(DataCheck {
        file: file_name(&data.file),
        content,
        key: data.column.clone(),
        kind: data.kind.clone(),
        load: profile.load,
        classes: data.classes.clone(),
        columns: profile.columns.into_iter().zip(bindings).map(column).collect(),
    })
}

fn show(found: &DataCheck, voice: Voice) {
    let load = &found.load;
    let entries = [
        (phrases::head_rows(), count(load.rows)),
        (phrases::head_distinct(), count(load.distinct)),
        (phrases::head_repeated(), count(load.duplicates.count)),
        (phrases::head_normalised(), count(load.normalised)),
        (phrases::head_flagged(), count(load.flagged.identifiers)),
        (phrases::head_bad(), count(load.bad.count)),
        (phrases::head_content(), found.content.to_string()),
    ];
    print(&table::list(voice.language(), &entries));
    say::line("");
    print(&columns(found, voice));
    for row in load.bad.listed.iter().take(SHOWN) {
        say::line(&format!("  {row}"));
    }
}

/// The columns: what kind of value each has, how much of it is missing, and which field it is.
fn columns(found: &DataCheck, voice: Voice) -> Vec<String> {
    let mut heads = vec![phrases::head_column(), phrases::head_kind(), phrases::head_missing()];
    if !found.classes.is_empty() {
        heads.push(phrases::head_field());
    }
    let mut table = Table::new(voice.language(), &heads).right(&[2]);
    for column in &found.columns {
        let profile = &column.profile;
        let kind = voice.words(&report::kind_words(profile.kind)).to_owned();
        let share = 100.0 * as_float(profile.missing) / as_float(found.load.rows.max(1));
        let mut row = vec![profile.name.clone(), kind, format!("{share:.1}%")];
        if !found.classes.is_empty() {
            let field = column.field.as_ref();
            row.push(field.map_or_else(|| "-".into(), ToString::to_string));
        }
        table.row(row);
    }
    table.lines()
}

#[cfg(test)]
#[path = "data_tests.rs"]
mod tests;
