//! `tacit token`: who of the staff may call, in which role, and for how long.

use control::messages::{NewTokenRequest, StaffRole, Token};
use control::{Address, Client};
use serde_json::{Value, json};
use terminal::units::{moment, now, record};
use terminal::{Failure, Table, Voice, say};

use crate::arguments::{NewTokenArguments, TokenCommand};
use crate::commands::{json_line, print};
use crate::phrases;

pub(super) async fn token(
    party: &Address,
    command: &TokenCommand,
    voice: Voice,
) -> Result<(), Failure> {
    let control = Client::open(party).await?;
    match command {
        TokenCommand::New(new) => make(&control, new, voice).await,
        TokenCommand::List(json) => {
            let tokens = control.tokens().await?;
            if tokens.is_empty() && !json.json {
                voice.note(&phrases::no_tokens());
                return Ok(());
            }
            show(tokens, json.json, voice);
            Ok(())
        }
        TokenCommand::Revoke { name, json } => {
            let revoked = control.revoke_token(name.to_string()).await?;
            show(vec![revoked], json.json, voice);
            Ok(())
        }
    }
}

async fn make(control: &Client, new: &NewTokenArguments, voice: Voice) -> Result<(), Failure> {
    let name = new.name.as_ref().map(ToString::to_string).unwrap_or_default();
    let role = StaffRole::from(new.role).into();
    let made = control.new_token(NewTokenRequest { role, name, days: new.days }).await?;
    let token = made.token.unwrap_or_default();
    if new.json {
        let mut object = object(&token);
        object["token"] = made.secret.into();
        json_line(&object);
    } else {
        say::line(&made.secret);
        voice.note(&phrases::token_made(&token.name, token.role(), moment(token.expires_ms)));
        voice.note(&phrases::token_once(&token.name));
    }
    Ok(())
}

fn show(tokens: Vec<Token>, json: bool, voice: Voice) {
    if json {
        for token in &tokens {
            json_line(&object(token));
        }
    } else {
        print(&lines(tokens, milliseconds_now(), voice));
    }
}

fn lines(tokens: Vec<Token>, now_ms: i64, voice: Voice) -> Vec<String> {
    let heads = [
        phrases::head_name(),
        phrases::head_role(),
        phrases::head_state(),
        phrases::head_until(),
        phrases::head_used(),
        phrases::head_made_by(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    for token in tokens {
        let state = match (token.revoked_ms, token.expires_ms <= now_ms) {
            (Some(_), _) => phrases::token_revoked(),
            (None, true) => phrases::token_expired(),
            (None, false) => phrases::token_valid(),
        };
        let role = token.role().to_string();
        table.row(vec![
            token.name,
            role,
            voice.words(&state).to_owned(),
            moment(token.expires_ms),
            token.used_ms.map_or_else(|| "-".into(), moment),
            if token.made_by.is_empty() { "-".into() } else { token.made_by },
        ]);
    }
    table.lines()
}

fn object(token: &Token) -> Value {
    json!({
        "name": token.name,
        "role": token.role().to_string(),
        "made": record(token.made_ms),
        "made_by": Some(&token.made_by).filter(|name| !name.is_empty()),
        "expires": record(token.expires_ms),
        "revoked": token.revoked_ms.and_then(record),
        "used": token.used_ms.and_then(record),
    })
}

fn milliseconds_now() -> i64 {
    i64::try_from(now().unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use terminal::Language;

    use super::*;

    #[test]
    fn a_token_that_was_revoked_says_so_whether_or_not_it_has_expired() {
        let token = |name: &str, expires_ms, revoked_ms| Token {
            name: name.into(),
            role: StaffRole::Auditor.into(),
            expires_ms,
            revoked_ms,
            ..Token::default()
        };
        let tokens = vec![
            token("a", 20, None),
            token("b", 10, None),
            token("c", 20, Some(5)),
            token("d", 1, Some(5)),
        ];
        let lines = lines(tokens, 10, Voice::new(Language::En));
        for (line, state) in lines[1..].iter().zip(["valid", "expired", "revoked", "revoked"]) {
            assert!(line.contains(state) && line.contains("auditor"), "{line}");
        }
        let read = object(&token("a", 20, None));
        assert!(
            read["made_by"].is_null() && read["revoked"].is_null() && read.get("hash").is_none()
        );
    }
}
