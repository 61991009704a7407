//! The service `Tokens`: who of the staff may call, in which role, and for how long.

use std::sync::Arc;

use domain::TokenName;
use store::StoredToken;
use tonic::{Request, Response, Status};
use wire::control::{self, tokens_server};

use crate::control::{Operator, answered};
use crate::request::{named, ours, parse};
use crate::tokens;

#[tonic::async_trait]
impl tokens_server::Tokens for Operator {
    async fn new_token(
        &self,
        request: Request<control::NewTokenRequest>,
    ) -> Result<Response<control::NewTokenReply>, Status> {
        let node = Arc::clone(&self.0);
        let request = request.into_inner();
        answered(async move {
            let (role, name) = (ours(request.role())?, named(&request.name)?);
            let days = (request.days > 0).then_some(request.days);
            let (token, mut secret) = tokens::issue(&node, role, name, days).await?;
            // Moved, so that no copy stays here; what gRPC makes of it is out of reach.
            let secret = std::mem::take(&mut *secret);
            Ok(control::NewTokenReply { token: Some(told(token)), secret })
        })
        .await
    }

    async fn tokens(
        &self,
        _request: Request<control::TokensRequest>,
    ) -> Result<Response<control::TokensReply>, Status> {
        let tokens = self.0.tokens.all().into_iter().map(told).collect();
        Ok(Response::new(control::TokensReply { tokens }))
    }

    async fn revoke_token(
        &self,
        request: Request<control::RevokeTokenRequest>,
    ) -> Result<Response<control::Token>, Status> {
        let (node, name) = (Arc::clone(&self.0), request.into_inner().name);
        answered(async move { Ok(told(tokens::revoke(&node, &parse::<TokenName>(&name)?).await?)) })
            .await
    }
}

fn told(token: StoredToken) -> control::Token {
    let StoredToken { name, role, made_ms, made_by, expires_ms, revoked_ms, used_ms, hash: _ } =
        token;
    control::Token {
        name: name.to_string(),
        role: control::StaffRole::from(role).into(),
        made_ms,
        made_by: made_by.map(|name| name.to_string()).unwrap_or_default(),
        expires_ms,
        revoked_ms,
        used_ms,
    }
}
