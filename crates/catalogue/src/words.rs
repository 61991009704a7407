//! Closed lists of words, each with its sentence in both languages.

/// Defines a table of the domain's form whose codes are also read and written as text.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $type:ident, $what:literal:
        $($(#[$each:meta])* $variant:ident $code:literal $en:literal $zh:literal;)*
    ) => {
        domain::bilingual! {
            $(#[$doc])*
            $type;
            $($(#[$each])* $variant $code $en $zh;)*
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
