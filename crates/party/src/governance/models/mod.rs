//! Registered models: laid before every holder, countersigned, published, retired.
//!
//! | module | what it does |
//! |---|---|
//! | `platform` | registers a model, hears its holders, retires it |
//! | `holder` | takes a model in, countersigns or refuses it, heeds its end |
//! | `slots` | who fills a model's slots, and which is the lender's own |
//! | `show` | what an operator may see of them |
//!
//! No table is taken, and no question answered, over a model that is not in force: at a holder,
//! countersigned by itself; at a platform, countersigned by every holder.

pub(crate) mod holder;
pub(crate) mod platform;
pub(crate) mod show;
pub(crate) mod slots;

use audit::{Event, ModelChange};
use domain::{Digest, Duty, ModelId, PartyId, Purpose, Refusal};
use sha2::Digest as _;
use sha2::Sha256;
use store::{Countersignature, Draft, Drafted, ModelPart, StoredModel, StoredRegistration};
use tokio::time::timeout;
use tonic::Request;
use wire::{ModelMessage, Publication, peer};

use crate::clock::now_ms;
use crate::node::{Node, refused};
use crate::{Trouble, dial};

/// What a model is handed out for; what it is used for each question says.
pub(crate) const PURPOSE: Purpose = Purpose::ProductDevelopment;

/// Names a publication: the registration that it publishes, and to whom.
pub(crate) fn publication_digest(publication: &Publication) -> [u8; 32] {
    Sha256::new()
        .chain_update(b"tacit/party/v1/publication")
        .chain_update(publication.registration)
        .chain_update(publication.lender.as_str())
        .finalize()
        .into()
}

/// Hears a peer about a model.
pub(crate) async fn hear(
    node: &Node,
    caller: &PartyId,
    message: peer::ModelRequest,
) -> Result<(), Trouble> {
    node.members.admitted(caller)?;
    let message = ModelMessage::try_from(message).map_err(|error| unfit(&error).by(caller))?;
    match message {
        ModelMessage::Asked { registration, part } => {
            holder::asked(node, caller, &registration, part).await
        }
        ModelMessage::Countersigned(envelope) => {
            platform::countersigned(node, caller, &envelope).await
        }
        ModelMessage::Refused { registration, reason } => {
            platform::refused(node, caller, &registration, reason).await
        }
        ModelMessage::Retired(registration) => holder::retired(node, caller, &registration).await,
    }
}

/// Whether questions over a model with this registration may be relayed or answered here.
pub(crate) async fn in_force(node: &Node, registration: &[u8; 32]) -> Result<(), Trouble> {
    let registered = node.store.registration(registration).await?;
    match registered {
        Some(registered) if registered.state.is_in_force() => Ok(()),
        Some(_) | None => Err(not_in_force()),
    }
}

/// What is said of a model that was refused, retired, or never countersigned.
pub(crate) fn not_in_force() -> Trouble {
    Trouble::us(
        "MODEL_NOT_IN_FORCE",
        "the model is not in force: not countersigned by every holder, refused, expired or retired (`tacit model list`)",
        "该模型不可用：尚未由全部数据方会签，或已被拒绝、过期、停用（`tacit model list`）",
    )
}

/// A registered model of this name, in this party's part.
async fn named(
    node: &Node,
    part: ModelPart,
    model: &ModelId,
    platform: Option<&PartyId>,
) -> Result<StoredRegistration, Trouble> {
    let of = |registered: &StoredRegistration| {
        registered.part == part
            && registered.model == *model
            && platform.is_none_or(|platform| *platform == registered.platform)
    };
    let mut found = node.store.registrations().await?.into_iter().filter(of);
    let first = found.next().ok_or_else(|| {
        Trouble::us(
            "MODEL",
            format!("no model {model} is registered here (`tacit model list`)"),
            format!("本方没有已登记的模型 {model}（`tacit model list`）"),
        )
    })?;
    if found.next().is_some() {
        return Err(Trouble::us(
            "MODEL",
            format!("more than one platform has registered {model}: name one with --platform"),
            format!("有多个平台登记了 {model}：请用 --platform 指明"),
        ));
    }
    Ok(first)
}

/// Tells a peer something about a model.
async fn tell(node: &Node, peer: &PartyId, message: ModelMessage) -> Result<(), Trouble> {
    let line = node.line(peer)?;
    let request = Request::new(peer::ModelRequest::from(message));
    let reply = timeout(node.config.limits.idle(), line.client().model(request))
        .await
        .map_err(|_| dial::silent(&line.peer))?
        .map_err(|status| line.trouble(&status))?;
    match reply.into_inner().outcome {
        Some(peer::model_reply::Outcome::Taken(_)) => Ok(()),
        Some(peer::model_reply::Outcome::Refusal(refusal)) => Err(refused(peer, refusal)),
        None => Err(dial::silent(&line.peer)),
    }
}

impl Node {
    /// Writes down what became of a registered model, and keeps it, in one step.
    async fn record_model(
        &self,
        duty: Duty,
        change: ModelChange,
        registration: StoredRegistration,
        countersignatures: Vec<Countersignature>,
    ) -> Result<(), Trouble> {
        let event = Event::Model {
            id: registration.model.clone(),
            hash: Digest::from_bytes(registration.digest),
            change,
        };
        let writer = self.record_writer(duty)?;
        let draft: Draft = Box::new(move |place| Drafted {
            registration: Some(registration),
            countersignatures,
            ..writer.write(place, event).into_bytes().into()
        });
        self.store.append(draft).await?;
        // What was read before may not be acted on any more.
        self.holder_cache.forget();
        Ok(())
    }

    /// Writes down that a model went to, or came to, a party, and keeps what there is of it, in one
    /// step.
    pub(crate) async fn record_published(
        &self,
        duty: Duty,
        publication: &Publication,
        kept: Published,
    ) -> Result<(), Trouble> {
        let (id, hash) = (publication.model.clone(), Digest::from_bytes(publication.registration));
        let event = Event::Model { id, hash, change: ModelChange::Published };
        let (writer, digest) = (self.record_writer(duty)?, publication_digest(publication));
        let Published { model, batch } = kept;
        let draft: Draft = Box::new(move |place| Drafted {
            model: model.map(|model| (model, now_ms())),
            batch_model: batch.map(|content| (digest, content)),
            ..writer.write(place, event).into_bytes().into()
        });
        self.store.append(draft).await?;
        // What was read before may be of another table.
        self.holder_cache.forget();
        Ok(())
    }
}

/// What a party keeps of a publication, in one form or both.
#[derive(Default)]
pub(crate) struct Published {
    pub(crate) model: Option<StoredModel>,
    pub(crate) batch: Option<Vec<u8>>,
}

fn unfit(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::us(
        "REGISTRATION",
        format!("this registration cannot be taken: {error}"),
        format!("无法接受该模型登记：{error}"),
    )
}

fn retired() -> Trouble {
    Trouble::us(
        "MODEL_RETIRED",
        "the model is retired for good: a changed one is registered under a new version",
        "该模型已永久停用：变更后的模型须以新版本登记",
    )
}

/// A stranger to a model learns the same whether there is one or not.
fn unknown() -> Trouble {
    Trouble::refused(Refusal::MemberState)
}
