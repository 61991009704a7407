//! What the benches say.

use domain::Text;

pub(crate) use terminal::phrases::{
    head_cpu, head_party, head_peak, head_received, head_sent, path_not_unicode,
};

/// The stages of an intersection as its report names them, in the order in which they come.
pub(crate) fn stages() -> Vec<(&'static str, Text)> {
    vec![
        ("read", stage_read()),
        ("hash", stage_hash()),
        ("curve", stage_curve()),
        ("ot", stage_ot()),
        ("lpn", stage_lpn()),
        ("okvs", stage_okvs()),
        ("compare", stage_compare()),
        ("write", stage_write()),
        ("wait", stage_wait()),
        ("rest", stage_rest()),
    ]
}

terminal::phrases! {
    head_stage() "stage" / "阶段";
    head_seconds(side) "{side}, s" / "{side}，秒";
    head_share() "share" / "占比";
    stage_read() "read the file, check identifiers" / "读取文件并校验标识";
    stage_hash() "hash the items" / "散列标识";
    stage_curve() "hash to the group, mask (ECDH)" / "映射到群并盲化（ECDH）";
    stage_ot() "OT and its extension (VOLE)" / "不经意传输及扩展（VOLE）";
    stage_lpn() "trees and LPN (VOLE)" / "树与 LPN（VOLE）";
    stage_okvs() "OKVS: encode, decode (VOLE)" / "OKVS 编码与解码（VOLE）";
    stage_compare() "sort and compare" / "排序与比较";
    stage_write() "write the result" / "写出结果";
    stage_wait() "wait for the line and the peer" / "等待网络与对方";
    stage_rest() "all else" / "其余";
    bench_writing(left, right) "writing {left} and {right} codes" / "正在写入 {left} 和 {right} 个代码";
    bench_starting() "starting two parties" / "正在启动两个参与方";
    bench_kept(dir) "left behind: {dir}" / "已保留：{dir}";
    bench_too_many(asked, most)
        "{asked} distinct codes are asked for; the test zone has {most}"
        / "需要 {asked} 个互不相同的代码，测试区只有 {most} 个";
    bench_too_many_advice()
        "Take smaller sets, or a larger --overlap."
        / "请减小集合，或增大 --overlap。";
    bench_wrong(expected, found, wrong)
        "the result is wrong: {expected} matches expected, {found} reported, {wrong} rows of the result file differ"
        / "结果有误：应有 {expected} 个匹配，报告 {found} 个，结果文件中有 {wrong} 行不符";
    bench_no_count(id)
        "run {id} is done, and its report has no count of matches"
        / "运行 {id} 已完成，但报告中没有匹配数";
    bench_sizes(left, right, expected)
        "left {left}, right {right}, {expected} in both: the count and every row are right"
        / "左方 {left}，右方 {right}，共有 {expected}：数量与每一行都正确";
    bench_wall(wall) "wall clock, file to file: {wall}" / "从文件到文件总用时：{wall}";
    bench_registers(firms, holders) "writing {holders} registers of {firms} firms" / "正在写入 {holders} 份登记表，各 {firms} 户";
    bench_starting_all(parties) "starting {parties} parties" / "正在启动 {parties} 个参与方";
    bench_publishing() "publishing the model" / "正在发布模型";
    bench_scores(scores, each)
        "{scores} scores, {each} bytes each over all lines: every one is right"
        / "共 {scores} 个评分，每个在全部线路上占 {each} 字节：全部正确";
    bench_single(count, p50, p99)
        "{count} single scores: {p50} at the median, {p99} at the 99th percentile"
        / "单笔评分 {count} 次：中位数 {p50}，99 分位 {p99}";
    bench_verified(count, p50, p99, first)
        "{count} verifications, every one right: {p50} at the median, {p99} at the 99th percentile; the first, with cold keys, {first}"
        / "核验 {count} 次，全部正确：中位数 {p50}，99 分位 {p99}；首次（密钥未展开）{first}";
    bench_target(most) "the design asks for {most} at the median" / "设计要求中位数不超过 {most}";
    bench_key(size, taken) "the key, handed over once: {size} in {taken}" / "密钥一次性移交：{size}，用时 {taken}";
    bench_answers_wrong(wrong, all)
        "the result is wrong: {wrong} of {all} answers differ from the clear ones"
        / "结果有误：{all} 个答案中有 {wrong} 个与明文不符";
    bench_atoms(holders, most)
        "with {holders} holders a formula has {holders} to {most} atoms here"
        / "{holders} 个数据方时，此处公式须有 {holders} 至 {most} 个原子问题";
    bench_signing(firms) "{firms} firms sign and are registered" / "{firms} 户企业签署并登记授权";
    bench_matched(rows, yes, no, unknown)
        "{rows} rows, every answer right: {yes} yes, {no} no, {unknown} unknown"
        / "共 {rows} 行，全部正确：是 {yes}，否 {no}，未知 {unknown}";
    bench_scores_wrong(wrong, all)
        "the result is wrong: {wrong} of {all} scores differ from the clear ones"
        / "结果有误：{all} 个评分中有 {wrong} 个与明文不符";
    bench_holders(holders, columns)
        "{holders} holders cannot share {columns} columns: each brings one at least"
        / "{holders} 个数据方无法分担 {columns} 列：每方至少一列";
    bench_trained(trained, wall)
        "from upload to opened model {trained}; with proposals and alignment {wall}"
        / "从上传到打开模型 {trained}；含提议与对齐 {wall}";
    bench_moved(sent, received, passes, rounds)
        "the lender sent {sent} and received {received}, in {passes} passes and {rounds} rounds"
        / "贷款机构发送 {sent}，接收 {received}，共 {passes} 遍、{rounds} 轮";
    bench_on_shares(sent, rounds)
        "the three that compute sent one another {sent} in {rounds} rounds, to the byte what the SPEC says"
        / "三个计算方之间共发送 {sent}，{rounds} 轮，与 SPEC 逐字节相符";
    bench_cost_wrong(sent, rounds, expected, expected_rounds)
        "{sent} bytes in {rounds} rounds went between those that compute; the SPEC says {expected} in {expected_rounds}"
        / "计算方之间传输 {sent} 字节、{rounds} 轮；SPEC 为 {expected} 字节、{expected_rounds} 轮";
    bench_apart(apart)
        "the farthest weight is {apart} from a fit in clear"
        / "与明文拟合相比，权重最大偏差 {apart}";
    bench_weights_wrong(apart, most)
        "the result is wrong: a weight is {apart} from a fit in clear, which is more than {most}"
        / "结果有误：权重与明文拟合相差 {apart}，超过 {most}";
    bench_no_model(id)
        "run {id} is done, and its report has no model of so many columns"
        / "运行 {id} 已完成，但报告中没有相应列数的模型";
    bench_too_wide(most)
        "holders times features is at most {most}: a sum of points is below 1024"
        / "数据方数与特征数之积最多 {most}：分值之和须小于 1024";
}

#[cfg(test)]
mod tests {
    use terminal::phrases::assert_complete;

    #[test]
    fn every_phrase_stands_once_in_both_languages_with_all_its_slots() {
        assert_complete(&[super::ALL]);
    }
}
