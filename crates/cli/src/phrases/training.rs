//! Joint training: jobs, and what came of them.

terminal::phrases! {
    job_asked() "awaits acceptance" / "待同意";
    job_accepted() "accepted" / "已同意";
    job_refused() "refused" / "已拒绝";
    job_withdrawn() "withdrawn" / "已撤回";
    no_jobs() "No training jobs yet." / "尚无训练任务。";
    no_job_file() "name a job file, JOB.toml" / "请给出任务文件 JOB.toml";
    no_such_job(job) "no training job {job} is known here" / "本方没有训练任务 {job}";
    no_such_job_advice() "`tacit train show` lists them." / "可用 `tacit train show` 列出全部任务。";
    job_waits(job, parties)
        "{job} waits for {parties}" / "{job} 正在等待 {parties} 答复";
    job_waits_advice(job)
        "Each of them types `tacit train accept {job}`; then run this command again, or run it with --wait."
        / "请各方运行 `tacit train accept {job}`，然后再次运行本命令；也可加 --wait 等待。";
    job_refused_by(job, parties) "{job} is refused by {parties}" / "{job} 被 {parties} 拒绝";
    job_refused_advice()
        "Agree with them; they may still accept it. A job that changes needs a new version."
        / "请与对方商定，对方仍可改为同意；任务内容如有改动，须使用新的版本号。";
    job_is_its_lenders(job, lender)
        "{job}: every party has accepted it; {lender} trains it (`tacit train run {job}` there)"
        / "{job}：各方均已同意；由 {lender} 训练（在对方运行 `tacit train run {job}`）";
    job_is_withdrawn(job)
        "{job} was withdrawn: propose it again under a new version"
        / "{job} 已撤回：请用新的版本号重新提出";
    job_stays()
        "The job stays laid before its parties; the same command goes on from here."
        / "任务仍在各方处待答复；再次运行同一命令即可继续。";
    two_read_every_row()
        "Any two of the three that compute can, if they pool what they have, read every row of every holder."
        / "三个计算方中的任意两方若合谋，可还原每个数据方的每一行数据。";
    computing(department, platform, lender)
        "{department} (department), {platform} (platform), {lender} (lender)"
        / "{department}（部门）、{platform}（平台）、{lender}（贷款机构）";
    rows_of_customers(rows)
        "{rows}, every one a customer of the lender; whoever brings columns sees their identifiers"
        / "{rows} 行，均为贷款机构的客户；提供列的各方可见其标识";
    rows_with_others(rows, least, cover)
        "{rows}, at least one in {cover} ({least}) a customer of the lender, which ones nobody else learns; whoever brings columns sees all identifiers"
        / "{rows} 行，其中至少每 {cover} 行有一行（{least} 行）为贷款机构的客户，其他各方不知是哪些；提供列的各方可见全部标识";
    label_of(register, column, lender)
        "`{column}` of `{register}`, known to {lender} alone"
        / "`{register}` 的 `{column}` 列，仅 {lender} 知晓";
    none_held_out() "none" / "无";
    held_out(percent) "{percent}% of the rows, drawn by lot" / "{percent}% 的行，随机抽取";
    missing_refused() "the training is refused" / "拒绝训练";
    missing_mean() "the mean of the others" / "以其余值的均值代替";
    missing_bin() "they have a bin of their own" / "单独成箱";
    scorecard_bins(prebins, most, least)
        "{prebins} bins of about as many rows each, merged to at most {most}, each with {least}% of the values at least; missing values have a bin of their own"
        / "先等频分为 {prebins} 箱，再合并为至多 {most} 箱，每箱至少占取值的 {least}%；缺失值单独成箱";
    scorecard_scale(score, odds, pdo)
        "{score} = {odds}:1, and {pdo} points double the odds"
        / "{score} 分对应好坏比 {odds}:1，每增 {pdo} 分好坏比翻倍";
    trend_auto() "auto" / "自动";
    trend_ascending() "ascending" / "递增";
    trend_descending() "descending" / "递减";
    trend_peak() "peak" / "先升后降";
    trend_valley() "valley" / "先降后升";
    trend_none() "none" / "不限";
    opens_counts()
        "how many good and bad rows each bin of its own columns has"
        / "本方各列每个分箱的好坏样本数";
    opens_to_each_party() "each party that brings columns" / "提供列的各方";
    opens_bins()
        "bins of every column: breaks, good and bad rows, weights of evidence, information values"
        / "每一列的分箱：断点、好坏样本数、证据权重与信息值";
    opens_points() "points of every bin" / "每个分箱的分值";
    card_made(path, job)
        "The scorecard is in {path}. `tacit model check {path}` holds it against the rules of admission; its platform then names the file under [[model]] and lays it before its holders: `tacit model register {job}`."
        / "评分卡已存入 {path}。可用 `tacit model check {path}` 对照准入规则检查；随后由平台在 [[model]] 中写明该文件，并以 `tacit model register {job}` 提交各数据方。";
    no_card(why)
        "The model is trained, and there is no scorecard of it: {why}"
        / "模型已训练完成，但未能生成评分卡：{why}";
    wrong_signs(columns)
        "Of {columns} worse bins score better: leave them out and train again."
        / "{columns} 的系数符号与证据权重相反：请去掉后重新训练。";
    weak_columns(columns)
        "{columns} hardly tell good from bad (information value below 0.02)."
        / "{columns} 区分能力很弱（信息值低于 0.02）。";
    absence_column(subjects)
        "says which {subjects} the register does not have"
        / "标明登记表中没有的{subjects}";
    kind_firms() "firms" / "企业";
    kind_persons() "persons" / "自然人";
    kind_subjects() "subjects" / "主体";
    opens_to_nobody() "nobody" / "无人";
    opens_weights() "weights of the model" / "模型权重";
    opens_errors() "standard errors of the weights" / "权重的标准误";
    opens_evaluation() "AUC, KS and the histograms they come from" / "AUC、KS 及其直方图";
    opens_convergence()
        "whether each Newton step went down, and whether there are enough rows of each class"
        / "每个牛顿步是否下降，以及两类样本是否足够";
    opens_rows()
        "rows, products of rows, weights before the last step"
        / "任何一行、行的乘积、最后一步之前的权重";
    role_proposer() "proposes" / "提出方";
    role_department() "computes as department" / "计算方（部门）";
    role_platform() "computes as platform" / "计算方（平台）";
    role_lender() "computes as lender" / "计算方（贷款机构）";
    role_contributor() "brings columns" / "提供列";
    weights_in_shares()
        "The weights stay in shares: nobody learns them."
        / "权重以份额形式保存：无人知晓。";
    intercept() "intercept" / "截距";
    stars() "*** p < 0.001, ** p < 0.01, * p < 0.05" / "显著性：*** p < 0.001，** p < 0.01，* p < 0.05";
    rows_held_out(figure, rows)
        "{figure} ({rows} rows held out)" / "{figure}（留出样本 {rows} 行）";
    rows_trained_on(figure, rows)
        "{figure} ({rows} rows trained on)" / "{figure}（训练样本 {rows} 行）";
    not_converged()
        "The training has not converged: take more Newton steps, or a larger ridge."
        / "训练未收敛：请增加牛顿步数，或加大岭系数。";
    steps_halved(count)
        "{count} Newton steps were too long and were halved."
        / "{count} 个牛顿步过长，已减半。";
    rows_beyond_table(count)
        "{count} rows lie beyond the table of probabilities: the classes are nearly separable; take a larger ridge."
        / "{count} 行超出概率表的范围：两类样本近乎可分，请加大岭系数。";
    training_uploaded() "uploaded" / "已上传份额";
    training_counted() "counted" / "已计数";
    training_disclosed() "bins disclosed" / "已提供分箱";
    training_begun() "begun" / "开始计算";
    training_trained() "trained" / "训练完成";
    training_not_completed() "broken off" / "中断";
    head_job() "job" / "任务";
    head_proposer() "proposed by" / "提出方";
    head_to_type() "to type there" / "对方应运行";
    head_computing() "computing" / "计算方";
    head_label() "label" / "标签";
    head_label_column() "label's column" / "标签所在列";
    head_row_weight() "rows weighted by" / "行权重列";
    head_scorecard() "scorecard" / "评分卡";
    head_trend() "trend of bad rates" / "坏样本率趋势";
    head_scale() "scale" / "刻度";
    head_iv() "IV" / "信息值";
    head_coefficient() "coefficient" / "系数";
    head_card() "scorecard" / "评分卡";
    head_ridge() "ridge" / "岭系数";
    head_newton_steps() "Newton steps" / "牛顿步数";
    head_held_out() "held out" / "留出样本";
    head_catalogue_name() "in the catalogue" / "清单名称";
    head_where_missing() "where there is no number" / "缺数值时";
    head_opens() "what" / "内容";
    head_opens_to() "opens to" / "公开给";
    head_weight() "weight" / "权重";
    head_standard_error() "standard error" / "标准误";
    head_customers() "customers among them" / "其中客户";
    head_passes() "passes" / "遍数";
    head_rounds() "rounds" / "轮数";
}
