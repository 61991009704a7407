//! Policy profiles: what each document says about each case, and what the toolkit does.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::{Digest, Refusal};

use crate::canonical::Canonical;
use crate::profile_form::ProfileForm;
use crate::{Allowed, Case, Citation, Effect, Error, Refused, Ruling, Verdict};

const DOMAIN: &str = "tacit/catalogue/v1/profile";

/// The most bytes that a profile's document may have.
pub const MAX_PROFILE: usize = 64 << 10;

/// Fewer subjects than this are no aggregate under any profile. National L69 asks that data be
/// desensitised; the number is the toolkit's.
pub const MIN_COHORT: u32 = 10;

/// A policy profile: a position on each of the fourteen cases ([`Case`]).
///
/// What a document says and what the toolkit does are kept apart. All four documents let an
/// institution have raw detail with the subject's authorisation; the toolkit never does. So a
/// position holds the document's verdict, for reports, and an effect, to act on, which is never
/// looser than the verdict and never beyond [`Case::possible`]. Where a document is silent or only
/// arguable, the effect is that of [`Profile::strictest`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub(crate) name: String,
    pub(crate) document: String,
    pub(crate) minimum_cohort: u32,
    pub(crate) positions: BTreeMap<Case, Position>,
    pub(crate) hash: Digest,
}

/// A profile's position on one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// What the document says.
    pub verdict: Verdict,
    /// Where it says so.
    pub text: Citation,
    /// What the toolkit does.
    pub effect: Effect,
    /// Why, when the verdict alone does not say.
    pub because: Option<Citation>,
}

impl Position {
    /// Everything that the effect rests on: the document first, then the reason to differ.
    #[must_use]
    pub fn citation(&self) -> Citation {
        self.because.as_ref().map_or_else(|| self.text.clone(), |reason| self.text.and(reason))
    }
}

/// The profiles that come with the toolkit.
const BUILT_IN: [(&str, &str); 4] = [
    ("national", include_str!("../data/profiles/national.toml")),
    ("jiangsu", include_str!("../data/profiles/jiangsu.toml")),
    ("nanjing", include_str!("../data/profiles/nanjing.toml")),
    ("qinghai", include_str!("../data/profiles/qinghai.toml")),
];
const STRICTEST: &str = include_str!("../data/profiles/strictest.toml");

impl Profile {
    /// The names of the profiles that come with the toolkit, the default first.
    pub const BUILT_IN: [&str; 5] = ["strictest", "national", "jiangsu", "nanjing", "qinghai"];

    /// The default: for each case the strictest of the four documents and the toolkit's own rules.
    #[must_use]
    pub fn strictest() -> &'static Self {
        static LOADED: LazyLock<Profile> = LazyLock::new(|| {
            let form = Error::read(STRICTEST, MAX_PROFILE);
            form.and_then(|form: ProfileForm| form.parse(None))
                .expect("the document is part of this crate and its tests")
        });
        &LOADED
    }

    /// The profile of this name that comes with the toolkit (see [`Profile::BUILT_IN`]).
    #[must_use]
    pub fn built_in(name: &str) -> Option<&'static Self> {
        static LOADED: LazyLock<Vec<Profile>> = LazyLock::new(|| {
            let read = |(_, text): &(_, &str)| Profile::from_toml(text);
            let all: Result<_, _> = BUILT_IN.iter().map(read).collect();
            all.expect("the documents are part of this crate and its tests")
        });
        if name == Self::strictest().name {
            return Some(Self::strictest());
        }
        LOADED.iter().find(|profile| profile.name == name)
    }

    /// Reads a profile's document; what it leaves open is decided by [`Profile::strictest`].
    ///
    /// # Errors
    ///
    /// [`Error::Oversized`] over [`MAX_PROFILE`] bytes, [`Error::Syntax`], and [`Error::Case`]
    /// naming the case whose effect the toolkit does not have, like raw detail.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let form: ProfileForm = Error::read(text, MAX_PROFILE)?;
        form.parse(Some(Self::strictest()))
    }

    /// The name, like `jiangsu`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The document whose text it follows.
    #[must_use]
    pub fn document(&self) -> &str {
        &self.document
    }

    /// The fewest subjects that an aggregate may be over, at least [`MIN_COHORT`].
    #[must_use]
    pub const fn minimum_cohort(&self) -> u32 {
        self.minimum_cohort
    }

    /// SHA-256 over a canonical form of all it says.
    #[must_use]
    pub const fn hash(&self) -> Digest {
        self.hash
    }

    /// The position on a case.
    #[must_use]
    pub fn position(&self, case: Case) -> &Position {
        self.positions.get(&case).expect("a profile is read with a position on every case")
    }

    /// What the toolkit does about a case.
    #[must_use]
    pub fn effect(&self, case: Case) -> Effect {
        self.position(case).effect
    }

    /// The ruling on a case as such, before any class or field is named.
    ///
    /// # Errors
    ///
    /// [`Refusal::ProfileDenies`] with the article, when the profile denies it.
    pub fn ruling(&self, case: Case) -> Ruling {
        let Position { effect, .. } = self.position(case);
        let citation = self.position(case).citation();
        match effect {
            Effect::Deny => Err(Refused::new(Refusal::ProfileDenies, None, citation)),
            Effect::Project | Effect::AllowPublic | Effect::Allow => {
                Ok(Allowed { need: case.need(), citation, fields: Vec::new() })
            }
        }
    }

    pub(crate) fn take_hash(&self) -> Digest {
        let Self { name, document, minimum_cohort, positions, hash: _ } = self;
        let mut canonical = Canonical::new(DOMAIN);
        canonical.text(name);
        canonical.text(document);
        canonical.text(&minimum_cohort.to_string());
        canonical.length(positions.len());
        for (case, Position { verdict, text, effect, because }) in positions {
            let citations = std::iter::once(text).chain(because);
            let words = [case.code(), verdict.code(), effect.code()];
            let told = citations.flat_map(|told| [&told.article, &told.zh, &told.en]);
            let parts: Vec<&str> = words.into_iter().chain(told.map(String::as_str)).collect();
            canonical.length(parts.len());
            parts.into_iter().for_each(|part| canonical.text(part));
        }
        canonical.finish()
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::strictest().clone()
    }
}
