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
    rule_unknown() "needs --data" / "需要 --data";
    not_registered(model) "no model {model} is registered here" / "本方没有已登记的模型 {model}";
    not_reached_advice()
        "What was decided is kept. Run the same command again when they can be reached."
        / "决定已保存。对方恢复后请再次运行同一命令。";
    head_registered() "registered" / "已登记模型";
    head_published() "published" / "已发布模型";
    head_research() "research only" / "仅限研究";
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
    head_auc_before() "AUC before (95 of 100)" / "此前 AUC（95% 区间）";
    page_written(path) "The page is in {path}" / "页面已写入 {path}";
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
}
