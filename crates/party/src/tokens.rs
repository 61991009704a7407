//! Tokens of the staff: who may call without being the party's own user, in which role, until when.
//!
//! A secret is 32 random bytes, told once; what is kept is its hash. Every token that was made is in
//! memory: a call under one costs no look into the store, and a revocation is felt at once by the calls
//! that are being answered.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use audit::{Event, TokenChange};
use domain::{StaffRole, TokenName};
use rand::Rng;
use sha2::{Digest, Sha256};
use store::{Draft, Drafted, StoredToken};
use subtle::ConstantTimeEq;
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::caller::Caller;
use crate::clock::now_ms;
use crate::governance::checks::Remark;
use crate::node::Node;
use crate::per_minute::PerMinute;
use crate::{Trouble, setup};

const DOMAIN: &[u8] = b"tacit/party/v1/staff-token";
/// What the text of a secret begins with, so that whoever finds one knows what it is.
const PREFIX: &str = "tacit-";
/// The longest text that is taken for a secret.
const LONGEST: usize = 128;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How long a token counts where nothing is said, and at most.
const DAYS: u32 = 30;
const MOST_DAYS: u32 = 366;
/// How many are kept, with those that have ended.
const MOST: usize = 4_096;
/// How exactly it is written down when a token was last used.
const USED_MS: i64 = 60_000;
/// How long a waiting call trusts the clock: it may be set.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// Secrets that were none, from one user of the machine in a minute.
const WRONG: u32 = 20;
/// Refusals of one token that the log writes down in a minute.
const WRITTEN: u32 = 20;

/// Every token that was made here.
pub(crate) struct Tokens {
    known: RwLock<Vec<StoredToken>>,
    /// Stirred when one is revoked.
    revoked: watch::Sender<()>,
    /// Held by whoever makes or revokes one.
    changing: tokio::sync::Mutex<()>,
    /// What was shown for a token and is none, by the user of the machine who has shown it.
    pub(crate) wrong: PerMinute<Option<u32>>,
    /// Calls that a token's role does not cover.
    pub(crate) refused: PerMinute<TokenName>,
}

/// Why what was shown does not count. The caller is told of no difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invalid {
    Unknown,
    Expired,
    Revoked,
}

impl Tokens {
    /// The tokens as the store has them.
    pub(crate) fn new(stored: Vec<StoredToken>) -> Self {
        Self {
            known: RwLock::new(stored),
            revoked: watch::Sender::new(()),
            changing: tokio::sync::Mutex::default(),
            wrong: PerMinute::new(WRONG),
            refused: PerMinute::new(WRITTEN),
        }
    }

    /// Every token, newest first.
    pub(crate) fn all(&self) -> Vec<StoredToken> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The token with this secret; with why it does not count, the name that the log has for it.
    pub(crate) fn find(&self, secret: &[u8]) -> Result<StoredToken, (Invalid, Option<TokenName>)> {
        let unknown = (Invalid::Unknown, None);
        if secret.len() > LONGEST {
            return Err(unknown);
        }
        let hash = hash(secret);
        let mut found = None;
        // All of them, whichever it is: how long it takes tells nothing.
        for token in self.known.read().unwrap_or_else(PoisonError::into_inner).iter() {
            if bool::from(token.hash.ct_eq(&hash)) {
                found = Some(token.clone());
            }
        }
        let token = found.ok_or(unknown)?;
        match ended(&token, now_ms()) {
            Some(invalid) => Err((invalid, Some(token.name))),
            None => Ok(token),
        }
    }

    /// Resolves when a token does not count any more.
    pub(crate) async fn end_of(&self, name: &TokenName) {
        let mut revoked = self.revoked.subscribe();
        loop {
            let Some(left) = self.left(name, now_ms()) else { return };
            tokio::select! {
                // The sender is ours: it is there for as long as we are.
                _ = revoked.changed() => {}
                () = tokio::time::sleep(left.min(LOOK_AGAIN)) => {}
            }
        }
    }

    /// How long a token counts from now on; nothing when it does not.
    fn left(&self, name: &TokenName, now_ms: i64) -> Option<Duration> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let token = known.iter().find(|token| token.name == *name)?;
        let left = token.expires_ms.saturating_sub(now_ms);
        let left = u64::try_from(left).ok().filter(|_| ended(token, now_ms).is_none())?;
        // At least a moment, or whoever waits would spin.
        Some(Duration::from_millis(left.max(1)))
    }

    /// Takes note that a token was used; whether that is to be written down.
    fn used(&self, name: &TokenName, now_ms: i64) -> bool {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let Some(token) = known.iter_mut().find(|token| token.name == *name) else { return false };
        let newer = token.used_ms.is_none_or(|used| now_ms.saturating_sub(used) >= USED_MS);
        if newer {
            token.used_ms = Some(now_ms);
        }
        newer
    }

    fn put(&self, token: StoredToken) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match known.iter_mut().find(|other| other.name == token.name) {
            Some(other) => other.revoked_ms = token.revoked_ms,
            None => known.insert(0, token),
        }
    }
}

