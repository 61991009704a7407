//! Enums whose variants each have a word.

/// Defines an enum of words: a variant and the word that commands and records have for it.
macro_rules! words {
    (
        $(#[$doc:meta])* $type:ident, $what:literal;
        $(#[$first_doc:meta])* $first:ident $first_word:literal;
        $($(#[$each:meta])* $variant:ident $word:literal;)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $(#[$first_doc])* $first,
            $($(#[$each])* $variant,)*
        }

        impl $type {
            /// Every one there is, in the order of the list.
            pub const ALL: &[Self] = &[Self::$first, $(Self::$variant,)*];

            /// The word that commands and records have for it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    Self::$first => $first_word,
                    $(Self::$variant => $word,)*
                }
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::Error;

            fn from_str(text: &str) -> Result<Self, $crate::Error> {
                let expected = concat!($first_word $(, ", ", $word)*);
                let found = Self::ALL.iter().copied().find(|one| one.code() == text);
                found.ok_or($crate::Error::Word { what: $what, expected })
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

pub(crate) use words;
