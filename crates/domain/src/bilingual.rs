//! Tables with a code and a phrase in both languages.

/// Defines a table: variant, stable code, English, Chinese.
#[doc(hidden)]
#[macro_export]
macro_rules! bilingual {
    (
        $(#[$doc:meta])* $type:ident;
        $($(#[$each:meta])* $variant:ident $code:literal $en:literal $zh:literal;)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $($(#[$each])* $variant,)*
        }

        impl $type {
            /// Every one there is, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable code, the same in every language.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The phrase for English readers.
            #[must_use]
            pub const fn en(self) -> &'static str {
                match self { $(Self::$variant => $en,)* }
            }

            /// The phrase for Chinese readers.
            #[must_use]
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)* }
            }
        }
    };
}

pub(crate) use bilingual;
