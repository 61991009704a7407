//! Tokens of the staff.

terminal::phrases! {
    token_made(name, role, until)
        "{name} is the token's name; its role is {role}, until {until}"
        / "令牌名称为 {name}，角色为 {role}，有效期至 {until}";
    token_once(name)
        "The line above is not shown again and is kept nowhere: hand it over like a key, for --token-file or TACIT_TOKEN. `tacit token revoke {name}` ends it."
        / "上面一行不会再次显示，也不在任何地方保存：请像钥匙一样交付，供 --token-file 或 TACIT_TOKEN 使用。可用 `tacit token revoke {name}` 吊销。";
    no_tokens()
        "No token was made: whoever may open the party's own socket is its operator."
        / "尚未签发令牌：能打开本参与方自己的套接字的人即为其操作员。";
    token_valid() "valid" / "有效";
    token_expired() "expired" / "已过期";
    token_revoked() "revoked" / "已吊销";
    head_used() "last used" / "最近使用";
    head_made_by() "made by" / "签发者";
}
