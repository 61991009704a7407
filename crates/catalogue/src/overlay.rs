//! A city's overlay on its province's catalogue: it adds and tightens.

use std::collections::BTreeMap;

use domain::{Field, Output};
use serde::Deserialize;
use toml::value::Datetime;

use crate::catalogue::{Contents, MAX_DOCUMENT};
use crate::entry::weighs;
use crate::error::{Fault, shown};
use crate::form::{ClassForm, DepartmentForm, FieldForm, openness, output};
use crate::grid;
use crate::text::{day, name, schema, text};
use crate::{Catalogue, Error, FieldEntry, Openness, SharingMode};

/// An overlay, of the right shape but not yet of sound content.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OverlayForm {
    schema: u32,
    overlay: String,
    base: String,
    base_hash: Option<String>,
    document: String,
    issued: Datetime,
    #[serde(default)]
    department: BTreeMap<String, DepartmentForm>,
    #[serde(default)]
    class: Vec<ClassForm>,
    #[serde(default)]
    addition: Vec<AdditionForm>,
    #[serde(default)]
    change: Vec<ChangeForm>,
}

/// Fields that a class of the base gets beside its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdditionForm {
    class: u16,
    fields: Vec<FieldForm>,
}

/// What becomes tighter about a field of the base, or is declared public.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeForm {
    field: String,
    sharing_mode: Option<String>,
    openness: Option<String>,
    declared_by: Option<String>,
    grade: Option<u8>,
    allow_as_feature: Option<bool>,
    permitted_outputs: Option<Vec<String>>,
    grid: Option<Vec<f64>>,
    ranks: Option<Vec<String>>,
}

impl Catalogue {
    /// This catalogue with an overlay's additions and changes, under the overlay's name.
    ///
    /// An overlay may add departments, classes and fields, tighten a field's sharing mode, openness,
    /// outputs or grade, and declare a field public where its class leaves that to the provider. It
    /// loosens nothing else, and what it makes holds to every rule that a whole catalogue holds to.
    ///
    /// # Errors
    ///
    /// Those of [`Catalogue::from_toml`]; [`Error::Base`] when it was written for another
    /// catalogue; [`Fault::Loosened`] in [`Error::Field`] when it would loosen.
    pub fn overlaid(&self, overlay_toml: &str) -> Result<Self, Error> {
        let form: OverlayForm = Error::read(overlay_toml, MAX_DOCUMENT)?;
        schema(form.schema)?;
        let hash = self.hash();
        let of_hash = form.base_hash.filter(|wanted| *wanted != hash.to_string());
        let of_name = Some(form.base).filter(|wanted| wanted != self.name());
        if let Some(wanted) = of_name.or(of_hash) {
            let found = self.name().into();
            return Err(Error::Base { wanted: shown(&wanted), found, hash });
        }
        let source = text("document", form.document).map_err(Error::Document)?;
        let mut contents = self.contents().clone();
        contents.name = name("overlay", form.overlay)?;
        contents.documents.push(source.clone());
        contents.issued = day(form.issued)?;
        contents.add_departments(form.department)?;
        contents.add_classes(form.class, &source)?;
        for addition in form.addition {
            contents.add_fields(addition, &source)?;
        }
        for change in form.change {
            contents.change(change, &source)?;
        }
        contents.close()
    }
}

impl Contents {
    fn add_fields(&mut self, addition: AdditionForm, source: &str) -> Result<(), Error> {
        let id =
            addition.class.try_into().map_err(|e: domain::Error| Error::Document(e.to_string()))?;
        let class = self.classes.get_mut(&id).ok_or_else(|| {
            Error::class(id, Fault::Other("there is no such class to add fields to".into()))
        })?;
        let mode = class.mode();
        // In a split class a new field states its own mode: none looser than the class has already.
        let loosest =
            class.fields.iter().map(FieldEntry::mode).min_by_key(|mode| mode.strictness());
        for form in addition.fields {
            let entry = form.parse(id, mode, Some(source))?;
            if let Some(class) = loosest.filter(|loosest| entry.mode.is_looser_than(*loosest)) {
                let field = entry.mode;
                return Err(Error::field(&entry.field, Fault::LooserThanClass { class, field }));
            }
            class.fields.push(entry);
        }
        Ok(())
    }

