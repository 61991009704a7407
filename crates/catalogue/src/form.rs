//! A catalogue's document as it is written.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ClassId, Field, Output};
use serde::Deserialize;
use toml::value::Datetime;

use crate::catalogue::Contents;
use crate::entry::weighs;
use crate::error::{Fault, shown};
use crate::grid;
use crate::rules::is_social_insurance;
use crate::text::{date, day, name, schema, text, word};
use crate::{
    Basis, Class, ClassMode, Department, Due, Error, FieldEntry, FieldType, Openness, SharingMode,
};

/// A catalogue, of the right shape but not yet of sound content.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CatalogueForm {
    schema: u32,
    catalogue: String,
    document: String,
    issued: Datetime,
    #[serde(default)]
    counts: BTreeMap<String, u64>,
    department: BTreeMap<String, DepartmentForm>,
    class: Vec<ClassForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DepartmentForm {
    zh: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClassForm {
    id: u16,
    slug: String,
    name_zh: String,
    name_en: String,
    sharing_mode: String,
    sharing_mode_zh: Option<String>,
    responsible: Vec<String>,
    due: String,
    basis: String,
    remark_zh: Option<String>,
    refresh_cycle: Option<String>,
    x_subject_kind: String,
    x_subject_key: String,
    x_openness_rule: String,
    x_note: Option<String>,
    fields: Vec<FieldForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldForm {
    zh: String,
    zh_printed: Option<String>,
    en: String,
    #[serde(rename = "type")]
    field_type: String,
    #[serde(default)]
    parts: Vec<String>,
    sharing_mode: Option<String>,
    openness: Option<String>,
    declared_by: Option<String>,
    #[serde(default)]
    x_personal: bool,
    grade: Option<u8>,
    allow_as_feature: Option<bool>,
    permitted_outputs: Option<Vec<String>>,
    grid: Option<Vec<f64>>,
    #[serde(default)]
    ranks: Vec<String>,
}

impl CatalogueForm {
    /// The contents, and what the document counts of itself.
    pub(crate) fn parse(self) -> Result<(Contents, BTreeMap<String, u64>), Error> {
        schema(self.schema)?;
        let source = text("document", self.document).map_err(Error::Document)?;
        let mut contents = Contents {
            name: name("catalogue", self.catalogue)?,
            documents: vec![source.clone()],
            issued: day(self.issued)?,
            departments: BTreeMap::new(),
            classes: BTreeMap::new(),
        };
        contents.add_departments(self.department)?;
        contents.add_classes(self.class, &source)?;
        Ok((contents, self.counts))
    }
}

impl Contents {
    pub(crate) fn add_departments(
        &mut self,
        forms: BTreeMap<String, DepartmentForm>,
    ) -> Result<(), Error> {
        for (key, DepartmentForm { zh, en }) in forms {
            let key = word("a department's key", key).map_err(Error::Document)?;
            let department = Department {
                zh: text("zh", zh).map_err(Error::Document)?,
                en: text("en", en).map_err(Error::Document)?,
            };
            let known = self.departments.entry(key.clone()).or_insert_with(|| department.clone());
            if *known != department {
                let problem = format!("department `{key}` is listed already under another name");
                return Err(Error::Document(problem));
            }
        }
        Ok(())
    }

    pub(crate) fn add_classes(&mut self, forms: Vec<ClassForm>, source: &str) -> Result<(), Error> {
        for form in forms {
            let id = ClassId::new(form.id).map_err(|e| Error::Document(e.to_string()))?;
            let class = form.parse(id, source)?;
            if self.classes.insert(id, class).is_some() {
                return Err(Error::class(id, Fault::Other("the class is listed already".into())));
            }
        }
        Ok(())
    }
}

impl ClassForm {
    fn parse(self, id: ClassId, source: &str) -> Result<Class, Error> {
        let fault = |fault: Fault| Error::class(id, fault);
        let worded = |error: Error| Error::class(id, error);
        let text = |what, value| text(what, value).map_err(|e| fault(Fault::Other(e)));
        let word = |what, value| word(what, value).map_err(|e| fault(Fault::Other(e)));
        let optional = |what, value: Option<String>| value.map(|v| text(what, v)).transpose();
        let mode = if self.sharing_mode == ClassMode::Split.code() {
            ClassMode::Split
        } else {
            ClassMode::Whole(self.sharing_mode.parse().map_err(worded)?)
        };
        let fields = self.fields.into_iter().map(|form| form.parse(id, mode, None));
        let class = Class {
            id,
            slug: word("slug", self.slug)?,
            zh: text("name_zh", self.name_zh)?,
            en: text("name_en", self.name_en)?,
            source: source.into(),
            mode_zh: optional("sharing_mode_zh", self.sharing_mode_zh)?,
            responsible: self.responsible,
            due: due(&self.due).map_err(fault)?,
            basis: basis(&self.basis).map_err(fault)?,
            remark_zh: optional("remark_zh", self.remark_zh)?,
            refresh_cycle: optional("refresh_cycle", self.refresh_cycle)?,
            about: self.x_subject_kind.parse().map_err(worded)?,
            key: word("x_subject_key", self.x_subject_key)?,
            rule: self.x_openness_rule.parse().map_err(worded)?,
            note: optional("x_note", self.x_note)?,
            fields: fields.collect::<Result<_, _>>()?,
        };
        // Social insurance without its split has an error of its own, in the rules.
        if mode == ClassMode::Split && class.mode() != mode && !is_social_insurance(&class) {
            let problem = "the class is `split`, yet its fields are all shared alike";
            return Err(fault(Fault::Other(problem.into())));
        }
        Ok(class)
    }
}

impl FieldForm {
    /// The field of a class that is shared in this mode; `source` is an overlay's document.
    pub(crate) fn parse(
        self,
        class: ClassId,
        of_class: ClassMode,
        source: Option<&str>,
    ) -> Result<FieldEntry, Error> {
        let field = Field::new(class, &self.en).map_err(|e| {
            Error::class(class, Fault::Other(format!("`{}`: {e}", shown(&self.en))))
        })?;
        let fault = |fault: Fault| Error::field(&field, fault);
        let worded = |error: Error| Error::field(&field, error);
        let text = |what, value| text(what, value).map_err(|e| fault(Fault::Other(e)));
        let field_type: FieldType = self.field_type.parse().map_err(worded)?;
        let own: Option<SharingMode> =
            self.sharing_mode.map(|mode| mode.parse()).transpose().map_err(worded)?;
        let mode = match (of_class, own) {
            (ClassMode::Split, None) => return Err(fault(Fault::SplitWithoutMode)),
            (ClassMode::Whole(class), Some(field)) if field.is_looser_than(class) => {
                return Err(fault(Fault::LooserThanClass { class, field }));
            }
            (ClassMode::Split | ClassMode::Whole(_), Some(own)) => own,
            (ClassMode::Whole(mode), None) => mode,
        };
        if self.allow_as_feature == Some(true) && !field_type.is_fact() {
            return Err(fault(Fault::NotAFeature(field_type)));
        }
        let feature = self.allow_as_feature.unwrap_or(mode.is_feature_by_default());
        let feature = feature && field_type.is_fact();
        let outputs = match self.permitted_outputs {
            Some(words) => permitted(&words, field_type, feature).map_err(fault)?,
            None => {
                let all = field_type.outputs().iter().copied();
                all.filter(|output| feature || !weighs(*output)).collect()
            }
        };
        let grid = match self.grid {
            Some(numbers) => grid::stated(field_type, &numbers).map_err(fault)?,
            None => grid::by_default(field_type, field.name()).to_vec(),
        };
        if !self.ranks.is_empty() {
            grid::ranked(field_type, &self.ranks).map_err(fault)?;
        }
        let parts = self.parts.into_iter().map(|part| word("a part", part));
        Ok(FieldEntry {
            zh: text("zh", self.zh)?,
            zh_printed: self.zh_printed.map(|v| text("zh_printed", v)).transpose()?,
            source: source.map(Into::into),
            field_type,
            parts: parts.collect::<Result<_, _>>().map_err(|e| fault(Fault::Other(e)))?,
            mode,
            openness: openness(self.openness.as_deref(), self.declared_by).map_err(fault)?,
            personal: self.x_personal,
            grade: self.grade,
            feature,
            outputs,
            grid,
            ranks: self.ranks,
            field,
        })
    }
}

/// The outputs that a document permits for a field of this type.
fn permitted(
    words: &[String],
    field_type: FieldType,
    feature: bool,
) -> Result<BTreeSet<Output>, Fault> {
    let output = |word: &String| {
        let output = output(word)?;
        if !field_type.outputs().contains(&output) {
            Err(Fault::OutputBeyondType { output, field_type })
        } else if weighs(output) && !feature {
            Err(Fault::OutputNeedsFeature(output))
        } else {
            Ok(output)
        }
    };
    words.iter().map(output).collect()
}

/// One of the words for outputs; there is none for a value itself.
pub(crate) fn output(word: &str) -> Result<Output, Fault> {
    word.parse().map_err(|_| Fault::UnknownOutput(shown(word)))
}

pub(crate) fn openness(
    stated: Option<&str>,
    declared_by: Option<String>,
) -> Result<Openness, Fault> {
    match (stated, declared_by) {
        (None | Some("by_rule"), None) => Ok(Openness::ByRule),
        (Some("non_public"), None) => Ok(Openness::NonPublic),
        (Some("public"), Some(declared_by)) => Ok(Openness::Public { declared_by }),
        (Some("public"), None) => {
            Err(Fault::NotDeclarable("`declared_by` must say who declares it"))
        }
        (None | Some("by_rule" | "non_public"), Some(_)) => {
            Err(Fault::Other("`declared_by` goes with `openness = \"public\"`".into()))
        }
        (Some(other), _) => Err(Fault::Word {
            what: "openness",
            found: shown(other),
            expected: &["by_rule", "public", "non_public"],
        }),
    }
}

fn due(text: &str) -> Result<Due, Fault> {
    if text == Due::AlreadyShared.to_string() {
        return Ok(Due::AlreadyShared);
    }
    let problem = "`due` is already_shared or a day, like 2022-09-30";
    date(text).map(Due::By).ok_or_else(|| Fault::Other(problem.into()))
}

fn basis(text: &str) -> Result<Basis, Fault> {
    if text == Basis::StateCouncilPlan.to_string() {
        return Ok(Basis::StateCouncilPlan);
    }
    let problem = || Fault::Other("`basis` is state_council_plan or added_by_<place>".into());
    let place = text.strip_prefix("added_by_").ok_or_else(problem)?;
    word("basis", place.into()).map(Basis::AddedBy).map_err(|_| problem())
}
