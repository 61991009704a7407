//! `tacit bench`: real processes on this machine, over the same calls as an operator's.

mod codes;
mod firms;
mod matching;
mod percentile;
mod phrases;
mod psi;
mod record;
mod score;
mod signed;
mod train;
mod verify;

use clap::Subcommand;
use terminal::{Failure, Voice};

use crate::matching::MatchBench;
use crate::psi::PsiBench;
use crate::score::ScoreBench;
use crate::train::TrainBench;
use crate::verify::VerifyBench;

/// Which bench, and what it is told.
#[derive(Debug, Subcommand)]
pub enum BenchArguments {
    /// Private set intersection of two generated registers, from file to file
    Psi(PsiBench),
    /// Encrypted scores of a generated province: a batch, and single ones
    Score(ScoreBench),
    /// Encrypted verifications of made-up firms, one by one
    Verify(VerifyBench),
    /// A whole list of claims put to one holder, which sees none of them
    Match(MatchBench),
    /// Joint training over made-up columns of several holders, from upload to opened model
    Train(TrainBench),
}

/// Runs a bench.
///
/// # Errors
///
/// When the bench cannot run, or its result is wrong.
pub async fn bench(bench: &BenchArguments, voice: Voice) -> Result<(), Failure> {
    match bench {
        BenchArguments::Psi(bench) => psi::run(bench, voice).await,
        BenchArguments::Score(bench) => score::run(bench, voice).await,
        BenchArguments::Verify(bench) => verify::run(bench, voice).await,
        BenchArguments::Match(bench) => matching::run(bench, voice).await,
        BenchArguments::Train(bench) => train::run(bench, voice).await,
    }
}
