//! The parties at work, and what every step of the story needs.

use lab::PartyProcess;
use terminal::Failure;

use super::Demo;
use super::letters::Letters;
use super::material::{Bank, Material};
use super::parties::{PLATFORM, PROVINCE};
use super::show::Show;

/// The running parties, the material that they were made from, and the screen.
pub(super) struct Stage<'a> {
    pub(super) show: &'a Show,
    pub(super) demo: &'a Demo,
    pub(super) material: &'a Material,
    pub(super) letters: Letters,
    processes: Vec<PartyProcess>,
}

impl<'a> Stage<'a> {
    /// `processes` stand in the order of the sketches: the holders, the platform, the banks, the
    /// provincial node.
    pub(super) fn new(
        show: &'a Show,
        demo: &'a Demo,
        material: &'a Material,
        letters: Letters,
        processes: Vec<PartyProcess>,
    ) -> Self {
        assert_eq!(processes.len(), material.parties(), "there is a process for each sketch");
        Self { show, demo, material, letters, processes }
    }

    /// Everybody, in the order in which they are shown.
    pub(super) fn all(&self) -> &[PartyProcess] {
        &self.processes
    }

    pub(super) fn holders(&self) -> &[PartyProcess] {
        &self.processes[..self.material.holders.len()]
    }

    pub(super) fn platform(&self) -> &PartyProcess {
        &self.processes[self.material.holders.len()]
    }

    /// The provincial node, which keeps the registry; the last of all, where firms authorise.
    pub(super) fn registry(&self) -> &PartyProcess {
        &self.processes[self.material.parties() - 1]
    }

    /// The registry, and what has been signed.
    pub(super) fn signing(&mut self) -> (&PartyProcess, &mut Letters) {
        (&self.processes[self.material.parties() - 1], &mut self.letters)
    }

    /// Each bank's process with what it has.
    pub(super) fn banks(&self) -> impl Iterator<Item = (&PartyProcess, &'a Bank)> {
        let material = self.material;
        self.processes[material.holders.len() + 1..].iter().zip(&material.banks)
    }

    /// The bank that the story is about.
    pub(super) fn bank(&self) -> &PartyProcess {
        &self.processes[self.material.holders.len() + 1]
    }

    /// Material and bank of a question of the first bank's.
    pub(super) fn asking(&self) -> (&'a Material, &'static str) {
        (self.material, self.material.bank().name)
    }

    /// Everybody's name, in the order of [`Self::all`].
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + use<'a> {
        names(self.material)
    }

    /// Ends all parties in order.
    pub(super) async fn leave(self) -> Result<(), Failure> {
        Ok(lab::stop(self.processes).await?)
    }

    /// What each process has used up to now.
    pub(super) async fn usage(&self) -> Result<Vec<Usage>, Failure> {
        let mut usage = Vec::with_capacity(self.processes.len());
        for process in &self.processes {
            let status = process.status().await?;
            usage.push(Usage {
                received: status.received_bytes,
                sent: status.sent_bytes,
                cpu_s: status.cpu_s,
                peak_kib: status.peak_kib,
            });
        }
        Ok(usage)
    }
}

/// The parties of a demonstration in the order of their processes.
pub(super) fn names<'a>(material: &'a Material) -> impl Iterator<Item = &'static str> + use<'a> {
    let holders = material.holders.iter().map(|holder| holder.name);
    let banks = material.banks.iter().map(|bank| bank.name);
    holders.chain([PLATFORM]).chain(banks).chain(material.is_governed().then_some(PROVINCE))
}

/// What one process had used at one moment.
pub(super) struct Usage {
    pub(super) received: u64,
    pub(super) sent: u64,
    pub(super) cpu_s: f64,
    pub(super) peak_kib: u64,
}
