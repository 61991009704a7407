//! What may come of which fields.

use std::collections::BTreeSet;

use domain::{ClassId, Field, Output, Refusal};
use serde::{Deserialize, Serialize};

use crate::Error;

/// The most lines of a scope.
pub const MAX_ITEMS: usize = 64;
/// The most fields that a line of a scope names.
pub const MAX_FIELDS: usize = 128;

/// What stands for "all of them", alone in its list.
pub(crate) const ALL: &str = "*";

/// What an authorisation covers: 1 to 64 lines.
///
/// A field and an output are covered when one line has both. The same class may have several
/// lines, so that each field can have outputs of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<ScopeItem>", into = "Vec<ScopeItem>")]
pub struct Scope(Vec<ScopeItem>);

/// One line of a scope: fields of one class, and what may come of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub struct ScopeItem {
    class: ClassId,
    fields: Fields,
    outputs: BTreeSet<Output>,
}

/// Which fields of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fields {
    /// Every field that the class has or will have, `["*"]`.
    All,
    /// These, by name: 1 to 128.
    Only(BTreeSet<Field>),
}

impl Scope {
    /// A scope of these lines.
    ///
    /// # Errors
    ///
    /// [`Error::Text`] for none or more than 64.
    pub fn new(items: Vec<ScopeItem>) -> Result<Self, Error> {
        if (1..=MAX_ITEMS).contains(&items.len()) {
            return Ok(Self(items));
        }
        Err(Error::Text { what: "a scope", expected: "1 to 64 lines" })
    }

    /// Its lines.
    #[must_use]
    pub fn items(&self) -> &[ScopeItem] {
        &self.0
    }

    /// Whether some line allows this output.
    #[must_use]
    pub fn allows(&self, output: Output) -> bool {
        self.0.iter().any(|item| item.outputs.contains(&output))
    }

    /// Whether this output may come of every one of these fields. Classes are looked at before
    /// outputs, so that the answer does not hang on the order of the fields.
    ///
    /// # Errors
    ///
    /// [`Refusal::AuthScopeClass`], then [`Refusal::AuthScopeOutput`].
    pub fn covers<'a, I>(&self, fields: I, output: Output) -> Result<(), Refusal>
    where
        I: IntoIterator<Item = &'a Field> + Clone,
    {
        if !fields.clone().into_iter().all(|field| self.of(field).next().is_some()) {
            return Err(Refusal::AuthScopeClass);
        }
        let allows = |field| self.of(field).any(|item| item.outputs.contains(&output));
        if fields.into_iter().all(allows) { Ok(()) } else { Err(Refusal::AuthScopeOutput) }
    }

    fn of(&self, field: &Field) -> impl Iterator<Item = &ScopeItem> {
        self.0.iter().filter(move |item| item.has(field))
    }

    /// Whether everything that this scope covers is covered by `old`.
    ///
    /// "Every field" is open: no list of names adds up to it, so only another `All` covers it.
    pub(crate) fn within(&self, old: &Self) -> bool {
        self.0.iter().all(|item| {
            item.outputs.iter().all(|output| {
                let lines = || {
                    old.0
                        .iter()
                        .filter(|line| line.class == item.class && line.outputs.contains(output))
                };
                match &item.fields {
                    Fields::All => lines().any(|line| line.fields == Fields::All),
                    Fields::Only(fields) => {
                        fields.iter().all(|field| lines().any(|line| line.has(field)))
                    }
                }
            })
        })
    }
}

impl ScopeItem {
    /// A line.
    ///
    /// # Errors
    ///
    /// [`Error::Text`] when there is no output, or the fields are none, more than 128 or of
    /// another class.
    pub fn new(class: ClassId, fields: Fields, outputs: BTreeSet<Output>) -> Result<Self, Error> {
        let fit = match &fields {
            Fields::All => true,
            Fields::Only(fields) => {
                (1..=MAX_FIELDS).contains(&fields.len())
                    && fields.iter().all(|field| field.class() == class)
            }
        };
        if fit && !outputs.is_empty() {
            return Ok(Self { class, fields, outputs });
        }
        let expected = "1 to 128 fields of its class, or all, and at least one output";
        Err(Error::Text { what: "a line of a scope", expected })
    }

    /// The class.
    #[must_use]
    pub const fn class(&self) -> ClassId {
        self.class
    }

    /// Which of its fields.
    #[must_use]
    pub const fn fields(&self) -> &Fields {
        &self.fields
    }

    /// What may come of them.
    #[must_use]
    pub const fn outputs(&self) -> &BTreeSet<Output> {
        &self.outputs
    }

    fn has(&self, field: &Field) -> bool {
        self.class == field.class()
            && match &self.fields {
                Fields::All => true,
                Fields::Only(fields) => fields.contains(field),
            }
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    class: ClassId,
    fields: Vec<String>,
    outputs: Vec<Output>,
}

impl TryFrom<Form> for ScopeItem {
    type Error = Error;

