//! What is in a table.

terminal::phrases! {
    data_check() "Data check" / "数据检查";
    section_rows() "Rows" / "行";
    section_columns() "Columns" / "列";
    section_problems() "Problems by line" / "问题行";
    data_is_fine() "can be a register" / "可作为登记表";
    data_has_problems(count) "{count} things to correct" / "{count} 处需更正";
    head_format() "written as" / "文件格式";
    head_identifier() "identifier" / "标识列";
    identifier(column, kind) "column {column}, as {kind}" / "列 {column}，类型 {kind}";
    head_contradicted() "subjects that rows contradict each other about" / "内容互相矛盾的主体";
    rows_caption() "What was counted" / "计数";
    columns_caption() "Columns, in the order of the file" / "列一览（按文件顺序）";
    head_missing_share() "of all rows" / "占全部行";
    flaw_check_character() "of these, check character does not fit" / "其中校验码不符";
    flaw_organisation_code() "of these, organisation code fails its check" / "其中主体标识码校验不符";
    flaw_division() "of these, division is not all digits" / "其中行政区划码含非数字";
    head_different() "different values" / "不同取值";
    at_least_different(count) "{count} or more" / "{count} 以上";
    missing_title() "Empty cells by column" / "各列空值占比";
    missing_description(columns) "The share of empty cells of {columns} columns, the emptiest first." / "空值最多的 {columns} 列的空值占比（由高到低）。";
    axis_columns() "column, by its number in the table" / "列（按表中序号）";
    axis_empty() "empty" / "空值占比";
    kind_integer() "integer" / "整数";
    kind_number() "number" / "数值";
    kind_date() "date" / "日期";
    kind_text() "text" / "文本";
    kind_empty() "empty" / "空列";
    fits_field() "fits" / "相符";
    misfits_field() "does not fit" / "不相符";
    misfit(column, kind, field)
        "Column {column} is of kind {kind}: it cannot stand for the field {field}."
        / "列 {column} 的类型为{kind}，不能对应字段 {field}。";
    no_field() "in none of the classes" / "不在所列信息类中";
    classes_held(classes) "Held against classes {classes} of the catalogue." / "已与清单第 {classes} 类核对。";
    no_classes() "Columns were not held against the catalogue (--class)." / "未与清单核对（--class）。";
    no_problems() "No row has a problem." / "没有问题行。";
    problems_caption() "Rows that cannot be used, the first thing wrong with each" / "无法使用的行及首个问题";
    problems_more(count) "{count} more rows are counted and not listed." / "另有 {count} 行已计数、未列出。";
    reasons_caption() "How many rows, by what is wrong" / "按问题分类的行数";
    repeats_caption() "Rows that repeat an earlier one" / "重复行";
    head_line() "line" / "行号";
    head_first_line() "repeats line" / "重复的行";
    head_problem() "problem" / "问题";
    reason_fields(found, expected) "{found} fields where the header has {expected}" / "有 {found} 个字段，表头为 {expected} 个";
    reason_type(kind) "not a {kind}" / "不是{kind}";
    reason_contradiction(line) "the same subject as line {line} with other values" / "与第 {line} 行为同一主体而内容不同";
    reason_empty() "the identifier is empty" / "标识为空";
    reason_length(expected, found) "{expected} characters expected, {found} found" / "应为 {expected} 个字符，实为 {found} 个";
    reason_fifteen() "15-digit identity numbers are not accepted; ask for the 18-digit number" / "不接受 15 位身份证号，请提供 18 位号码";
    reason_rounded() "a spreadsheet has rounded the identifier; export the column again as text" / "电子表格已将标识四舍五入，请以文本格式重新导出该列";
    reason_excluded(letter, position) "position {position} has the letter {letter}, which codes never contain" / "第 {position} 位为字母 {letter}，代码中不会出现";
    reason_character(position) "position {position} has a character that cannot stand there" / "第 {position} 位字符不符合编码规则";
    reason_check() "the check character (the last) does not fit" / "末位校验码不符";
    reason_organisation() "the organisation code (positions 9 to 17) fails its own check" / "主体标识码（第 9 至 17 位）校验不符";
    reason_birth() "the birth date (positions 7 to 14) does not exist" / "出生日期（第 7 至 14 位）不存在";
    reason_other(code) "not valid ({code})" / "无效（{code}）";
    read_privacy()
        "The page has column names and counts: no cell, no identifier, no smallest and no largest value."
        / "本页仅含列名与计数，不含任何单元格内容、标识、最小值或最大值。";
}
