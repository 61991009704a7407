//! Making, running and checking a party.

terminal::phrases! {
    party_made(name, config) "{name} is made; its configuration: {config}" / "已建立 {name}；配置文件：{config}";
    party_fingerprint(fingerprint) "fingerprint: {fingerprint}" / "指纹：{fingerprint}";
    keys_plain()
        "The keys are not sealed: whoever can read this folder, or a copy of it, can act as this party. `tacit keys protect --passphrase-file FILE` seals them."
        / "密钥未加封：凡能读取本目录或其副本者，都能冒充本参与方。可用 `tacit keys protect --passphrase-file FILE` 加封。";
    keys_passphrase(path) "sealed under the passphrase in {path}" / "由 {path} 中的口令加封";
    keys_credential(name) "sealed under the systemd credential {name}" / "由 systemd 凭据 {name} 加封";
    keys_prepared(peer_file)
        "New keys are prepared; those in use stay in use. Their file: {peer_file}"
        / "新密钥已备好；现用密钥继续使用。其文件：{peer_file}";
    keys_prepared_next()
        "Next: hand the file to every peer, who adds it with `tacit peer add FILE` and starts again, and compare the fingerprint by telephone; then stop this party, `tacit keys switch`, and start it."
        / "下一步：把该文件交给每个对方，由其用 `tacit peer add FILE` 添加并重新启动，并通过电话核对指纹；然后停止本方，执行 `tacit keys switch`，再启动。";
    keys_switched()
        "The new keys are in use from the next start, and the secrets of the former are wiped. Peers that have pinned the new file learn of it by themselves."
        / "下次启动起使用新密钥，旧密钥的私密部分已清除。已登记新文件的对方会自动获知。";
    keys_abandoned()
        "The prepared keys are gone; those in use stay."
        / "备好的密钥已放弃；现用密钥不变。";
    keys_while_running()
        "this party is running: stop it first with `tacit party stop`"
        / "本参与方正在运行：请先用 `tacit party stop` 停止";
    peer_succeeds(name)
        "This is what {name} will switch to, as its present key says; both count until then. Start this party again for it to know."
        / "这是 {name} 将要切换到的文件，已由其现用密钥背书；切换之前两者均有效。请重新启动本方使其生效。";
    keys_copies()
        "Copies of the folder that were made before are protected as they were."
        / "此前制作的目录副本仍按原来的方式保护。";
    party_next(peer_file)
        "Next: name your registers and offers in the configuration; hand {peer_file} to every peer, and compare the fingerprint by telephone; add theirs with `tacit peer add FILE`; then `tacit party run`."
        / "下一步：在配置文件中写明登记表和愿意提供的服务；把 {peer_file} 交给每个对方，并通过电话核对指纹；用 `tacit peer add FILE` 添加对方的文件；然后 `tacit party run`。";
    peer_added(name, address) "{name} is pinned, dialled at {address}" / "已固定对方 {name}，连接地址 {address}";
    peer_compare()
        "Compare the fingerprint with them by telephone before the first run."
        / "首次运行前，请通过电话与对方核对指纹。";
    peer_restart()
        "A running party knows a new peer after its next start."
        / "正在运行的参与方在下次启动后才认识新的对方。";
    no_peers()
        "No peers yet: add one with `tacit peer add FILE`."
        / "尚无对方：请用 `tacit peer add FILE` 添加。";
    party_ready(name, address, fingerprint)
        "{name} is ready at {address}, fingerprint {fingerprint}"
        / "{name} 已就绪，地址 {address}，指纹 {fingerprint}";
    party_unfinished(count)
        "{count} runs of before the start were left unfinished; see `tacit runs`"
        / "上次停止时有 {count} 个运行未完成；请见 `tacit runs`";
    party_stopped(name) "{name} has stopped" / "{name} 已停止";
    all_fine(count) "all {count} checks passed" / "{count} 项检查全部通过";
    check_passed() "ok" / "正常";
    check_warns() "WARNING" / "注意";
    check_failed() "FAILED" / "失败";
    offline_only()
        "No party runs here; only what can be seen without one was checked."
        / "此处没有正在运行的参与方；只做了无需运行即可进行的检查。";
    no_models() "This party knows no model." / "本参与方没有任何模型。";
    yes() "yes" / "是";
    no() "no" / "否";
    none() "none" / "无";
    data_fine(file) "{file} can be used" / "{file} 可以使用";
    data_bad(file, bad)
        "{file} has {bad} rows whose identifier is not valid"
        / "{file} 中有 {bad} 行标识无效";
    data_advice()
        "Correct them, or leave them out with --skip-bad (skip_bad = true in party.toml)."
        / "请改正这些行，或用 --skip-bad（party.toml 中 skip_bad = true）跳过。";
    binding_advice()
        "Bind the column to another field, or correct what is in it."
        / "请将该列绑定到其他字段，或更正其内容。";
    config_read(name) "party.toml of {name} is readable" / "{name} 的 party.toml 可以读取";
    register_fine(distinct) "{distinct} subjects" / "{distinct} 个主体";
    peer_pinned(address, until)
        "dialled at {address}, certificate valid until {until}"
        / "连接地址 {address}，证书有效期至 {until}";
    peer_expired(until)
        "the certificate ended at {until}: ask for a new .party file and add it"
        / "证书已于 {until} 到期：请索取新的 .party 文件并添加";
}
