//! The rules in force: catalogue, policy profile, and whom this party trusts.

use std::fs;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use ::catalogue::{Ask, Caller, Catalogue, Profile, Request};
use audit::PseudonymKey;
use consent::{Need, Trust, VerifiedRevocations};
use domain::{Field, Output, Purpose, Refusal};

use crate::Trouble;
use crate::clock::today;
use crate::config::{Config, Governance, Register};
use crate::identity::{Identity, Peer};

/// Everything that this party decides by; read at its start.
pub(crate) struct Rules {
    pub(crate) catalogue: Catalogue,
    pub(crate) profile: Profile,
    /// Whom the configuration names, whatever keys were revoked since.
    pub(crate) configured: Trust,
    /// The same without the keys that issuers have revoked.
    trust: RwLock<Arc<Trust>>,
    pub(crate) pseudonyms: PseudonymKey,
    pub(crate) governance: Governance,
}

impl Rules {
    /// Reads the rules of a configuration. With every peer comes what it will switch to, if it has said so.
    pub(crate) fn read(
        config: &Config,
        identity: &Identity,
        peers: &[(Peer, Option<Peer>)],
        pseudonyms: PseudonymKey,
    ) -> Result<Self, Trouble> {
        let governance = config.governance.clone();
        let catalogue = match &governance.catalogue {
            None => Catalogue::jiangsu().clone(),
            Some(path) => Catalogue::from_toml(&text(path)?).map_err(|e| unfit(path, &e))?,
        };
        let catalogue = match &governance.overlay {
            None => catalogue,
            Some(path) => catalogue.overlaid(&text(path)?).map_err(|e| unfit(path, &e))?,
        };
        let profile = match Profile::built_in(&governance.profile) {
            Some(profile) => profile.clone(),
            None => {
                let path = Path::new(&governance.profile);
                Profile::from_toml(&text(path)?).map_err(|e| unfit(path, &e))?
            }
        };
        for register in &config.registers {
            for field in register.fields.values() {
                bound(&catalogue, register, field)?;
            }
        }
        let mut trust = Trust::default();
        for issuer in &governance.issuers {
            trust = trust.with_issuer(issuer.name.clone(), issuer.key);
        }
        // No other peer's word on an authorisation counts, whatever it signs.
        let mut peers = peers.iter();
        let registry = peers.find(|(peer, _)| governance.registry.as_ref() == Some(&peer.name));
        if let Some((peer, successor)) = registry {
            trust = trust.with_registry(peer.name.clone(), peer.signing_key);
            if let Some(successor) = successor {
                trust = trust.with_registry(peer.name.clone(), successor.signing_key);
            }
        }
        trust = trust.with_registry(config.name.clone(), identity.signing_key.public());
        let (configured, trust) = (trust.clone(), RwLock::new(Arc::new(trust)));
        Ok(Self { catalogue, profile, configured, trust, pseudonyms, governance })
    }

    /// Whom this party trusts now.
    pub(crate) fn trust(&self) -> Arc<Trust> {
        Arc::clone(&self.trust.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Trusts the keys of an issuer's list no more.
    pub(crate) fn revoke(&self, list: VerifiedRevocations) {
        let mut trust = self.trust.write().unwrap_or_else(PoisonError::into_inner);
        *trust = Arc::new(trust.as_ref().clone().with_revocations(list));
    }

    /// What goes into the terms of a run.
    pub(crate) fn terms(&self, purpose: Purpose) -> wire::Rules {
        wire::Rules { catalogue: self.catalogue.hash(), profile: self.profile.hash(), purpose }
    }

    /// Whether a peer decides by the same rules.
    pub(crate) fn agree(&self, theirs: &wire::Rules) -> Result<(), Trouble> {
        if self.terms(theirs.purpose) == *theirs {
            return Ok(());
        }
        Err(Trouble::refused(Refusal::RulesDiffer))
    }

    /// What each of these fields needs before this output may come of it.
    ///
    /// # Errors
    ///
    /// The refusal of the catalogue or the profile, with the article.
    pub(crate) fn needs(
        &self,
        fields: &[Field],
        request: Request,
        purpose: Purpose,
    ) -> Result<Vec<(Field, Need)>, Trouble> {
        let allowed = self.decided(fields, request, purpose)?;
        let need = |need| match need {
            ::catalogue::Need::Nothing => Need::Nothing,
            ::catalogue::Need::Purpose => Need::Purpose,
            // What is about one subject has no project: each subject's authorisation does as well.
            ::catalogue::Need::Project | ::catalogue::Need::Subject => Need::Subject,
            ::catalogue::Need::Person | ::catalogue::Need::SubjectAndPerson => {
                Need::SubjectAndPerson
            }
        };
        Ok(allowed.fields.into_iter().map(|field| (field.field, need(field.need))).collect())
    }

    /// What the catalogue and the profile say of a request.
    fn decided(
        &self,
        fields: &[Field],
        request: Request,
        purpose: Purpose,
    ) -> Result<::catalogue::Allowed, Trouble> {
        let ask = Ask {
            request,
            fields,
            purpose: Some(purpose),
            caller: Caller::Admitted,
            today: today(),
            publicity: &[],
        };
        ::catalogue::decide(&self.catalogue, &self.profile, &ask).map_err(|refused| {
            let ::catalogue::Refused { refusal, field, citation } = refused;
            let field = field.map(|field| format!(" ({field})")).unwrap_or_default();
            Trouble::us(
                refusal.code(),
                format!("{}{field}: {} [{}]", refusal.en(), citation.en, citation.article),
                format!("{}{field}：{}〔{}〕", refusal.zh(), citation.zh, citation.article),
            )
        })
    }

    /// Whether no more than the recorded approval of the project by every holder is needed before this
    /// may come of these fields.
    ///
    /// # Errors
    ///
    /// As [`Rules::needs`].
    pub(crate) fn needs_project(
        &self,
        fields: &[Field],
        request: Request,
        purpose: Purpose,
    ) -> Result<bool, Trouble> {
        let allowed = self.decided(fields, request, purpose)?;
        Ok(allowed.fields.iter().all(|field| field.need <= ::catalogue::Need::Project))
    }

    /// [`Rules::needs`] of an output about one subject.
    pub(crate) fn needs_of(
        &self,
        fields: &[Field],
        output: Output,
        purpose: Purpose,
    ) -> Result<Vec<(Field, Need)>, Trouble> {
        self.needs(fields, Request::Output(output), purpose)
    }
}

/// A register's column may only be bound to what the catalogue has.
fn bound(catalogue: &Catalogue, register: &Register, field: &Field) -> Result<(), Trouble> {
    if catalogue.lookup(field).is_some() {
        return Ok(());
    }
    let (name, catalogue) = (&register.name, catalogue.name());
    Err(Trouble::us(
        "CONFIG",
        format!(
            "the register `{name}` is bound to {field}, which the catalogue `{catalogue}` does not list: `tacit catalogue report` lists what it has"
        ),
        format!(
            "登记表 `{name}` 绑定的字段 {field} 不在清单 `{catalogue}` 中：请用 `tacit catalogue report` 查看清单"
        ),
    ))
}

fn text(path: &Path) -> Result<String, Trouble> {
    fs::read_to_string(path).map_err(|error| Trouble::file(path, &error))
}

fn unfit(path: &Path, error: &dyn std::fmt::Display) -> Trouble {
    let path = path.display();
    Trouble::us(
        "RULES",
        format!("{path} cannot be used as rules: {error}"),
        format!("{path} 不能作为规则使用：{error}"),
    )
}
