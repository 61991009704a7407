//! What the benches say.

phrases! {
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
}
