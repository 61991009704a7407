//! Signed statements: what was said, by which key, in bytes that anyone can check again.
//!
//! An [`Envelope`] is a DSSE envelope (Dead Simple Signing Envelope, v1.0.2): a payload, its type,
//! and signatures over both. The signature covers the payload's bytes as they stand, so nothing
//! depends on how somebody writes JSON. Authorisations, statements of their state, certificates
//! and receipts all travel in one.
//!
//! # Suites
//!
//! A key and a signature belong to a [`Suite`]. There is one today, `ed25519` (RFC 8032); the name
//! `sm2-sm3` is reserved, and refused by name rather than misread. Verification is strict:
//! non-canonical signatures and keys of small order are refused, so that a signature that one party
//! accepts is accepted by every other.
//!
//! # What is promised
//!
//! Parsing is bounded ([`MAX_ENVELOPE`], [`MAX_SIGNATURES`]) and never panics. A payload comes out
//! only through [`Envelope::open`], verified, or through [`Envelope::unverified`], which says so.
//!
//! ```
//! use envelope::{Envelope, SigningKey};
//!
//! let key = SigningKey::from_seed(&[7; 32]);
//! let sealed = Envelope::sign("application/vnd.tacit.example.v1+json", b"{}".to_vec(), &key);
//! let read = Envelope::from_json(&sealed.to_json())?;
//! assert_eq!(read.open("application/vnd.tacit.example.v1+json", &key.public())?, b"{}");
//! # Ok::<(), envelope::Error>(())
//! ```

mod dsse;
mod error;
mod key;

pub use dsse::{Envelope, MAX_ENVELOPE, MAX_SIGNATURES};
pub use error::Error;
pub use key::{PublicKey, SigningKey, Suite};
