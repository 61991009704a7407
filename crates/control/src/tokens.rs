//! The service `Tokens`: who of the staff may call, in which role, and for how long.

use crate::{Client, Error, messages};

impl Client {
    /// Makes a token; its secret is in the answer, and nowhere else.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn new_token(
        &self,
        request: messages::NewTokenRequest,
    ) -> Result<messages::NewTokenReply, Error> {
        Ok(self.tokens.clone().new_token(request).await?.into_inner())
    }

    /// Every token that was made, newest first.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn tokens(&self) -> Result<Vec<messages::Token>, Error> {
        Ok(self.tokens.clone().tokens(messages::TokensRequest {}).await?.into_inner().tokens)
    }

    /// Ends a token for good, and what is answered under it.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn revoke_token(&self, name: String) -> Result<messages::Token, Error> {
        let request = messages::RevokeTokenRequest { name };
        Ok(self.tokens.clone().revoke_token(request).await?.into_inner())
    }
}
