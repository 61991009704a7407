//! What the tests share: data, the model that the loss has its minimum at, engines to run on.

pub(crate) mod credit;
pub(crate) mod exact;
pub(crate) mod made;
pub(crate) mod random;
pub(crate) mod run;
pub(crate) mod tamper;
pub(crate) mod uploads;
