//! The requests that a policy profile has a position on.

use crate::Need;
use crate::words::words;

words! {
    /// A kind of request that the policy documents decide, numbered from 1.
    Case, "a case":
    /// Case 1.
    PublicInformation "public_information"
        "public information to an admitted institution" "向接入机构提供公开信息";
    /// Case 2.
    RawWithoutAuthorisation "raw_without_authorisation"
        "non-public raw detail to an institution, no authorisation"
        "未经授权向接入机构提供非公开原始明细数据";
    /// Case 3.
    RawWithAuthorisation "raw_with_authorisation"
        "non-public raw detail to an institution, with authorisation"
        "经授权向接入机构提供非公开原始明细数据";
    /// Case 4.
    NodeToPlatformWithoutAuthorisation "node_to_platform_without_authorisation"
        "non-public information from the node to a platform, no authorisation"
        "未经授权省级节点向平台提供非公开信息";
    /// Case 5.
    TrainingWithoutAuthorisation "training_without_authorisation"
        "training on shares, no authorisation of each subject"
        "未经各主体授权在秘密分片上联合建模";
    /// Case 6.
    ScoreWithoutAuthorisation "score_without_authorisation"
        "score of one subject on non-public data, no authorisation"
        "未经授权以非公开信息对单个主体评分";
    /// Case 7.
    ScoreWithAuthorisation "score_with_authorisation"
        "score of one subject, with authorisation" "经授权评分";
    /// Case 8.
    VerificationWithoutAuthorisation "verification_without_authorisation"
        "verification answer, no authorisation" "未经授权核验";
    /// Case 9.
    VerificationWithAuthorisation "verification_with_authorisation"
        "verification answer, with authorisation" "经授权核验";
    /// Case 10.
    CourtWithoutAuthorisation "court_without_authorisation"
        "court data shared without authorisation" "无授权接口的法院信息";
    /// Case 11.
    BatchPush "batch_push"
        "batch push by region or industry" "按区域、行业批量推送";
    /// Case 12.
    DisplayWithoutAuthorisation "display_without_authorisation"
        "display of the grade on the web, no authorisation" "未经授权在网站展示评价结果";
    /// Case 13.
    Aggregate "aggregate"
        "desensitised aggregate over enough subjects" "达到最低样本数的脱敏汇总";
    /// Case 14.
    OutsideFinancing "outside_financing"
        "use outside financing support" "用于融资支持以外的活动";
}

words! {
    /// What a policy document says about a case.
    Verdict, "a verdict":
    /// Allowed: A.
    Allow "allow" "allowed" "允许";
    /// Allowed for public information: "A, public".
    AllowPublic "allow_public" "allowed for public information" "仅限公开信息";
    /// The text can be read as allowing it: A?.
    Arguable "arguable" "arguably allowed" "可作允许解读";
    /// Allowed with the recorded project approval of every holder: P.
    Project "project" "allowed with every holder's project approval" "经各提供方项目审批";
    /// Denied: D.
    Deny "deny" "denied" "禁止";
    /// The text says nothing: n.
    Silent "silent" "the text is silent" "未规定";
}

words! {
    /// What the toolkit does about a case under a profile, the strictest first.
    Effect, "an effect":
    /// Refuses it.
    Deny "deny" "refused" "拒绝";
    /// Does it with the recorded project approval of every holder.
    Project "project" "done with every holder's project approval" "经各提供方项目审批后办理";
    /// Does it for public information.
    AllowPublic "allow_public" "done for public information" "仅对公开信息办理";
    /// Does it.
    Allow "allow" "done" "办理";
}

impl Case {
    /// Its number among the fourteen cases, from 1.
    #[must_use]
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// The effects that a profile may give it; the strictest is always among them.
    ///
    /// Cases 2 and 3 cannot be done at all: a value itself has no way out. For the others the rule
    /// is the toolkit's own: training may rest on a project's approval, but whatever is said about
    /// one subject needs that subject's authorisation in every profile (6, 8, 12), nothing that is
    /// not public is pushed (11), and nothing serves another end than financing (14).
    #[must_use]
    pub const fn possible(self) -> &'static [Effect] {
        match self {
            Self::RawWithoutAuthorisation
            | Self::RawWithAuthorisation
            | Self::ScoreWithoutAuthorisation
            | Self::VerificationWithoutAuthorisation
            | Self::DisplayWithoutAuthorisation
            | Self::OutsideFinancing => &[Effect::Deny],
            Self::TrainingWithoutAuthorisation => &[Effect::Deny, Effect::Project],
            Self::BatchPush => &[Effect::Deny, Effect::AllowPublic],
            Self::PublicInformation
            | Self::NodeToPlatformWithoutAuthorisation
            | Self::ScoreWithAuthorisation
            | Self::VerificationWithAuthorisation
            | Self::CourtWithoutAuthorisation
            | Self::Aggregate => &[Effect::Deny, Effect::Allow],
        }
    }

    /// What a request of this kind needs where it is not refused.
    pub(crate) const fn need(self) -> Need {
        match self {
            Self::PublicInformation | Self::BatchPush => Need::Nothing,
            Self::TrainingWithoutAuthorisation => Need::Project,
            Self::ScoreWithAuthorisation | Self::VerificationWithAuthorisation => Need::Subject,
            Self::RawWithoutAuthorisation
            | Self::RawWithAuthorisation
            | Self::NodeToPlatformWithoutAuthorisation
            | Self::ScoreWithoutAuthorisation
            | Self::VerificationWithoutAuthorisation
            | Self::CourtWithoutAuthorisation
            | Self::DisplayWithoutAuthorisation
            | Self::Aggregate
            | Self::OutsideFinancing => Need::Purpose,
        }
    }
}

impl Verdict {
    /// Its sign in a table of cases and profiles: A, A?, P, D or n.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Allow | Self::AllowPublic => "A",
            Self::Arguable => "A?",
            Self::Project => "P",
            Self::Deny => "D",
            Self::Silent => "n",
        }
    }

    /// What the toolkit would do if it did as the text says; a text that is silent or arguable says
    /// nothing to act on.
    pub(crate) const fn literal(self) -> Option<Effect> {
        match self {
            Self::Allow => Some(Effect::Allow),
            Self::AllowPublic => Some(Effect::AllowPublic),
            Self::Project => Some(Effect::Project),
            Self::Deny => Some(Effect::Deny),
            Self::Arguable | Self::Silent => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Case, Effect};

    #[test]
    fn there_are_fourteen_cases_numbered_from_1_and_each_can_be_refused() {
        let numbers: Vec<usize> = Case::ALL.iter().map(|case| case.number()).collect();
        assert_eq!(numbers, (1..=14).collect::<Vec<_>>());
        for case in Case::ALL {
            assert!(case.possible().contains(&Effect::Deny), "{case}");
            assert_eq!(case.code().parse::<Case>().unwrap(), *case);
        }
    }

    #[test]
    fn an_effect_that_lets_more_through_comes_later() {
        assert!(Effect::Deny < Effect::Project && Effect::Project < Effect::AllowPublic);
        assert!(Effect::AllowPublic < Effect::Allow);
    }
}