    fn try_from(form: Form) -> Result<Self, Error> {
        let fields = if form.fields == [ALL] {
            Fields::All
        } else {
            let read = |name: &String| Field::new(form.class, name).ok();
            let what = "the fields of a line";
            let expected = "`[\"*\"]`, or 1 to 128 different names like `in_arrears_now`";
            Fields::Only(
                distinct(form.fields.iter().map(read)).ok_or(Error::Text { what, expected })?,
            )
        };
        let (what, expected) = ("the outputs of a line", "named once each");
        let outputs =
            distinct(form.outputs.into_iter().map(Some)).ok_or(Error::Text { what, expected })?;
        Self::new(form.class, fields, outputs)
    }
}

impl From<ScopeItem> for Form {
    fn from(item: ScopeItem) -> Self {
        let fields = match item.fields {
            Fields::All => vec![ALL.into()],
            Fields::Only(fields) => fields.iter().map(|field| field.name().into()).collect(),
        };
        Self { class: item.class, fields, outputs: item.outputs.into_iter().collect() }
    }
}

impl TryFrom<Vec<ScopeItem>> for Scope {
    type Error = Error;

    fn try_from(items: Vec<ScopeItem>) -> Result<Self, Error> {
        Self::new(items)
    }
}

impl From<Scope> for Vec<ScopeItem> {
    fn from(scope: Scope) -> Self {
        scope.0
    }
}

/// The set of a list's items; `None` when one cannot be read or comes twice.
pub(crate) fn distinct<T: Ord>(items: impl Iterator<Item = Option<T>>) -> Option<BTreeSet<T>> {
    let mut set = BTreeSet::new();
    for item in items {
        if !set.insert(item?) {
            return None;
        }
    }
    Some(set)
}

#[cfg(test)]
mod tests {
    use domain::{Field, Output, Refusal};

    use super::{Scope, ScopeItem};

    fn scope(json: &str) -> Scope {
        serde_json::from_str(json).unwrap()
    }

    fn field(text: &str) -> Field {
        text.parse().unwrap()
    }

    #[test]
    fn a_field_and_an_output_are_covered_when_one_line_has_both() {
        let scope = scope(
            r#"[{"class":1,"fields":["*"],"outputs":["score"]},
                {"class":2,"fields":["in_arrears_now"],"outputs":["verify"]},
                {"class":2,"fields":["months"],"outputs":["score"]}]"#,
        );
        let covers = |names: &[&str], output| {
            let fields: Vec<_> = names.iter().map(|name| field(name)).collect();
            scope.covers(&fields, output)
        };
        assert_eq!(covers(&["1.vat", "2.months"], Output::Score), Ok(()));
        assert_eq!(covers(&["2.in_arrears_now"], Output::Verify), Ok(()));
        assert_eq!(covers(&["2.in_arrears_now"], Output::Score), Err(Refusal::AuthScopeOutput));
        assert_eq!(covers(&["2.other"], Output::Score), Err(Refusal::AuthScopeClass));
        // Whatever the order of the fields.
        for names in [["2.months", "11.a"], ["11.a", "2.months"]] {
            assert_eq!(covers(&names, Output::Verify), Err(Refusal::AuthScopeClass));
        }
    }

    #[test]
    fn no_list_of_names_covers_every_field() {
        let all = scope(r#"[{"class":1,"fields":["*"],"outputs":["score","verify"]}]"#);
        let some = scope(r#"[{"class":1,"fields":["a","b"],"outputs":["score"]}]"#);
        let split = scope(
            r#"[{"class":1,"fields":["a"],"outputs":["score"]},{"class":1,"fields":["b"],"outputs":["score"]}]"#,
        );
        assert!(some.within(&all) && !all.within(&some));
        assert!(some.within(&split) && split.within(&some));
        assert!(all.within(&all));
    }

    #[test]
    fn a_list_with_nothing_too_much_or_anything_twice_does_not_parse() {
        let many = |n: usize| {
            let names: Vec<_> = (0..n).map(|i| format!("\"f{i}\"")).collect();
            format!(r#"{{"class":1,"fields":[{}],"outputs":["score"]}}"#, names.join(","))
        };
        assert!(serde_json::from_str::<ScopeItem>(&many(128)).is_ok());
        for bad in [
            many(0),
            many(129),
            r#"{"class":1,"fields":["a","a"],"outputs":["score"]}"#.into(),
            r#"{"class":1,"fields":["*","a"],"outputs":["score"]}"#.into(),
            r#"{"class":1,"fields":["A"],"outputs":["score"]}"#.into(),
            r#"{"class":1,"fields":["a"],"outputs":[]}"#.into(),
            r#"{"class":1,"fields":["a"],"outputs":["score","score"]}"#.into(),
            r#"{"class":1,"fields":["a"],"outputs":["raw"]}"#.into(),
            r#"{"class":1,"fields":["a"],"outputs":["score"],"x":1}"#.into(),
            r#"{"class":0,"fields":["a"],"outputs":["score"]}"#.into(),
        ] {
            assert!(serde_json::from_str::<ScopeItem>(&bad).is_err(), "{bad}");
        }
        let line = many(1);
        let lines = |n: usize| format!("[{}]", vec![line.as_str(); n].join(","));
        assert!(serde_json::from_str::<Scope>(&lines(64)).is_ok());
        for n in [0, 65] {
            assert!(serde_json::from_str::<Scope>(&lines(n)).is_err());
        }
    }
}
