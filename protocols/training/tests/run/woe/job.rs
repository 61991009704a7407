//! Countings on the engines.

use std::future::Future;

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use session::{Chunk, Coroutine, Fate, Link, Network, NetworkError, Role, Session, Turn};
use sharing::{AHEAD, Bits, Clear, Dealer, Engine, Rep3, Secret, Traffic};
use training::woe::{
    self, Binned, Counted, Inputs, Membership, Received, Table, Terms, Thousandths, Uploads,
    release, transfer,
};
use training::{Error, LENDER, Labels, Outcome, ROLES, UPLOADER, Whose};

use super::ideal;
use crate::support::made::Made;
use crate::support::run::{now, secrets};

/// Features of some holders, and how the loans ended.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) terms: Terms,
    /// The bin of each row, by holder and feature.
    pub(crate) holders: Vec<Vec<Vec<Option<u8>>>>,
    pub(crate) outcomes: Vec<Outcome>,
}

/// The three roles' ends of a counting.
pub(crate) struct Ends {
    pub(crate) result: Result<(), NetworkError>,
    pub(crate) counted: [Option<Counted>; 3],
}

/// What a holder and the lender learn.
#[derive(Debug, PartialEq)]
pub(crate) struct Learnt {
    pub(crate) tables: Vec<Table>,
    pub(crate) values: Vec<Option<Thousandths>>,
}

impl Job {
    /// Rows made from a seed: bins that tell the outcome somewhat, one row in ten missing, one in
    /// five bad; where membership is hidden one row in three is no customer.
    pub(crate) fn made(seed: u64, rows: u32, features: Vec<Vec<u8>>, hidden: bool) -> Self {
        let mut made = Made::from(seed);
        let mut outcome = || match made.uniform() {
            share if hidden && share > 0.67 => Outcome::Stranger,
            _ if made.uniform() < 0.2 => Outcome::Bad(1.0),
            _ => Outcome::Good(1.0),
        };
        let outcomes: Vec<Outcome> = (0..rows).map(|_| outcome()).collect();
        let mut column = |bins: u8| {
            let bin = |outcome: &Outcome| {
                let shift = if matches!(outcome, Outcome::Bad(_)) { 0.7 } else { 1.0 };
                let place = (made.uniform() * shift * f64::from(bins)) as u8;
                (made.uniform() < 0.9).then_some(place)
            };
            outcomes.iter().map(bin).collect()
        };
        let holders =
            features.iter().map(|bins| bins.iter().map(|&bins| column(bins)).collect()).collect();
        let mut terms = Terms::new(rows, features, [seed as u8; 32]);
        if hidden {
            terms.membership = Membership::Hidden;
        }
        Self { terms, holders, outcomes }
    }

    /// What each holder must learn.
    pub(crate) fn ideal(&self) -> Vec<Vec<Table>> {
        let holders = self.terms.features.iter().zip(&self.holders);
        let table = |(&bins, column): (&u8, &Vec<Option<u8>>)| {
            ideal::table(column, bins, &self.outcomes, self.terms.floors)
        };
        holders.map(|(bins, columns)| bins.iter().zip(columns).map(table).collect()).collect()
    }

    pub(crate) fn features(&self, holder: usize) -> Vec<Binned> {
        let bins = self.terms.features[holder].iter();
        let columns = self.holders[holder].iter().zip(bins);
        columns.map(|(column, &bins)| Binned::new(column, bins).unwrap()).collect()
    }

    pub(crate) fn labels(&self) -> Labels {
        match self.terms.membership {
            Membership::Hidden => Labels::of_rows(&self.outcomes).unwrap(),
            Membership::Everyone => {
                let bad = |outcome: &Outcome| matches!(outcome, Outcome::Bad(_));
                Labels::of_customers(&self.outcomes.iter().map(bad).collect::<Vec<_>>())
            }
        }
    }

    pub(crate) fn uploaders(&self) -> Vec<Whose> {
        (0..self.holders.len()).map(Whose::Holder).chain([Whose::Labels]).collect()
    }

