//! What a party answers bit by bit.

use tonic::Streaming;

use crate::Error;

/// Replies of one call, one after another.
#[derive(Debug)]
pub struct Replies<T>(pub(crate) Streaming<T>);

impl<T> Replies<T> {
    /// The next reply; `None` at the end.
    ///
    /// # Errors
    ///
    /// When the party breaks off, or the line does.
    pub async fn next(&mut self) -> Result<Option<T>, Error> {
        Ok(self.0.message().await?)
    }
}
