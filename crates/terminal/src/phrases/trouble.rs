//! What went wrong whatever was done, and what to do about it.

phrases! {
    interrupted() "stopped by Ctrl-C or a signal" / "已被 Ctrl-C 或信号中断";
    file_trouble(path, error) "{path}: {error}" / "{path} 无法使用：{error}";
    stdout_trouble(error) "standard output took no more: {error}" / "标准输出无法继续写入：{error}";
    path_not_unicode(path)
        "the path {path} is not UTF-8; use a directory whose name is"
        / "路径 {path} 不是 UTF-8 编码，请换用 UTF-8 命名的目录";
    run_kept(id)
        "Details: `tacit runs {id}`. Once the cause is gone: `tacit runs again {id}`."
        / "详情：`tacit runs {id}`。原因排除后：`tacit runs again {id}`。";
    run_goes_on(id)
        "Run {id} goes on in the party; `tacit runs {id}` shows how far it is."
        / "运行 {id} 仍在参与方中继续；可用 `tacit runs {id}` 查看进度。";
    run_may_go_on()
        "The party may have begun; `tacit runs` shows its runs."
        / "参与方可能已经开始；可用 `tacit runs` 查看。";
    ended_early()
        "the party ended the conversation before the run did"
        / "运行尚未结束，参与方就结束了会话";
    signals(error) "signals cannot be watched: {error}" / "无法监听信号：{error}";
    not_reconciled(count)
        "releases and receipts differ in {count} places"
        / "结果释放与凭证有 {count} 处不一致";
}
