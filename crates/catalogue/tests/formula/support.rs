//! What several tests stand on.

use catalogue::formula::Asking;
use catalogue::{Catalogue, Mistake, TypedFormula};
use domain::{Answer, Field, Value};
use formula::Formula;
use time::Date;
use time::macros::date;

pub(crate) const TODAY: Date = date!(2026 - 03 - 02);

pub(crate) fn field(text: &str) -> Field {
    text.parse().unwrap()
}

pub(crate) fn typed_by(catalogue: &Catalogue, text: &str) -> Result<TypedFormula, Mistake> {
    let formula: Formula = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    catalogue.typed(&formula)
}

pub(crate) fn typed(text: &str) -> TypedFormula {
    typed_by(Catalogue::jiangsu(), text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub(crate) fn mistake(text: &str) -> Mistake {
    typed_by(Catalogue::jiangsu(), text).expect_err(text)
}

/// The formula's answer on a record, all its atoms answered in clear.
pub(crate) fn answer(
    formula: &TypedFormula,
    mut value: impl FnMut(&Field) -> Option<Value>,
    today: Date,
) -> Answer {
    let atoms: Vec<Answer> = formula
        .atoms()
        .iter()
        .map(|atom| match atom.asking() {
            Asking::Clear(clear) => clear.answer(&mut value, today),
            Asking::Sealed(_) => panic!("{formula} has a sealed number"),
        })
        .collect();
    formula.answer(&atoms)
}

/// A catalogue with a class 200 that has a field of every type, named `f_` and the type.
pub(crate) fn of_every_type() -> Catalogue {
    let fields: String = catalogue::FieldType::ALL
        .iter()
        .map(|of| {
            let more = match of.code() {
                "record" => ", parts = [\"one\", \"two\"]",
                "enum" => ", ranks = [\"A\", \"B\", \"C\"]",
                _ => "",
            };
            format!("  {{ zh = \"字段\", en = \"f_{of}\", type = \"{of}\"{more} }},\n")
        })
        .collect();
    let overlay = format!(
        "schema = 1\noverlay = \"every-type\"\nbase = \"jiangsu-2022\"\ndocument = \"市清单\"\n\
         issued = 2026-01-05\n[[class]]\nid = 200\nslug = \"every_type\"\nname_zh = \"各类字段\"\n\
         name_en = \"Every type\"\nsharing_mode = \"interface_with_authorisation\"\n\
         responsible = [\"tax_service\"]\ndue = \"2026-12-31\"\nbasis = \"added_by_nanjing\"\n\
         x_subject_kind = \"enterprise\"\nx_subject_key = \"f_uscc\"\n\
         x_openness_rule = \"provider_declares\"\nfields = [\n{fields}]\n"
    );
    Catalogue::jiangsu().overlaid(&overlay).unwrap()
}
