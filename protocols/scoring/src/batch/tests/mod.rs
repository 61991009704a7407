//! Tests that look inside the batch form.
