//! Signed authorisations and the one decision: may this be done, for this subject, now?
