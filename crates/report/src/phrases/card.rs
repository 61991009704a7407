//! The card of a model.

terminal::phrases! {
    model_card() "Model card" / "模型说明书";
    section_identity() "Purpose and identity" / "用途与身份";
    section_rules() "Rules of admission" / "准入规则";
    section_grades() "Grades" / "等级";
    section_features() "Features" / "特征";
    verdict_kept() "breaks no rule of admission" / "未违反任何准入规则";
    verdict_open() "breaks no rule; some were not measured" / "未违反规则，部分规则未测量";
    verdict_broken(count) "breaks {count} of the rules of admission" / "违反 {count} 条准入规则";
    rule_kept() "kept" / "符合";
    rule_flagged() "look at it" / "需关注";
    rule_broken() "broken" / "不符合";
    rule_unmeasured() "not measured" / "未测量";
    at_least(limit) "at least {limit}" / "至少 {limit}";
    at_most(limit) "at most {limit}" / "至多 {limit}";
    spans_below(points) "spans of at most {points} points" / "跨度不超过 {points} 分的特征";
    head_rule() "rule" / "规则";
    head_verdict() "verdict" / "结论";
    head_figure() "figure" / "数值";
    head_limit() "limit" / "限值";
    head_worst() "where" / "所在";
    head_asks() "what it asks" / "要求";
    rules_caption() "Each rule, where the model fares worst with it" / "各规则及模型最不符合之处";
    lacks(features)
        "Features without a bin for a missing value or an unlisted category: {features}. Over firms and persons holders refuse such a model."
        / "以下特征没有缺失值或未列类别的分箱：{features}。用于企业或个人时，数据方将拒绝该模型。";
    head_title() "title" / "名称";
    head_model_digest() "digest of the model" / "模型摘要";
    head_last_day() "last day of use" / "使用期限";
    head_intended() "purpose" / "用途";
    head_outcome() "what counts as bad" / "坏样本定义";
    head_window() "outcomes observed" / "表现期";
    head_scale() "scale" / "评分刻度";
    scale(score, odds, pdo)
        "{odds} good to 1 bad at a score of {score}; {pdo} more points double the odds"
        / "评分 {score} 时好坏比为 {odds}:1，每增加 {pdo} 分好坏比翻倍";
    head_offset() "offset" / "偏移分";
    offset(offset, most)
        "{offset}, added to at most {most} points" / "{offset}，另加至多 {most} 分";
    head_policy() "who learns the points" / "分值知悉方";
    policy_lender() "policy A: the lender" / "方案 A：贷款机构";
    policy_nobody() "policy B: nobody, tables are encrypted out of shares" / "方案 B：无人知悉，由份额直接生成加密分值表";
    head_training_job() "training job" / "训练任务";
    head_certificate() "certificate" / "证书";
    head_receipts() "receipts" / "回执";
    head_slot() "slot" / "位置";
    head_features() "features" / "特征数";
    parties_caption() "Who brings features" / "各方提供的特征";
    own_block() "the lender itself" / "贷款机构自有";
    facts_caption() "What the model file says of its training" / "模型文件所载训练信息";
    head_fact() "fact" / "项目";
    head_value() "value" / "取值";
    head_feature() "feature" / "特征";
    head_bin() "bin" / "分箱";
    head_bin_count() "bins" / "分箱数";
    head_fitted_woe() "WOE fitted" / "拟合 WOE";
    head_explains() "explains" / "解释占比";
    head_coefficient() "coefficient" / "系数";
    head_spread() "spread of points" / "分值跨度";
    head_remark() "remark" / "备注";
    head_place() "no." / "序号";
    features_caption() "Features, in the order of the model" / "特征一览（按模型顺序）";
    bins_caption(feature) "Bins of {feature}" / "{feature} 的分箱";
    bin_missing() "missing" / "缺失";
    bin_other() "other" / "其他";
    against_points() "points and bad rate disagree" / "分值与坏账率方向不一致";
    bins_against(count)
        "points and bad rate disagree in {count} bins" / "{count} 个分箱的分值与坏账率方向不一致";
    fact_holder(holder) "holder {holder}" / "数据方 {holder}";
    fact_field(field) "catalogue field {field}" / "清单字段 {field}";
    fact_coefficient(coefficient) "coefficient {coefficient}" / "系数 {coefficient}";
    fact_explains(share) "explains {share} of the score" / "对评分的解释占比 {share}";
    bins_title(feature) "{feature}: share and bad rate" / "{feature}：占比与坏账率";
    bins_description(feature, bins)
        "The share of the rows in each of the {bins} bins of {feature} as bars, the bad rate of each as a line."
        / "{feature} 的 {bins} 个分箱：柱为样本占比，折线为坏账率。";
    woe_title(feature) "{feature}: weight of evidence" / "{feature}：证据权重（WOE）";
    woe_description(feature)
        "The weight of evidence of each bin of {feature}: above 0 worse than the average, below 0 better."
        / "{feature} 各分箱的证据权重：大于 0 劣于平均，小于 0 优于平均。";
    points_title(feature) "{feature}: points" / "{feature}：分值";
    points_description(feature) "The points of each bin of {feature}." / "{feature} 各分箱的分值。";
    axis_bins() "bin" / "分箱";
    axis_bin_numbers() "bin, by its number in the table" / "分箱（按表中序号）";
    axis_woe() "WOE" / "证据权重";
    axis_points() "points" / "分值";
    legend_share() "share of rows" / "样本占比";
    legend_worse() "worse than the average" / "劣于平均";
    legend_better() "better than the average" / "优于平均";
    grades_caption() "Grades by cut-off, best first" / "按分数线划分的等级（由优到劣）";
    below_grades() "below the last" / "低于末级";
    grades_rise() "Bad rates rise from grade to grade." / "坏账率逐级上升。";
    grades_do_not_rise()
        "Bad rates do not rise from grade to grade: look at the cut-offs." / "坏账率并非逐级上升：请检查分数线。";
    head_probability_from() "probability of bad at the cut-off" / "分数线处的违约概率";
    head_data() "rows measured on" / "测量样本";
    head_unplaced() "rows without a bin (left out)" / "无分箱的行（未计入）";
    head_before_rounding() "before points were rounded" / "取整前";
    head_whole_points() "whole points" / "整数分值";
    rounding_caption() "What rounding to whole points costs" / "分值取整的影响";
    head_baseline() "population of before" / "此前的群体";
    baseline(rows, file) "{rows} rows ({file})" / "{rows} 行（{file}）";
    csi_caption() "Features before and now" / "特征稳定性（CSI）";
    csi_by_feature() "The bins of each feature stand in its table below." / "各特征分箱的变化见下文各表。";
    statistics_only()
        "Statistics of before say how bins were filled, and nothing of scores."
        / "此前的统计量仅含各分箱占比，不含评分。";
    no_data()
        "No labelled rows were given (--data), so nothing was measured: counts, bad rates and curves are left out."
        / "未给出带标签的数据（--data），故未测量：不含样本数、坏账率与各曲线。";
    read_woe()
        "WOE, weight of evidence: ln (share of the bads / share of the goods) of a bin; above 0 it is worse than the average. IV, information value: Σ (share of the bads − share of the goods) · WOE."
        / "WOE（证据权重）：分箱中 ln（坏样本占比 / 好样本占比），大于 0 劣于平均。IV（信息价值）：Σ（坏样本占比 − 好样本占比）· WOE。";
    read_explains()
        "Explains: the square of the correlation of a feature's points with the sum that the lender opens."
        / "解释占比：特征分值与贷款机构所解密之和的相关系数的平方。";
    read_disagree()
        "Points and bad rate disagree where a bin has more points than the one before it although its bad rate is higher (or fewer although it is lower), beyond what chance does in 95 of 100 samples."
        / "分值与坏账率方向不一致：某分箱的分值高于前一分箱而坏账率也更高（或均更低），且差异超出抽样偶然（95%）。";
}