    /// The session of one upload.
    pub(crate) fn sending(
        &self,
        whose: Whose,
        to: &[Role],
        own: Option<Role>,
        rng: &mut ChaCha20Rng,
    ) -> training::transfer::Sending {
        match whose {
            Whose::Holder(holder) => {
                let features = self.features(holder);
                transfer::send_features(&self.terms, holder, features, to, own, rng).unwrap()
            }
            Whose::Labels => {
                transfer::send_labels(&self.terms, &self.labels(), to, own, rng).unwrap()
            }
        }
    }

    /// What each role holds after the uploads of a seed.
    pub(crate) fn inputs(&self, seed: u64) -> [Inputs; 3] {
        ROLES.map(|role| {
            // Each time from the same seed, so that the three are of one upload.
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            let mut uploads = Uploads::new(&self.terms, role).unwrap();
            for whose in self.uploaders() {
                let mut session = self.sending(whose, &[], Some(role), &mut rng);
                let Ok(Turn::Done(messages)) = session.advance() else { panic!("no peer") };
                let keep = |_: &[u8]| Ok(());
                let received = Received::of_own(&self.terms, whose, role, messages, keep).unwrap();
                uploads.take(received).unwrap();
            }
            uploads.complete().unwrap()
        })
    }

    /// Runs it over uploads of a seed, to its end or to the end that `tamper` makes.
    pub(crate) fn run(
        &self,
        seed: u64,
        tamper: impl FnMut(Role, Role, &mut Chunk) -> Fate,
    ) -> Ends {
        self.run_over(self.inputs(seed), seed, tamper)
    }

    /// The same over other inputs.
    pub(crate) fn run_over(
        &self,
        inputs: [Inputs; 3],
        seed: u64,
        tamper: impl FnMut(Role, Role, &mut Chunk) -> Fate,
    ) -> Ends {
        let mut network = Network::new();
        let sessions = inputs.into_iter().zip(secrets(seed));
        let outcomes: Vec<_> = ROLES
            .into_iter()
            .zip(sessions)
            .map(|(role, (inputs, secret))| {
                network.join(role, woe::begin(self.terms.clone(), role, secret, inputs).unwrap())
            })
            .collect();
        let result = network.run(tamper);
        let mut counted = outcomes.iter().map(session::Outcome::take);
        Ends { result, counted: [(); 3].map(|()| counted.next().unwrap()) }
    }

    /// Runs it undisturbed, and releases to every holder.
    pub(crate) fn honest(&self, seed: u64) -> Vec<Learnt> {
        let ends = self.run(seed, |_, _, _| Fate::Deliver);
        ends.result.unwrap_or_else(|failure| panic!("{failure}"));
        let counted = ends.counted.map(Option::unwrap);
        (0..self.holders.len())
            .map(|holder| self.released(&counted, holder, None, |_, _, _| Fate::Deliver).unwrap())
            .collect()
    }

    /// Releases what was counted to a holder, which may be the role `own` itself.
    pub(crate) fn released(
        &self,
        counted: &[Counted; 3],
        holder: usize,
        own: Option<Role>,
        tamper: impl FnMut(Role, Role, &mut Chunk) -> Fate,
    ) -> Result<Learnt, NetworkError> {
        let counted = |role: Role| &counted[usize::from(role.0)];
        let of_self = own.map(|role| (role, counted(role).own(holder).unwrap()));
        let mut network = Network::new();
        let collecting = release::collect(&self.terms, holder, of_self).unwrap();
        let tables = network.join(UPLOADER, collecting);
        let mut told: Vec<_> = ROLES
            .into_iter()
            .filter(|role| own != Some(*role))
            .map(|role| {
                let releasing = release::release(&self.terms, counted(role), holder).unwrap();
                (role, network.join(role, releasing))
            })
            .collect();
        network.run(tamper)?;
        let tables = tables.take().unwrap();
        let lender = told.pop_if(|(role, _)| *role == LENDER);
        assert!(told.iter().all(|(_, values)| values.take().unwrap().is_none()));
        let values = match lender {
            Some((_, values)) => values.take().unwrap().expect("the lender learns the values"),
            None => tables.iter().map(Table::thousandths).collect(),
        };
        Ok(Learnt { tables, values })
    }

