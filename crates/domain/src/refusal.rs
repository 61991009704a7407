//! Why something is not done: the one table of refusals, the same at every party.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::bilingual::bilingual;

bilingual! {
    /// Why a request about a subject is refused.
    ///
    /// A refusal never tells whether a subject is on a register: it is decided before any register
    /// is touched.
    #[derive(Serialize, Deserialize)]
    #[serde(try_from = "String", into = "String")]
    Refusal;

    /// Nothing covers this subject and caller.
    AuthMissing "AUTH_MISSING"
        "no authorisation covers this subject and caller" "未找到覆盖该主体与调用方的授权";
    /// Its term has not begun.
    AuthNotYet "AUTH_NOT_YET" "the authorisation is not yet in force" "授权尚未生效";
    /// Its term is over.
    AuthExpired "AUTH_EXPIRED" "the authorisation has expired" "授权已到期";
    /// The subject has withdrawn it.
    AuthRevoked "AUTH_REVOKED" "the authorisation was revoked" "授权已撤销";
    /// It rests for the time being.
    AuthSuspended "AUTH_SUSPENDED" "the authorisation is suspended" "授权已暂停";
    /// It was void from the start, or has become so.
    AuthVoid "AUTH_VOID" "the authorisation is void" "授权已失效";
    /// A newer version has taken its place.
    AuthSuperseded "AUTH_SUPERSEDED"
        "a newer version of the authorisation has taken its place" "该授权已被新版本取代";
    /// Every permitted use was made.
    AuthExhausted "AUTH_EXHAUSTED" "the permitted number of uses is reached" "授权次数已用完";
    /// The last use was too short a time ago.
    AuthInterval "AUTH_INTERVAL"
        "the authorisation asks for a longer interval between uses" "两次使用的间隔短于授权规定";
    /// It names somebody else.
    AuthGrantee "AUTH_GRANTEE" "the caller is not the grantee" "调用方不是被授权方";
    /// A class or field is outside its scope.
    AuthScopeClass "AUTH_SCOPE_CLASS"
        "the class or field is not in the authorisation's scope" "信息类或字段不在授权范围内";
    /// The output is outside its scope.
    AuthScopeOutput "AUTH_SCOPE_OUTPUT"
        "the output is not in the authorisation's scope" "结果形式不在授权范围内";
    /// The model is outside its scope.
    AuthScopeModel "AUTH_SCOPE_MODEL"
        "the model is not in the authorisation's scope" "模型不在授权范围内";
    /// The purpose is outside it, or no support of financing.
    AuthPurpose "AUTH_PURPOSE"
        "the purpose is not covered, or is not financing support"
        "用途不在授权范围内或非融资支持用途";
    /// The signature, or the chain to a trusted issuer, does not hold.
    AuthSignature "AUTH_SIGNATURE"
        "the authorisation's signature does not hold" "授权签名无效";
    /// The registry does not know it.
    AuthUnregistered "AUTH_UNREGISTERED"
        "the authorisation is unknown to the registry" "授权未在节点登记";
    /// What is known of its state is too old to act on.
    AuthStale "AUTH_STALE"
        "what is known of the authorisation's state is too old" "授权状态已过时";
    /// A natural person must consent too.
    ConsentPerson "CONSENT_PERSON"
        "a natural person's own consent is needed" "需要该自然人本人同意";
    /// Nobody but the lender asks in the lender's name.
    QuestionSignature "QUESTION_SIGNATURE"
        "the question is not signed by the lender that it names" "提问未经其所称贷款机构签名";
    /// Every word of a question is the lender's.
    QuestionAltered "QUESTION_ALTERED"
        "the question is not the one that its lender has signed" "提问与贷款机构签名的内容不一致";
    /// A question is answered when it is asked.
    QuestionStale "QUESTION_STALE"
        "the lender's signature under the question is too old, or its clock is ahead"
        "贷款机构对提问的签名已过时，或其时钟超前";
    /// A question is answered once.
    QuestionReplayed "QUESTION_REPLAYED"
        "this question was put to the holder before" "该提问此前已提交过";
    /// The sharing mode does not permit this output.
    ModeForbids "MODE_FORBIDS"
        "the catalogue's sharing mode does not permit this output"
        "清单规定的共享方式不允许该结果形式";
    /// Not declared public, or no longer so.
    NotPublic "NOT_PUBLIC"
        "not declared public, or the publicity period is over" "未声明公开或公示期已过";
    /// A member is not, or no longer, admitted.
    MemberState "MEMBER_STATE"
        "the institution or platform is not admitted, is suspended, or its assessment has expired"
        "机构未接入、已暂停或评估已过期";
    /// Enough was asked for this period.
    QueryBudget "QUERY_BUDGET"
        "the query limit for this subject and period is reached" "该主体本期查询次数已达上限";
    /// Enough was intersected with this register for this period.
    IntersectionBudget "INTERSECTION_BUDGET"
        "the limit of intersections with this register and period is reached"
        "与该登记表的隐私求交已达本期上限";
    /// Too few subjects for an aggregate.
    CohortTooSmall "COHORT_TOO_SMALL"
        "fewer subjects than the minimum for an aggregate" "汇总样本数低于下限";
    /// The identifier breaks a rule.
    IdInvalid "ID_INVALID" "the identifier fails validation" "标识校验未通过";
    /// The policy profile says no.
    ProfileDenies "PROFILE_DENIES" "denied by the policy profile" "政策配置拒绝";
    /// Both sides must decide by the same catalogue and profile.
    RulesDiffer "RULES_DIFFER"
        "the parties' catalogues or policy profiles differ" "双方的清单或政策配置不一致";
}

impl FromStr for Refusal {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.iter().copied().find(|refusal| refusal.code() == text).ok_or(Error::Word {
            what: "a refusal",
            expected: "the codes of the refusal table, like AUTH_MISSING",
        })
    }
}

impl TryFrom<String> for Refusal {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Refusal> for String {
    fn from(refusal: Refusal) -> Self {
        refusal.code().into()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.en())
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Refusal;

    #[test]
    fn every_refusal_has_its_own_code_and_a_sentence_in_both_languages() {
        let distinct = |text: fn(Refusal) -> &'static str| {
            let texts: BTreeSet<_> = Refusal::ALL.iter().map(|refusal| text(*refusal)).collect();
            texts.len() == Refusal::ALL.len()
        };
        assert!(distinct(Refusal::code) && distinct(Refusal::en) && distinct(Refusal::zh));
        for refusal in Refusal::ALL {
            let code = refusal.code();
            assert!(code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'), "{code}");
            assert!(refusal.en().is_ascii() && !refusal.zh().is_ascii(), "{code}");
            assert_eq!(code.parse::<Refusal>().unwrap(), *refusal);
        }
    }
}
