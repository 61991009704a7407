//! How a score does: figures, curves, groups, shifts.

terminal::phrases! {
    head_bads() "bad" / "坏样本";
    head_goods() "good" / "好样本";
    head_bad_rate() "bad rate" / "坏账率";
    head_share() "share" / "占比";
    head_riskiest() "riskiest" / "风险最高的";
    head_lift() "lift" / "提升度";
    head_bads_so_far() "of all bad" / "累计坏样本";
    head_goods_so_far() "of all good" / "累计好样本";
    head_predicted() "predicted" / "预测坏账率";
    head_observed() "observed" / "实际坏账率";
    head_auc() "AUC (95 of 100)" / "AUC（95% 区间）";
    head_ks_gini() "KS / Gini" / "KS / 基尼";
    head_brier() "Brier score" / "Brier 分数";
    head_score_from() "score from" / "评分起始";
    head_score_until() "below" / "评分低于";
    head_share_before() "share before" / "此前占比";
    head_share_now() "share now" / "现在占比";
    head_segment() "segment" / "分组";
    head_approved_by() "approved by" / "批准方";
    head_gini() "Gini" / "基尼系数";
    head_population() "population" / "样本群体";
    population_now() "now" / "当前";
    population_before() "before" / "此前";
    by_both() "both" / "两者";
    by_challenger() "the challenger alone" / "仅挑战模型";
    by_champion() "the model in use alone" / "仅现用模型";
    by_neither() "neither" / "均不批准";
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
    monitoring_report() "Monitoring report" / "监测报告";
    monitoring_title() "Scores in use, held against what came of them" / "现用评分的结果检验";
    head_scored() "scored" / "已评分";
    head_without_score() "without a score (left out)" / "无评分（未计入）";
    head_without_outcome() "without an outcome (left out)" / "无结果（未计入）";
    head_unknown_outcome() "outcomes of others (left out)" / "其他主体的结果（未计入）";
    head_known() "score and outcome known" / "评分与结果俱全";
    section_performance() "Performance" / "区分能力";
    section_stability() "Stability" / "稳定性";
    section_segments() "Segments" / "分组表现";
    section_challenge() "Champion and challenger" / "现用模型与挑战模型";
    performance_rows(rows, bad, rate)
        "{rows} rows, {bad} of them bad ({rate})" / "共 {rows} 行，其中坏样本 {bad} 行（{rate}）";
    bad_of_rows(bad, rows) "{bad} of {rows} rows" / "{rows} 行中的 {bad} 行";
    interval(low, high) "95 of 100: {low} – {high}" / "95% 区间：{low} – {high}";
    ks_at(score) "at a score of {score}" / "在评分 {score} 处";
    roc_title(auc) "ROC curve: AUC {auc}" / "ROC 曲线：AUC {auc}";
    roc_description(auc, low, high)
        "Share of the bad against share of the good with a score or less. The area under the curve is {auc}, in 95 of 100 samples between {low} and {high}; the dashes are a score that tells nothing."
        / "各评分及以下的坏样本占比（纵轴）与好样本占比（横轴）。曲线下面积为 {auc}，95% 区间为 {low} 至 {high}；虚线为无区分能力的评分。";
    axis_share_of_good() "share of all good" / "好样本累计占比";
    axis_share_of_bad() "share of all bad" / "坏样本累计占比";
    ks_title(ks) "KS plot: {ks}" / "KS 曲线：{ks}";
    ks_description(ks, score)
        "Shares of the good and of the bad with a score or less, over the scores. They are {ks} apart at a score of {score}, where the dashes are."
        / "各评分及以下的好、坏样本累计占比。两者在评分 {score} 处（虚线）相差最大，为 {ks}。";
    axis_share_so_far_of_class() "share of the class" / "累计占比";
    axis_score() "score" / "评分";
    axis_share_so_far() "share with this score or less" / "该评分及以下的累计占比";
    legend_good() "good" / "好样本";
    legend_bad() "bad" / "坏样本";
    legend_farthest() "farthest apart" / "差距最大处";
    calibration_title() "Calibration: observed against predicted" / "校准：实际坏账率与预测坏账率";
    calibration_description(groups)
        "For {groups} groups of as many rows, the observed bad rate against the predicted one. On the dashes they are equal."
        / "按行数等分为 {groups} 组，各组实际坏账率（纵轴）与预测坏账率（横轴）。虚线上两者相等。";
    axis_predicted() "predicted bad rate" / "预测坏账率";
    axis_observed() "observed bad rate" / "实际坏账率";
    legend_equal() "equal" / "相等";
    distribution_title() "Distribution of scores" / "评分分布";
    distribution_description(bins, from, until)
        "Good and bad rows in {bins} bins of scores from {from} to {until}, the bad rate of each as a line."
        / "评分 {from} 至 {until} 分为 {bins} 段，各段的好、坏样本数，折线为各段坏账率。";
    distribution_caption() "Rows by score" / "各评分段的样本";
    axis_rows() "rows" / "行数";
    axis_bad_rate() "bad rate" / "坏账率";
    legend_bad_rate() "bad rate (scale on the right)" / "坏账率（右轴）";
    gains_title() "Gains: what the riskiest hold" / "增益：高风险组的集中度";
    gains_description(share, riskiest)
        "Shares of all bad and of all good rows among the riskiest rows. The riskiest {riskiest} hold {share} of the bad."
        / "按风险由高到低累计的坏样本占比与好样本占比。风险最高的 {riskiest} 包含 {share} 的坏样本。";
    gains_caption() "Gains and lift, the riskiest rows first" / "增益与提升度（风险由高到低）";
    axis_riskiest() "riskiest rows" / "风险最高的样本占比";
    shift_title(index) "Scores before and now: PSI {index}" / "评分分布变化：PSI {index}";
    shift_description(index)
        "Shares of the rows in bins of scores that were filled alike before, before and now. The stability index is {index}."
        / "以此前等频分箱为准，此前与现在各评分段的样本占比。稳定性指数为 {index}。";
    shift_caption() "Scores before and now" / "此前与现在的评分";
    axis_share_of_rows() "share of rows" / "样本占比";
    legend_before() "before" / "此前";
    legend_now() "now" / "现在";
    compared_caption() "The score before and now" / "此前与现在的区分能力";
    segments_caption() "By the values of a column" / "按列取值分组";
    swap_caption(score)
        "Who approves whom, the model in use from a score of {score}" / "两模型的批准情况（现用模型自评分 {score} 起批准）";
    no_base()
        "No population of before was given (--base), so nothing is said of stability."
        / "未给出此前的群体（--base），故不评价稳定性。";
    read_auc()
        "AUC: the chance that a good row scores higher than a bad one; 0.5 tells nothing, 1 parts all. Its interval (DeLong) has the true value in 95 of 100 samples."
        / "AUC：好样本评分高于坏样本的概率；0.5 为无区分能力，1 为完全区分。其区间（DeLong 法）在 100 次抽样中有 95 次包含真值。";
    read_ks()
        "KS: the greatest distance between the shares of the good and the bad with a score or less. Gini: twice the AUC less 1."
        / "KS：某评分及以下的好、坏样本累计占比的最大差距。基尼系数：AUC 的两倍减 1。";
    read_calibration()
        "Brier score: the mean of (predicted probability − outcome)²; the lower, the better."
        / "Brier 分数：（预测概率 − 结果）² 的均值，越低越好。";
    read_gains()
        "Lift: the bad rate of the riskiest rows up to a group, over that of all rows."
        / "提升度：截至该组的高风险样本坏账率与全部样本坏账率之比。";
    read_psi()
        "PSI, CSI: how far scores, or the bins of a feature, have moved: Σ (now − before) · ln (now / before). Up to 0.1 hardly, from 0.25 on it is another population."
        / "PSI、CSI：评分或特征分箱的变化程度，Σ（现在 − 此前）· ln（现在 / 此前）。0.1 以下基本稳定，0.25 以上为明显不同的群体。";
}
