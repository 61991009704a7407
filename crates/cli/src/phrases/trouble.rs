//! What went wrong, and what to do about it.

terminal::phrases! {
    run_cancelled(id)
        "Run {id} ends: nothing more of it leaves, and its peers are told."
        / "运行 {id} 即将结束：不再发送任何内容，并通知对方。";
    no_such_run(id) "there is no run whose number starts with {id}" / "没有编号以 {id} 开头的运行";
    no_such_run_advice() "`tacit runs` lists them." / "可用 `tacit runs` 列出全部运行。";
    many_runs(id, count)
        "{count} runs have a number that starts with {id}; give more digits"
        / "有 {count} 个运行的编号以 {id} 开头，请多写几位";
    address_shape(given)
        "`{given}` is not HOST:PORT, like 10.1.2.3:7101 or tax.example.gov.cn:7101"
        / "`{given}` 不是 主机:端口 的形式，例如 10.1.2.3:7101 或 tax.example.gov.cn:7101";
    nowhere_to_dial(listen)
        "peers cannot dial {listen}, it stands for every address of this machine"
        / "{listen} 表示本机所有地址，对方无法用它连接";
    nowhere_to_dial_advice()
        "Say what they shall dial with --advertise HOST:PORT."
        / "请用 --advertise 主机:端口 给出对方应连接的地址。";
    checks_failed(failed, all) "{failed} of {all} checks failed" / "{all} 项检查中有 {failed} 项未通过";
    scores_failed(failed, all) "{failed} of {all} firms got no score" / "{all} 户中有 {failed} 户没有得到评分";
    verifications_failed(failed, all)
        "about {failed} of {all} firms there is no answer" / "{all} 户中有 {failed} 户没有得到答案";
    formula_mistake() "the formula cannot be asked" / "公式无法询问";
    no_subjects() "there is nobody to ask about: no codes were given" / "没有要查询的主体：未给出任何代码";
    standard_input_twice()
        "standard input is read once: give one of them in a file, as @PATH"
        / "标准输入只能读取一次：其中一项请以 @文件路径 给出";
    input_too_long(name)
        "{name} holds more than 64 KiB" / "{name} 的内容超过 64 KiB";
    bad_log(filter)
        "the log filter `{filter}` is not understood; give a level (info, debug) or target=level"
        / "无法理解日志过滤器 `{filter}`；请给出级别（info、debug）或 目标=级别";
    runtime(error) "the program's threads cannot be started: {error}" / "无法启动程序线程：{error}";
    still_running(seconds)
        "the party has not stopped after {seconds} s: a run may still be writing"
        / "{seconds} 秒后参与方仍未停止：可能仍有运行在写入";
    still_running_advice(pid)
        "Wait and ask `tacit party status`, or end process {pid} yourself."
        / "请稍候并用 `tacit party status` 查看，或自行结束进程 {pid}。";
}
