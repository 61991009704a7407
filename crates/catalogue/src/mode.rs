//! How a department hands its data over.

use std::fmt;

use crate::words::words;

words! {
    /// How a department shares a field (共享方式); says nothing about openness.
    SharingMode, "a sharing mode":
    /// Collected at the node (物理归集).
    CentralisedCollection "centralised_collection"
        "centralised collection" "物理归集";
    /// Through an interface, the subject having authorised it.
    InterfaceWithAuthorisation "interface_with_authorisation"
        "interface call, with the enterprise's authorisation" "接口调用(经企业授权)";
    /// Through an interface, without authorisation: court data.
    InterfaceWithoutAuthorisation "interface_without_authorisation"
        "interface call, no authorisation" "接口调用(无授权)";
    /// Only as an answer, the subject having authorised it.
    VerificationWithAuthorisation "verification_with_authorisation"
        "verification, with the enterprise's authorisation" "数据核验(经企业授权)";
}

impl SharingMode {
    /// Whether the mode itself demands the subject's authorisation.
    #[must_use]
    pub const fn asks_authorisation(self) -> bool {
        match self {
            Self::InterfaceWithAuthorisation | Self::VerificationWithAuthorisation => true,
            Self::CentralisedCollection | Self::InterfaceWithoutAuthorisation => false,
        }
    }

    /// Whether a fact shared like this is a feature unless its catalogue says otherwise.
    ///
    /// Verification is for verification only: using such a field in a score goes beyond the mode
    /// as written (数据核验), so a catalogue must switch it on field by field.
    #[must_use]
    pub const fn is_feature_by_default(self) -> bool {
        !matches!(self, Self::VerificationWithAuthorisation)
    }

    /// How much a mode asks: no authorisation at all; none once public; always; answers only.
    pub(crate) const fn strictness(self) -> u8 {
        match self {
            Self::InterfaceWithoutAuthorisation => 0,
            Self::CentralisedCollection => 1,
            Self::InterfaceWithAuthorisation => 2,
            Self::VerificationWithAuthorisation => 3,
        }
    }

    /// Whether this mode lets more through than the other.
    #[must_use]
    pub const fn is_looser_than(self, other: Self) -> bool {
        self.strictness() < other.strictness()
    }
}

/// How a class as a whole is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClassMode {
    /// All fields alike.
    Whole(SharingMode),
    /// By field (按字段分别规定).
    Split,
}

impl ClassMode {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Whole(mode) => mode.code(),
            Self::Split => "split",
        }
    }

    /// The name for English readers.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Whole(mode) => mode.en(),
            Self::Split => "stated field by field",
        }
    }

    /// The name for Chinese readers.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Whole(mode) => mode.zh(),
            Self::Split => "按字段分别规定",
        }
    }
}

impl fmt::Display for ClassMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
