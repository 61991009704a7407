//! The names that terms and messages are bound to.

/// SHA-256 of a lender's public keys: their name in every terms.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

/// One execution of a protocol.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunId(pub [u8; 16]);

/// One query of a run; never used twice.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct QueryId(pub [u8; 16]);

/// Prints identifiers, which are tuples of one array of bytes, in hexadecimal.
///
/// ```
/// #[derive(Clone, Copy, PartialEq, Eq)]
/// struct ModelId([u8; 2]);
/// lattice::hexadecimal!(ModelId);
/// assert_eq!(ModelId([1, 0xab]).to_string(), "01ab");
/// assert_eq!(format!("{:?}", ModelId([1, 0xab])), "ModelId(01ab)");
/// ```
#[macro_export]
macro_rules! hexadecimal {
    ($($name:ident),*) => {$(
        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                self.0.iter().try_for_each(|byte| ::core::write!(f, "{byte:02x}"))
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::write!(f, "{}({self})", ::core::stringify!($name))
            }
        }
    )*};
}

hexadecimal!(Fingerprint, RunId, QueryId);
