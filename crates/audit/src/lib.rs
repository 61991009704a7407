//! An append-only Merkle log, checkpoints, receipts and proofs.