    fn change(&mut self, change: ChangeForm, source: &str) -> Result<(), Error> {
        let field: Field = change.field.parse().map_err(|e: domain::Error| {
            Error::Document(format!("`{}`: {e}", shown(&change.field)))
        })?;
        let entry = self
            .classes
            .get_mut(&field.class())
            .and_then(|class| class.fields.iter_mut().find(|entry| entry.field == field))
            .ok_or_else(|| Error::field(&field, Fault::Other("there is no such field".into())))?;
        entry.source = Some(source.into());
        change.apply(entry).map_err(|fault| Error::field(&field, fault))
    }
}

impl ChangeForm {
    fn apply(self, entry: &mut FieldEntry) -> Result<(), Fault> {
        let Self {
            field: _,
            sharing_mode,
            openness: stated,
            declared_by,
            grade,
            allow_as_feature,
            permitted_outputs,
            grid: numbers,
            ranks,
        } = self;
        if let Some(mode) = sharing_mode {
            entry.tighten_mode(mode.parse()?)?;
        }
        if stated.is_some() || declared_by.is_some() {
            entry.set_openness(openness(stated.as_deref(), declared_by)?)?;
        }
        if let Some(grade) = grade {
            if entry.grade.is_some_and(|base| grade < base) {
                return Err(loosened("the grade", base_grade(entry), grade));
            }
            entry.grade = Some(grade);
        }
        if let Some(feature) = allow_as_feature {
            entry.set_feature(feature)?;
        }
        if let Some(words) = permitted_outputs {
            let asked = words.iter().map(|word| output(word)).collect::<Result<Vec<_>, _>>()?;
            if let Some(more) = asked.iter().find(|output| !entry.outputs.contains(*output)) {
                return Err(loosened("the outputs", codes(&entry.outputs), more));
            }
            entry.outputs = asked.into_iter().collect();
        }
        // A grid is a choice of ten: none is looser than another, for what may be learned is bounded
        // by the number of thresholds and by the cells between them.
        if let Some(numbers) = numbers {
            entry.grid = grid::stated(entry.field_type, &numbers)?;
        }
        if let Some(ranks) = ranks {
            grid::ranked(entry.field_type, &ranks)?;
            entry.ranks = ranks;
        }
        Ok(())
    }
}

impl FieldEntry {
    fn tighten_mode(&mut self, asked: SharingMode) -> Result<(), Fault> {
        if asked.is_looser_than(self.mode) {
            return Err(loosened("the sharing mode", self.mode, asked));
        }
        if asked != self.mode && !asked.is_feature_by_default() {
            self.set_feature(false)?;
        }
        // What asks for authorisation is not public: the declaration goes with the mode.
        if asked.asks_authorisation() && matches!(self.openness, Openness::Public { .. }) {
            self.openness = Openness::ByRule;
        }
        self.mode = asked;
        Ok(())
    }

    /// Only from "not public whatever the rule says" there is no way back; whether a declaration
    /// may be made is for the rules to say.
    fn set_openness(&mut self, asked: Openness) -> Result<(), Fault> {
        if self.openness == Openness::NonPublic && asked != Openness::NonPublic {
            return Err(loosened("openness", &self.openness, asked));
        }
        self.openness = asked;
        Ok(())
    }

    fn set_feature(&mut self, asked: bool) -> Result<(), Fault> {
        if asked && !self.field_type.is_fact() {
            return Err(Fault::NotAFeature(self.field_type));
        }
        if asked && !self.feature {
            return Err(loosened("`allow_as_feature`", self.feature, asked));
        }
        if !asked {
            self.feature = false;
            self.outputs.retain(|output| !weighs(*output));
        }
        Ok(())
    }
}

fn base_grade(entry: &FieldEntry) -> String {
    entry.grade.map_or_else(|| "none".into(), |grade| grade.to_string())
}

fn codes<'a>(outputs: impl IntoIterator<Item = &'a Output>) -> String {
    outputs.into_iter().map(|output| output.code()).collect::<Vec<_>>().join(", ")
}

fn loosened(what: &'static str, base: impl ToString, asked: impl ToString) -> Fault {
    Fault::Loosened { what, base: base.to_string(), asked: asked.to_string() }
}