/// Makes a token, and returns it with its secret.
pub(crate) async fn issue(
    node: &Node,
    role: StaffRole,
    name: Option<TokenName>,
    days: Option<u32>,
) -> Result<(StoredToken, Zeroizing<String>), Trouble> {
    let days = days.unwrap_or(DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Trouble::us(
            "USAGE",
            format!("a token counts for 1 to {MOST_DAYS} days"),
            format!("令牌有效期为 1 至 {MOST_DAYS} 天"),
        ));
    }
    let _changing = node.tokens.changing.lock().await;
    let all = node.tokens.all();
    if all.len() >= MOST {
        return Err(Trouble::us(
            "TOO_MANY",
            format!(
                "{MOST} tokens were made here, and none is forgotten: their names are in the log"
            ),
            format!("此处已签发 {MOST} 个令牌；为使日志中的名称始终可查，均不删除"),
        ));
    }
    let is_taken = |name: &TokenName| all.iter().any(|token| token.name == *name);
    let name = match name {
        Some(name) if is_taken(&name) => return Err(taken(&name)),
        Some(name) => name,
        None => numbered(role, is_taken)?,
    };
    let secret = secret()?;
    let made_ms = now_ms();
    let token = StoredToken {
        name,
        role,
        hash: hash(secret.as_bytes()),
        made_ms,
        made_by: Caller::present_token(),
        expires_ms: made_ms.saturating_add(i64::from(days) * DAY_MS),
        revoked_ms: None,
        used_ms: None,
    };
    record(node, &token, TokenChange::Issued).await?;
    node.tokens.put(token.clone());
    tracing::info!(token = %token.name, role = %token.role, days, "token issued");
    Ok((token, secret))
}

/// Ends a token for good, and with it what is being answered under it.
pub(crate) async fn revoke(node: &Node, name: &TokenName) -> Result<StoredToken, Trouble> {
    let _changing = node.tokens.changing.lock().await;
    let token = node.tokens.all().into_iter().find(|token| token.name == *name);
    let mut token = token.ok_or_else(|| {
        Trouble::us(
            "NO_SUCH_TOKEN",
            format!("no token is called {name}: `tacit token list` lists them"),
            format!("没有名为 {name} 的令牌：可用 `tacit token list` 列出"),
        )
    })?;
    if token.revoked_ms.is_none() {
        token.revoked_ms = Some(now_ms());
        record(node, &token, TokenChange::Revoked).await?;
        node.tokens.put(token.clone());
        node.tokens.revoked.send_replace(());
        tracing::info!(token = %token.name, "token revoked");
    }
    Ok(token)
}

/// Takes note that a token was used.
pub(crate) async fn note_use(node: &Node, name: &TokenName) {
    let now_ms = now_ms();
    if node.tokens.used(name, now_ms)
        && let Err(error) = node.store.token_used(name, now_ms).await
    {
        tracing::error!(token = %name, "when it was last used cannot be written down: {error}");
    }
}

/// What the doctor says of tokens: those that have expired and nobody has revoked; nothing where none
/// was made.
pub(crate) fn remark(node: &Node) -> Option<Remark> {
    let now_ms = now_ms();
    let all = node.tokens.all();
    let valid = all.iter().filter(|token| ended(token, now_ms).is_none()).count();
    let expired = all.iter().filter(|token| ended(token, now_ms) == Some(Invalid::Expired));
    let expired: Vec<&str> = expired.map(|token| token.name.as_str()).collect();
    let (count, names) = (expired.len(), expired.join(", "));
    let (en, zh) = if expired.is_empty() {
        (format!("{valid} are valid"), format!("{valid} 个有效"))
    } else {
        (
            format!(
                "{valid} are valid, {count} have expired: {names}. Make new ones where they are needed (`tacit token new`), and `tacit token revoke NAME` what is not."
            ),
            format!(
                "{valid} 个有效，{count} 个已过期：{names}。仍需使用的请重新签发（`tacit token new`），不再需要的用 `tacit token revoke NAME` 吊销。"
            ),
        )
    };
    let remark = Remark { check: "tokens".into(), warning: !expired.is_empty(), en, zh };
    (!all.is_empty()).then_some(remark)
}

/// Why a token does not count at a time.
fn ended(token: &StoredToken, now_ms: i64) -> Option<Invalid> {
    if token.revoked_ms.is_some() {
        Some(Invalid::Revoked)
    } else if token.expires_ms <= now_ms {
        Some(Invalid::Expired)
    } else {
        None
    }
}

fn hash(secret: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(DOMAIN).chain_update(secret).finalize().into()
}

fn secret() -> Result<Zeroizing<String>, Trouble> {
    let mut bytes = Zeroizing::new([0; 32]);
    setup::chacha()?.fill_bytes(bytes.as_mut_slice());
    let digits = Zeroizing::new(hex::encode(bytes.as_slice()));
    // Room for all of it: a string that grows leaves what it was behind.
    let mut secret = Zeroizing::new(String::with_capacity(PREFIX.len() + digits.len()));
    secret.push_str(PREFIX);
    secret.push_str(&digits);
    Ok(secret)
}

/// The first name with a number that no token has had.
fn numbered(role: StaffRole, is_taken: impl Fn(&TokenName) -> bool) -> Result<TokenName, Trouble> {
    for number in 1_usize.. {
        let name = format!("{role}-{number}").parse();
        let name = name.map_err(|error| Trouble::from_error("OURS", &error))?;
        if !is_taken(&name) {
            return Ok(name);
        }
    }
    unreachable!("there are more numbers than tokens")
}

async fn record(node: &Node, token: &StoredToken, change: TokenChange) -> Result<(), Trouble> {
    let event = Event::Token { name: token.name.clone(), role: token.role, change };
    let (writer, kept) = (node.record_writer(node.first_duty())?, token.clone());
    let draft: Draft = Box::new(move |place| Drafted {
        token: Some(kept),
        ..writer.write(place, event).into_bytes().into()
    });
    match node.store.append(draft).await {
        Ok(_) => Ok(()),
        Err(store::Error::TokenExists) => Err(taken(&token.name)),
        Err(error) => Err(error.into()),
    }
}

fn taken(name: &TokenName) -> Trouble {
    Trouble::us(
        "TOKEN_EXISTS",
        format!("a token was called {name} before, and the log says so: give another --name"),
        format!("名称 {name} 已被使用过，且已写入日志：请另取 --name"),
    )
}
