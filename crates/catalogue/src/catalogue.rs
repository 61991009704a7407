//! The catalogue: what is listed, under which hash.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::{ClassId, Digest, Field};
use time::Date;

use crate::error::Fault;
use crate::form::CatalogueForm;
use crate::{Class, Department, Error, FieldEntry, ValueKind, rules};

const JIANGSU: &str = include_str!("../data/jiangsu-2022.toml");

/// The most bytes that a catalogue's or an overlay's document may have.
pub const MAX_DOCUMENT: usize = 1 << 20;

/// A sharing catalogue (信用信息共享清单): its classes and fields, checked and hashed.
///
/// Never changes: an overlay or a newer document makes another one, with another hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    contents: Contents,
    hash: Digest,
}

/// What a catalogue says, before it is closed by its checks and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contents {
    pub(crate) name: String,
    pub(crate) documents: Vec<String>,
    pub(crate) issued: Date,
    pub(crate) departments: BTreeMap<String, Department>,
    pub(crate) classes: BTreeMap<ClassId, Class>,
}

impl Contents {
    /// Checks every rule and takes the hash.
    pub(crate) fn close(self) -> Result<Catalogue, Error> {
        rules::check(&self)?;
        let hash = self.hash();
        Ok(Catalogue { contents: self, hash })
    }
}

impl Catalogue {
    /// Reads a catalogue's document.
    ///
    /// # Errors
    ///
    /// [`Error::Oversized`] over [`MAX_DOCUMENT`] bytes, [`Error::Syntax`] when it is not TOML of
    /// this form, [`Error::Class`] and [`Error::Field`] naming the class and field that break a
    /// rule, [`Error::Count`] when its own counts are wrong.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let form: CatalogueForm = Error::read(text, MAX_DOCUMENT)?;
        let (contents, counts) = form.parse()?;
        let catalogue = contents.close()?;
        let found = catalogue.report().counts();
        for (what, stated) in counts {
            let found = found.get(&what).copied().unwrap_or(0);
            if stated != found {
                return Err(Error::Count { what: crate::error::shown(&what), stated, found });
            }
        }
        Ok(catalogue)
    }

    /// The catalogue of Jiangsu: the annex of 苏政办发〔2022〕59号.
    #[must_use]
    pub fn jiangsu() -> &'static Self {
        static LOADED: LazyLock<Catalogue> = LazyLock::new(|| {
            Catalogue::from_toml(JIANGSU).expect("the document is part of this crate and its tests")
        });
        &LOADED
    }

    /// The name, like `jiangsu-2022`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.contents.name
    }

    /// The documents that it stands on, the base first.
    #[must_use]
    pub fn documents(&self) -> &[String] {
        &self.contents.documents
    }

    /// The day of the last of its documents.
    #[must_use]
    pub const fn issued(&self) -> Date {
        self.contents.issued
    }

    /// SHA-256 over a canonical form of all it says; comments, layout and order do not count.
    #[must_use]
    pub const fn hash(&self) -> Digest {
        self.hash
    }

    /// The departments, by key.
    #[must_use]
    pub const fn departments(&self) -> &BTreeMap<String, Department> {
        &self.contents.departments
    }

    /// The classes, by number.
    pub fn classes(&self) -> impl ExactSizeIterator<Item = &Class> {
        self.contents.classes.values()
    }

    /// The class of this number.
    #[must_use]
    pub fn class(&self, id: ClassId) -> Option<&Class> {
        self.contents.classes.get(&id)
    }

    /// The fields of all classes, in the document's order.
    pub fn fields(&self) -> impl Iterator<Item = &FieldEntry> {
        self.classes().flat_map(Class::fields)
    }

    /// The field of this name, with its class.
    #[must_use]
    pub fn lookup(&self, field: &Field) -> Option<(&Class, &FieldEntry)> {
        let class = self.class(field.class())?;
        Some((class, class.field(field.name())?))
    }

    /// The field, if a register's column of this kind can stand for it.
    ///
    /// # Errors
    ///
    /// [`Error::Field`] when the catalogue does not list the field, or its type is another.
    pub fn accepts_binding(&self, field: &Field, kind: ValueKind) -> Result<&FieldEntry, Error> {
        let unlisted = || {
            let problem = format!("the catalogue `{}` does not list this field", self.name());
            Error::field(field, Fault::Other(problem))
        };
        let (_, entry) = self.lookup(field).ok_or_else(unlisted)?;
        let field_type = entry.field_type();
        if field_type.accepts(kind) {
            Ok(entry)
        } else {
            Err(Error::field(field, Fault::Binding { field_type, kind: kind.en() }))
        }
    }

    pub(crate) const fn contents(&self) -> &Contents {
        &self.contents
    }
}
