//! `tacit demo`: the main job on one machine, start to end, with every figure measured in the run.
//!
//! Party processes with mutual TLS between them: the holders, the platform, the banks. A bank finds
//! which of its customers are on every register, the platform hands out a scorecard encrypted to the
//! bank's key, the bank scores its applicants one by one, asks formulas, and is stopped where it asks
//! too much (`story` has the order). Nobody but this demonstration holds all registers; it computes
//! every answer in clear as well and fails if one differs.
//!
//! The registers are made (`province`), for four holders and two banks, or are the UCI credit card
//! data split by columns (`material`): for two holders, and the bank with a block of its own. Each
//! step prints what an operator would have typed.
//!
//! Invariant: however it ends, no process stays, and it says where the parties' folders are.

mod books;
mod closing;
pub mod commands;
mod comparison;
mod fold;
mod folder;
mod formulas;
mod keyed_table;
mod letters;
mod limits;
mod material;
mod measures;
mod parties;
mod phrases;
mod province;
mod scores;
mod show;
mod stage;
mod steps;
mod story;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, value_parser};
use lab::Lab;
use terminal::units::count;
use terminal::{Failure, Interrupt, Voice};
use tokio::select;

use self::folder::DemoFolder;
use self::letters::Letters;
use self::material::{Material, OWN};
use self::parties::{BANK, RURAL_BANK};
use self::province::Province;
use self::show::{Show, length};
use self::stage::Stage;

pub use self::letters::SCOPE;

/// What `tacit demo` can be told.
#[derive(Args, Clone, Debug)]
pub struct Demo {
    /// Folder with the UCI credit card data, instead of made registers
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["firms", "seed", "registers_only"])]
    data: Option<PathBuf>,
    /// How many firms to make
    #[arg(long, default_value_t = 2000, value_parser = value_parser!(u32).range(1..=MOST_FIRMS))]
    firms: u32,
    /// How many applicants to score
    #[arg(long, default_value_t = 1000, value_parser = value_parser!(u32).range(1..))]
    scores: u32,
    /// Also score every customer in one batch (research data: with --data)
    #[arg(long, requires = "data", conflicts_with_all = ["firms", "seed", "registers_only"])]
    batch: bool,
    /// What the made registers are drawn from; the same seed makes the same registers
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Leave the parties' folders behind
    #[arg(long)]
    keep: bool,
    /// Wait for Enter between the steps, where somebody sits at a terminal
    #[arg(long)]
    pause: bool,
    /// Make the registers and no more: what the shipped card was fitted on
    #[arg(long, hide = true)]
    registers_only: bool,
}

/// The seed of the registers that the shipped card was fitted on.
const FITTED_SEED: u64 = 42;

const MOST_FIRMS: i64 = province::MOST_FIRMS as i64;

/// Tells the story; parties live under `root`, or in a temporary folder that goes away.
///
/// # Errors
///
/// When a step fails, an answer differs from the clear text, a question gets no answer or one that it
/// must not get; at Ctrl-C. The parties have ended by then.
pub async fn run(demo: &Demo, root: Option<&Path>, voice: Voice) -> Result<(), Failure> {
    if demo.registers_only {
        return leave_registers(demo, root, voice);
    }
    // Before there is anything that would have to be put away.
    let mut interrupt = Interrupt::watch()?;
    let material = match &demo.data {
        Some(folder) => Material::of_folder(folder)?,
        None => Material::generated(demo.firms, demo.seed)?,
    };
    let place = DemoFolder::new(root, demo.keep)?;
    let show = Show::new(voice, demo.pause);
    introduce(&show, demo, &material);
    let outcome = select! {
        outcome = told(&show, demo, &material, place.path()) => outcome,
        // The story is dropped, and with it every process.
        () = interrupt.came() => Err(Failure::interrupted()),
    };
    let left = place.end();
    match (&outcome, &left) {
        (Ok(()), Ok(Some(folder))) => {
            show.gap();
            show.under(&phrases::endings::kept(&folder.display()));
        }
        (Ok(()), Ok(None)) => {}
        (Err(_), Ok(Some(folder))) => show.aside(&phrases::endings::left(&folder.display())),
        (Err(_), Ok(None)) => show.aside(&phrases::endings::gone()),
        (_, Err(_)) => show.aside(&phrases::endings::ended()),
    }
    outcome.and(left.map(drop))
}

/// Makes and starts the parties, tells the story with them, and ends them in order.
async fn told(show: &Show, demo: &Demo, material: &Material, root: &Path) -> Result<(), Failure> {
    let began = Instant::now();
    let letters = Letters::new()?;
    let mut lab = Lab::build(root, &parties::sketches(material, &letters.issuer())?)?;
    parties::furnish(root, material)?;
    let processes = lab.start_strangers().await?;
    let made = phrases::step_parties(material.parties());
    show.step(&made, began.elapsed(), &commands::parties(material));
    show.rest().await;
    let mut stage = Stage::new(show, demo, material, letters, processes);
    let outcome = story::tell(&mut stage).await;
    let stopped = stage.leave().await;
    outcome.and(stopped)
}

/// Who takes part, and what each holds.
fn introduce(show: &Show, demo: &Demo, material: &Material) {
    show.title(&phrases::title());
    match &demo.data {
        Some(folder) => show.under(&phrases::taken(&folder.display())),
        None => show.under(&phrases::made(demo.seed)),
    }
    if demo.data.is_some() || demo.seed == FITTED_SEED {
        show.under(&phrases::fitted_on_these());
    }
    show.gap();
    let holders = material.holders.iter().map(|holder| {
        let columns = length(material.columns(holder.name));
        phrases::holder_has(&length(holder.rows()), &columns)
    });
    let most = count(material.card.most_points().into());
    let model = phrases::platform_has(material.card.model(), &most);
    let own = material.own().map(|_| length(material.columns(OWN)));
    let banks = material.banks.iter();
    let banks =
        banks.map(|bank| phrases::bank_has(&length(bank.customers().len()), own.as_deref()));
    let registry = material.is_governed().then(phrases::province_has);
    let has = holders.chain([model]).chain(banks).chain(registry);
    let entries: Vec<_> = stage::names(material).map(phrases::party).zip(has).collect();
    show.list(&entries);
}

/// Writes the registers and stops there.
fn leave_registers(demo: &Demo, root: Option<&Path>, voice: Voice) -> Result<(), Failure> {
    let folder =
        root.ok_or_else(|| Failure::usage(phrases::endings::registers_only_needs_a_folder()))?;
    let Province { tax, social, power, fund, bank, rural } =
        Province::generate(demo.firms, demo.seed);
    let registers = [
        ("tax", tax),
        ("social", social),
        ("power", power),
        ("fund", fund),
        (BANK, bank),
        (RURAL_BANK, rural),
    ];
    for (name, csv) in registers {
        parties::write(&folder.join(format!("{name}.csv")), &csv)?;
    }
    voice.tell(&phrases::endings::registers_left(&folder.display()));
    Ok(())
}
