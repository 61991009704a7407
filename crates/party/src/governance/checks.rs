//! What a doctor looks at in the rules: who keeps the registry, and who has asked how much.

use crate::Trouble;
use crate::clock::now_ms;
use crate::config::Config;
use crate::governance::authorise::period;
use crate::node::Node;

/// A sentence about one thing, in English and in Chinese.
pub(crate) struct Remark {
    /// What it is about.
    pub(crate) check: String,
    /// Whether somebody should look at it: the party works all the same.
    pub(crate) warning: bool,
    pub(crate) en: String,
    pub(crate) zh: String,
}

/// Warns of offers to somebody who keeps the registry as well: such a party could hide a revocation
/// that stands in its own way, and say that more have authorised than have.
pub(crate) fn registry(config: &Config) -> Option<Remark> {
    let registry = config.governance.registry.as_ref()?;
    let kept_by_platform = config.offers.iter().any(|offer| offer.offered().serves(registry));
    let check = "registry".to_owned();
    Some(if kept_by_platform {
        Remark {
            check,
            warning: true,
            en: format!(
                "{registry} keeps the registry and is offered something that authorisations rule: it could withhold a revocation. Let a party of its own keep it, as the provincial node does."
            ),
            zh: format!(
                "{registry} 既是登记机构，又是受授权约束之服务的对象：它可能隐瞒撤销。登记应由独立的一方（如省级节点）承担。"
            ),
        }
    } else {
        Remark {
            check,
            warning: false,
            en: format!("{registry} keeps it, and is offered nothing"),
            zh: format!("由 {registry} 承担，且本方未向其提供服务"),
        }
    })
}

/// Says how much each peer has asked of each register in the period, and warns where it is all that
/// it may.
pub(crate) async fn intersections(node: &Node) -> Result<Vec<Remark>, Trouble> {
    let governance = &node.rules.governance;
    let used = node.store.intersections(period(node)..now_ms().saturating_add(1)).await?;
    let governed = used.into_iter().filter(|used| {
        node.config.register(&used.register).is_some_and(crate::config::Register::is_governed)
    });
    let remark = |used: store::IntersectionUse| {
        let store::IntersectionUse { peer, register, runs, items, aggregates } = used;
        let (days, each, most) = (
            governance.period_days,
            governance.items_per_authorisation,
            governance.aggregates_per_register,
        );
        Remark {
            check: format!("intersections {peer} {register}"),
            warning: aggregates >= most.into(),
            en: format!(
                "{items} items in {runs} runs of the last {days} days ({each} are allowed for each subject that has authorised {peer}), and {aggregates} of {most} counts"
            ),
            zh: format!(
                "近 {days} 天 {runs} 次运行共 {items} 条（每个已授权 {peer} 的主体允许 {each} 条），计数 {aggregates} 次（上限 {most} 次）"
            ),
        }
    };
    Ok(governed.map(remark).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warned(offer: &str) -> Option<bool> {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "name = 'tax'\nduties = ['holder']\nlisten = '127.0.0.1:1'\n\
             [governance]\nregistry = 'node'\n\
             [[register]]\nname = 'x'\nfile = 'x.csv'\ncolumn = 'id'\nkind = 'uscc'\n\
             [register.fields]\nvat = '1.vat_paid_12m_cny'\n[[offer]]\nregister = 'x'\n{offer}"
        );
        std::fs::write(folder.path().join(crate::config::FILE), text).unwrap();
        registry(&Config::read(folder.path()).unwrap()).map(|remark| remark.warning)
    }

    #[test]
    fn a_platform_or_lender_that_keeps_the_registry_is_warned_of() {
        for protocol in ["score", "verify", "match"] {
            let over = |platform: &str| {
                warned(&format!("protocol = '{protocol}'\nplatform = '{platform}'\nto = ['bank']"))
            };
            assert_eq!((over("node"), over("platform")), (Some(true), Some(false)), "{protocol}");
        }
        let with = |peer: &str| {
            warned(&format!("protocol = 'psi'\nto = ['{peer}']\noutputs = ['one-sided']"))
        };
        assert_eq!((with("node"), with("bank")), (Some(true), Some(false)));
    }
}
