//! Keys, certificates and authorisations: what is signed, shown, handed on.

terminal::phrases! {
    key_made(path)
        "The key is in {path}; keep it to yourself and keep a copy. The line above is its public half: hand it to an identity issuer."
        / "密钥已存入 {path}，请自行保管并备份。上面一行是公钥，请交给身份签发机构。";
    certified(path, days)
        "the certificate is in {path}; the key may sign for {days} days"
        / "证书已存入 {path}；该密钥可签署 {days} 天";
    certified_next(issuer, key)
        "Parties that trust {issuer} have {key} under [[governance.issuer]] in party.toml."
        / "信任 {issuer} 的参与方应在 party.toml 的 [[governance.issuer]] 中写入 {key}。";
    revoked(path, number, keys)
        "list {number} is in {path}: {keys} keys sign no more"
        / "第 {number} 号名单已存入 {path}：共 {keys} 个密钥不再有效";
    revoked_next()
        "Hand it to the registry and to every holder: `tacit subject revocations FILE`. Then certify another key, with which the subject signs again."
        / "请交给登记机构与各数据方：`tacit subject revocations 文件`。然后认证另一密钥，由主体重新签署。";
    revoked_void(void)
        "{void} authorisations that such keys have signed are void now"
        / "由这些密钥签署的 {void} 份授权现已失效";
    agent_without_mandate()
        "an agent signs under a mandate: name its file with --mandate"
        / "经办人须凭委托书签署：请用 --mandate 指定委托书文件";
    not_understood(error) "not understood: {error}" / "无法理解：{error}";
    bad_identifier(error)
        "this identifier cannot be used: {error}"
        / "该标识无法使用：{error}";
    signing() "This is what is signed:" / "即将签署以下内容：";
    submit_next(registry, path)
        "It counts once it is registered at {registry}: `tacit authorisation submit {path}`, in the folder of a party that reaches it."
        / "在 {registry} 登记后生效：请在可连接该方的参与方目录中运行 `tacit authorisation submit {path}`。";
    revocation_signed(id, path) "the revocation of {id} is in {path}" / "{id} 的撤销文书已存入 {path}";
    suspension_signed(id, path) "the suspension of {id} is in {path}" / "{id} 的暂停文书已存入 {path}";
    resumption_signed(id, path) "the resumption of {id} is in {path}" / "{id} 的恢复文书已存入 {path}";
    uses(uses, seconds) "{uses} at most, {seconds} s apart" / "最多 {uses} 次，间隔 {seconds} 秒以上";
    every_field(class) "class {class}, every field" / "信息类 {class}，全部字段";
    any_model() "any model of the lender's" / "贷款机构的任何模型";
    legal_rep() "legal representative" / "法定代表人";
    agent() "agent under a mandate" / "经办人";
    person() "the person itself" / "本人";
    checked_by(capacity, method, level)
        "{capacity}; identity checked by {method}, level {level}"
        / "{capacity}；身份核验方式 {method}，等级 {level}";
    verified() "verified" / "已核验";
    not_verified() "NOT VERIFIED" / "未核验";
    signature_holds()
        "the document is as the key of its certificate signed it"
        / "文书与证书所载密钥的签名相符";
    signature_open()
        "the signature: its certificate cannot be read"
        / "签名：无法读取其证书";
    issuer_holds()
        "an identity issuer that this party trusts has certified the key"
        / "密钥由本参与方信任的身份签发机构认证";
    issuer_open()
        "who certified the key: no identity issuer is known here; name a party's folder with --dir"
        / "密钥由谁认证：此处没有已知的身份签发机构；请用 --dir 指定参与方目录";
    letter_holds()
        "the letter's text is the one that follows from these terms"
        / "授权书文本与以上内容一致";
    letter_open()
        "the letter: its text is not in the document; compare the hash with the text that was signed"
        / "授权书：文本不在文书内；请将哈希与所签文本核对";
    state_open()
        "whether it is in force: only its registry knows; ask `tacit authorisation history`"
        / "是否有效：只有登记方知道；请用 `tacit authorisation history` 查询";
    document_fails(path)
        "{path} does not hold what it claims; do not rely on it"
        / "{path} 未通过核验，请勿采信";
    not_submitted(failed, all)
        "{failed} of {all} documents were not taken"
        / "{all} 份文书中有 {failed} 份未被接受";
    no_authorisations() "This party knows no authorisation." / "本参与方没有任何授权。";
    exported(count, path) "{count} states are in {path}" / "{count} 条授权状态已存入 {path}";
    authorisation_active() "in force" / "有效";
    authorisation_suspended() "suspended" / "已暂停";
    authorisation_revoked() "revoked" / "已撤销";
    authorisation_expired() "expired" / "已到期";
    authorisation_exhausted() "used up" / "次数已用完";
    authorisation_superseded() "superseded" / "已被新版本取代";
    authorisation_void() "void" / "已失效";
    act_registered() "registered" / "登记";
    act_narrowed() "narrowed" / "缩小";
    act_suspended() "suspended" / "暂停";
    act_resumed() "resumed" / "恢复";
    act_revoked() "revoked" / "撤销";
    act_voided() "found void" / "认定失效";
    act_exhausted() "last use made" / "次数用完";
    actor_subject() "the subject" / "授权主体";
    actor_registry() "the registry" / "登记方";
}
