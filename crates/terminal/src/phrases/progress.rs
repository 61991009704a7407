//! How far a run is.

phrases! {
    run_started(id) "run {id}" / "运行 {id}";
    time_left(words, left) "{words} · {left} left" / "{words} · 剩余 {left}";
}
