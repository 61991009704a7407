//! Model files: made, written for others, checked.

terminal::phrases! {
    model_made(model, path) "{model} is in {path}" / "模型 {model} 已存入 {path}";
    model_written(model, path) "{model} is written to {path}" / "模型 {model} 已写出到 {path}";
    bins_lacked(features)
        "Features without a bin for a missing value or an unlisted category: {features}. Over firms and \
         persons holders refuse such a model; over research data these rows have no score."
        / "以下特征没有缺失值或未列类别的分箱：{features}。用于企业或个人时，数据方将拒绝该模型；用于研究数据时，此类行没有评分。";
    bins_lacked_at_import()
        "Import again with --missing and --other, or write `missing` and `other` into the model file"
        / "请加 --missing、--other 重新导入，或在模型文件中写入 `missing`、`other`";
    holders_line(path, line)
        "{path}: line {line} is not COLUMN=SLOT"
        / "{path} 第 {line} 行不是 列名=持有方 的形式";
    reference_written(path)
        "The statistics of these rows are in {path}" / "这些样本的统计量已写入 {path}";
    rule_kept() "kept" / "符合";
    rule_flagged() "look at it" / "需关注";
    rule_broken() "broken" / "不符合";
    rule_unknown() "needs --data" / "需要 --data";
    at_least(limit) "at least {limit}" / "至少 {limit}";
    at_most(limit) "at most {limit}" / "至多 {limit}";
    spans_below(points) "spans of at most {points} points" / "跨度不超过 {points} 分的特征";
    not_registered(model) "no model {model} is registered here" / "本方没有已登记的模型 {model}";
    not_reached_advice()
        "What was decided is kept. Run the same command again when they can be reached."
        / "决定已保存。对方恢复后请再次运行同一命令。";
    head_registered() "registered" / "已登记模型";
    head_published() "published" / "已发布模型";
    head_research() "research only" / "仅限研究";
    head_slot() "slot" / "位置";
    head_most_points() "largest sum" / "最大合计分";
    head_valid_until() "valid until" / "有效期至";
    head_bins() "bins" / "分箱";
    rules_broken(count, model)
        "{model} breaks {count} of the rules of admission"
        / "模型 {model} 违反 {count} 条准入规则";
    rules_broken_advice()
        "Change the model: the table above says where each rule is broken worst."
        / "请修改模型：上表列出了每条规则最不符合之处。";
    rules_kept(model) "{model} breaks no rule of admission" / "模型 {model} 未违反任何准入规则";
    rules_open(model)
        "{model} breaks no rule of admission that can be checked without --data"
        / "模型 {model} 未违反无需 --data 即可检查的准入规则";
    no_column(path, column) "{path} has no column `{column}`" / "{path} 中没有列 `{column}`";
    odd_label(path, row, column)
        "{path}: row {row} has neither 1, bad, 0 nor good in `{column}`"
        / "{path} 第 {row} 行的 `{column}` 既不是 1、bad，也不是 0、good";
    key_twice(path, row, column)
        "{path}: row {row} has a value in `{column}` that an earlier row has"
        / "{path} 第 {row} 行的 `{column}` 与前面某行相同";
    one_outcome(path)
        "{path} has no row with a bin everywhere of good or none of bad: nothing can be measured"
        / "{path} 中可评分的样本全为好或全为坏，无法衡量";
    head_rule() "rule" / "规则";
    head_verdict() "verdict" / "结论";
    head_figure() "figure" / "数值";
    head_limit() "limit" / "限值";
    head_worst() "where" / "所在";
    head_asks() "what it asks" / "要求";
    head_feature() "feature" / "特征";
    head_bin() "bin" / "分箱";
    head_share() "share" / "占比";
    head_explains() "explains" / "解释占比";
    head_bads() "bad" / "坏样本";
    head_unplaced() "rows without a bin (left out)" / "无分箱的行（未计入）";
    head_rounded() "AUC / KS of whole points" / "整数分值的 AUC / KS";
    head_exact() "AUC / KS before rounding" / "取整前的 AUC / KS";
    head_lost() "lost by rounding" / "取整损失";
    one_outcome_known(path)
        "{path}: fewer than two good or two bad among the subjects that have a score: nothing can be measured"
        / "{path}：有评分的主体中，好样本或坏样本不足两个，无法衡量";
    no_number(path, row, text)
        "{path}: row {row} has `{text}` where a number stands"
        / "{path} 第 {row} 行应为数值，实为 `{text}`";
    nobody_in_both(path)
        "{path} has none of the subjects that have a score and an outcome"
        / "{path} 中没有任何一个既有评分又有结果的主体";
    stable(index)
        "stability index {index}: the population has hardly moved" / "稳定性指数 {index}：群体基本稳定";
    has_moved(index)
        "stability index {index}: the population has moved, look at the features"
        / "稳定性指数 {index}：群体有所变化，请查看各特征";
    another_population(index)
        "stability index {index}: it is another population, fit the model again"
        / "稳定性指数 {index}：群体已明显不同，请重新建模";
    challenged(difference, p)
        "AUC of the challenger less that of the model in use: {difference} (p {p})"
        / "挑战模型与现用模型的 AUC 之差：{difference}（p {p}）";
    head_scored() "scored" / "已评分";
    head_without_score() "without a score (left out)" / "无评分（未计入）";
    head_without_outcome() "without an outcome (left out)" / "无结果（未计入）";
    head_unknown_outcome() "outcomes of others (left out)" / "其他主体的结果（未计入）";
    head_known() "score and outcome known" / "评分与结果俱全";
    head_auc() "AUC (95 of 100)" / "AUC（95% 区间）";
    head_ks_gini() "KS / Gini" / "KS / 基尼";
    head_brier() "Brier score" / "Brier 分数";
    head_riskiest() "riskiest" / "风险最高的";
    head_bad_rate() "bad rate" / "坏账率";
    head_lift() "lift" / "提升度";
    head_bads_so_far() "of all bad" / "累计坏样本";
    head_goods_so_far() "of all good" / "累计好样本";
    head_predicted() "predicted" / "预测坏账率";
    head_score_from() "score from" / "评分起始";
    head_share_before() "share before" / "此前占比";
    head_share_now() "share now" / "现在占比";
    head_segment() "segment" / "分组";
    head_approved_by() "approved by" / "批准方";
    by_both() "both" / "两者";
    by_challenger() "the challenger alone" / "仅挑战模型";
    by_champion() "the model in use alone" / "仅现用模型";
    by_neither() "neither" / "均不批准";
}
