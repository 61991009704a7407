//! The service `Files`: what is brought to a party, and the results that it has.

use tokio_stream::Stream;

use crate::{Client, Error, Replies, messages};

impl Client {
    /// Brings a file, chunk by chunk; its handle is good for one request.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn upload(
        &self,
        chunks: impl Stream<Item = messages::FileChunk> + Send + 'static,
    ) -> Result<messages::UploadReply, Error> {
        Ok(self.files.clone().upload(chunks).await?.into_inner())
    }

    /// The result that a run has left, chunk by chunk.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn result(&self, run: String) -> Result<Replies<messages::FileChunk>, Error> {
        let reply = self.files.clone().result(messages::ResultRequest { run }).await;
        Ok(Replies(reply?.into_inner()))
    }
}
