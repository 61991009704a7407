//! What every page has.

terminal::phrases! {
    contents() "Contents" / "目录";
    made_by(version)
        "Made by tacit {version}. The page needs no other file and asks nothing of a network; the same input makes the same page."
        / "由 tacit {version} 生成。本页不依赖任何其他文件，也不访问网络；输入相同则页面相同。";
    how_to_read() "How to read it" / "阅读说明";
    head_sha256() "SHA-256" / "SHA-256（哈希）";
    files_held() "Files that this report leans on" / "本报告所依据的文件";
}