    /// Its inputs as constants of an engine.
    fn constants<E: Engine>(&self, engine: &E) -> Inputs {
        let plane = |bits: Vec<i64>| engine.parity(&engine.constant(&bits));
        let joined = |planes: Vec<Bits>| Bits::concat(&planes.iter().collect::<Vec<_>>());
        let feature = |(column, &bins): (&Vec<Option<u8>>, &u8)| {
            let width = 8 - bins.leading_zeros();
            let bit = |k: u32, bin: &Option<u8>| i64::from(bin.unwrap_or(bins) >> k & 1);
            let plane = |k| plane(column.iter().map(|bin| bit(k, bin)).collect());
            joined((0..width).map(plane).collect())
        };
        let holders = self.holders.iter().zip(&self.terms.features);
        let features = holders.flat_map(|(columns, bins)| columns.iter().zip(bins).map(feature));
        let class = |is: fn(&Outcome) -> bool| {
            plane(self.outcomes.iter().map(|outcome| i64::from(is(outcome))).collect())
        };
        let bad = class(|outcome| matches!(outcome, Outcome::Bad(_)));
        let good = class(|outcome| matches!(outcome, Outcome::Good(_)));
        let labels = match self.terms.membership {
            Membership::Everyone => vec![bad],
            Membership::Hidden => vec![bad, good],
        };
        Inputs { features: features.collect(), labels: joined(labels) }
    }

    /// The whole program on an engine, every holder's numbers opened to all.
    async fn on<E: Engine>(self, mut engine: E) -> Result<(Vec<Vec<Table>>, Traffic), Error> {
        let inputs = self.constants(&engine);
        let shared = woe::count(&mut engine, &self.terms, inputs).await?;
        let mut tables = Vec::new();
        for (holder, vector) in shared.iter().enumerate() {
            let opened = engine.open(vector).await?;
            tables.push(Table::read(&self.terms, holder, &opened)?);
        }
        Ok((tables, engine.traffic()))
    }

    pub(crate) fn in_clear(&self) -> Vec<Vec<Table>> {
        now(self.clone().on(Clear::new())).unwrap().0
    }

    pub(crate) fn on_shares(&self, seed: u64) -> Vec<Vec<Table>> {
        self.among(seed, |link, role, secret| Rep3::join(link, role, secret, [1; 32]))
    }

    pub(crate) fn dealt(&self, seed: u64) -> Vec<Vec<Table>> {
        self.among(seed, |link, role, secret| Dealer::join(link, role, secret, [1; 32]))
    }

    fn among<E, F>(
        &self,
        seed: u64,
        join: impl Fn(Link, Role, Secret) -> F + Copy + Send + 'static,
    ) -> Vec<Vec<Table>>
    where
        F: Future<Output = Result<E, sharing::Error>> + Send + 'static,
        E: Engine + 'static,
    {
        let mut network = Network::new();
        let outcomes: Vec<_> = ROLES
            .into_iter()
            .zip(secrets(seed))
            .map(|(role, secret)| {
                let peers: Vec<Role> = ROLES.into_iter().filter(|peer| *peer != role).collect();
                let job = self.clone();
                let program = Coroutine::new(&peers, AHEAD, move |link| async move {
                    job.on(join(link, role, secret).await?).await
                });
                network.join(role, program)
            })
            .collect();
        network.run(|_, _, _| Fate::Deliver).unwrap();
        let mut found: Vec<_> = outcomes.iter().map(|outcome| outcome.take().unwrap().0).collect();
        let first = found.swap_remove(0);
        assert!(found.iter().all(|other| *other == first), "all roles open the same");
        first
    }
}
