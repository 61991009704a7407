//! Who computes.

use session::Role;

/// A department's node: it computes on shares and learns nothing.
pub const DEPARTMENT: Role = Role(0);
/// The platform: it computes on shares and learns nothing.
pub const PLATFORM: Role = Role(1);
/// The lender: it brings the outcomes, computes on shares, and learns what the terms let it learn.
pub const LENDER: Role = Role(2);

/// The three roles that compute.
pub const ROLES: [Role; 3] = [DEPARTMENT, PLATFORM, LENDER];

/// Who uploads: a holder of columns, or the lender with its labels.
pub const UPLOADER: Role = Role(3);
