//! Closed lists of words, each with its sentence in both languages.

/// Defines an enum whose variants have a stable code, an English and a Chinese name.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $type:ident, $what:literal:
        $($(#[$each:meta])* $variant:ident $code:literal $en:literal $zh:literal;)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $($(#[$each])* $variant,)*
        }

        impl $type {
            /// Every one there is, in the order of the documents.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable word that data files carry.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The name for English readers.
            #[must_use]
            pub const fn en(self) -> &'static str {
                match self { $(Self::$variant => $en,)* }
            }

            /// The name for Chinese readers.
            #[must_use]
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)* }
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::Error;

            fn from_str(text: &str) -> Result<Self, $crate::Error> {
                Self::ALL.iter().copied().find(|word| word.code() == text).ok_or_else(|| {
                    $crate::Error::Word {
                        what: $what,
                        found: $crate::error::shown(text),
                        expected: &[$($code,)*],
                    }
                })
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
