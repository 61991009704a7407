//! Pages are HTML, say what the structs behind them say, in one language each, and nothing that a file
//! has named becomes markup.

mod agreement;
mod dom;
mod golden;
mod markup;
mod samples;
mod words;
