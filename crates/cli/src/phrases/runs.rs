//! Runs: how they go on, and what came of them.

terminal::phrases! {
    result_fetched(id, path, size)
        "the result of run {id} is in {path}, {size}"
        / "运行 {id} 的结果已存入 {path}，{size}";
    run_done(id) "Run {id} is done." / "运行 {id} 已完成。";
    run_unconfirmed(id)
        "Run {id} is done; the peer went away before it said so too."
        / "运行 {id} 已完成；对方在确认之前断开。";
    run_again(id)
        "Once the cause is gone: `tacit runs again {id}`."
        / "原因排除后：`tacit runs again {id}`。";
    no_runs() "No runs yet." / "尚无运行。";
    published(model, lender) "{model} is published to {lender}." / "{model} 已发布给 {lender}。";
    padded(items, sent) "{items}, padded to {sent}" / "{items}，填充至 {sent}";
    of_rows(items, rows, repeated, bad)
        "{items} of {rows} rows ({repeated} repeated, {bad} not valid)"
        / "{items}，取自 {rows} 行（重复 {repeated}，无效 {bad}）";
    result_is_report(path)
        "{path} is where the report goes; give the result another ending, .csv for one"
        / "{path} 是报告的位置；请为结果文件换一个扩展名，例如 .csv";
    state_proposed() "proposed" / "已提议";
    state_agreed() "agreed" / "已约定";
    state_running() "running" / "运行中";
    state_done() "done" / "完成";
    state_unconfirmed() "unconfirmed" / "对方未确认";
    state_failed() "failed" / "失败";
}
