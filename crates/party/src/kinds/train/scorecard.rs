//! The lender leads a training of a scorecard: between the uploads to be counted and those to be trained
//! on, rows are counted and columns are weighed.

use std::time::Instant;

use training::woe::transfer as bins_transfer;
use training::{Labels, transfer};
use wire::{RowCounts, TrainStep};

use super::bringing::place_of;
use super::gathering::What;
use super::lender::{Ask, Led};
use super::material::Known;
use super::weigh::{Weighed, weighed};
use super::{BINS, bins, counting, disclose, not_gathering, rows};
use crate::drive::ready;
use crate::runs::driving::drive_run;
use crate::runs::journal::RunJournal;
use crate::{Trouble, setup};

impl Led<'_> {
    /// Whether the job's model is a scorecard.
    pub(super) fn is_scorecard(&self) -> bool {
        self.gathering.counting.is_some()
    }

    /// Uploads the lender's outcomes and its own columns' bins, to be counted.
    pub(super) async fn bins_uploaded(&self, known: &Known) -> Result<(), Trouble> {
        let gathering = &self.gathering;
        let terms = gathering.counting.as_ref().ok_or_else(not_gathering)?;
        gathering.folder.keep_outcomes(&known.hash)?;
        let mut rng = setup::chacha()?;
        let labels = self
            .outgoing(None, What::Bins)
            .send(|to, own| bins_transfer::send_labels(terms, &known.labels, to, own, &mut rng));
        let (sent, own) = tokio::join!(labels, self.own_bins());
        sent.and(own)
    }

    /// Uploads the bins of the lender's own columns, if it brings any.
    async fn own_bins(&self) -> Result<(), Trouble> {
        let gathering = &self.gathering;
        let Some(place) = place_of(&gathering.job, &self.node.config.name) else { return Ok(()) };
        let terms = gathering.counting.as_ref().ok_or_else(not_gathering)?;
        let bins = gathering.job.scorecard.as_ref().ok_or_else(not_gathering)?.prebins;
        let subjects = rows::read(&self.list, gathering.job.rows.kind)?;
        let found = bins::found(self.node, &gathering.job, place, subjects).await?;
        found.keep(self.node, gathering.digest, gathering.training)?;
        let (features, mut rng) = (found.features(bins)?, setup::chacha()?);
        self.outgoing(Some(place), What::Bins)
            .send(|to, own| bins_transfer::send_features(terms, place, features, to, own, &mut rng))
            .await
    }

    /// Refuses outcomes that are not those that were counted.
    pub(super) fn same_outcomes(&self, known: &Known) -> Result<(), Trouble> {
        if self.gathering.folder.outcomes() == Some(known.hash) {
            return Ok(());
        }
        Err(Trouble::us(
            super::DATA,
            "the outcomes have changed since they were counted: bring the register back to what it was, or agree on a new version of the job",
            "结果标签在计数之后有变动：请恢复登记表，或以新版本重新商定任务",
        ))
    }

    /// How many rows are good and bad is known here from the start.
    pub(super) fn know_outcomes(&self, ask: &Ask) {
        let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let good = count(ask.customers.saturating_sub(ask.bad));
        self.gathering.know_outcomes(RowCounts { good, bad: count(ask.bad) });
    }

    /// Has every column counted and weighed. Where one can never be scored by, nothing is kept of it.
    pub(super) async fn all_weighed(&self, labels: Labels) -> Result<(), Trouble> {
        let weighed = self.weighed(labels).await;
        if weighed.as_ref().is_err_and(|trouble| trouble.code == BINS) {
            let _ = self.ask_computing(TrainStep::End).await;
            self.gathering.folder.forget();
        }
        weighed
    }

    /// Counts what was uploaded to be counted, has every column weighed, and uploads what is the
    /// lender's own.
    async fn weighed(&self, labels: Labels) -> Result<(), Trouble> {
        self.gathering.forget_columns()?;
        self.counted().await?;
        self.rows_handed(TrainStep::Weigh).await?;
        let terms = &self.gathering.terms;
        let mut rng = setup::chacha()?;
        let labels = self
            .outgoing(None, What::Columns)
            .send(|to, own| transfer::send_labels(terms, labels, to, own, &mut rng));
        let (sent, own) = tokio::join!(labels, self.own_weighed());
        sent.and(own)
    }

    /// The lender's side of the counting.
    async fn counted(&self) -> Result<(), Trouble> {
        let Self { node, run, gathering, .. } = self;
        let began = Instant::now();
        let (mut links, assignment) = self.linked(TrainStep::Count).await?;
        let session = counting::session(node, gathering, run, (&mut links, &assignment)).await;
        let (session, links) = ready(session, links).await?;
        let driven = drive_run(node, RunJournal::passes(run), &assignment, session, links).await?;
        counting::keep(node, gathering, (run, domain::Duty::Lender), began, driven.output).await
    }

    /// Weighs the lender's own columns, if it brings any, and uploads them.
    async fn own_weighed(&self) -> Result<(), Trouble> {
        let Self { node, run, gathering, .. } = self;
        let Some(place) = place_of(&gathering.job, &node.config.name) else { return Ok(()) };
        let subjects = rows::read(&self.list, gathering.job.rows.kind)?;
        let of = (&gathering.job, gathering.digest, gathering.training);
        let Weighed { columns, told } = weighed(node, run, of, place, subjects).await?;
        disclose::keep(gathering, place, &told)?;
        let mut rng = setup::chacha()?;
        let terms = &gathering.terms;
        self.outgoing(Some(place), What::Columns)
            .send(|to, own| transfer::send_columns(terms, place, columns, to, own, &mut rng))
            .await
    }
}
