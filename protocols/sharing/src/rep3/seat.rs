//! Which of the three parts a role plays for some rows: it turns, so that links carry the same.

use session::Role;

use crate::bits::words_of;
use crate::keys::{Keys, ROLES, neighbours};
use crate::prg::Prg;

/// A way to seat the three roles at the parts C0, C1 and C2 of a protocol (SPEC §3).
///
/// Turned by `turn`, role i plays C_(i - turn). In mirror image it plays C_(turn - i): its two
/// components, its two keys and its two neighbours change places.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Seat {
    pub(crate) turn: u8,
    pub(crate) mirrored: bool,
}

impl Seat {
    /// The part that `role` plays.
    pub(crate) fn part(self, role: u8) -> u8 {
        match self.mirrored {
            false => (role + ROLES - self.turn) % ROLES,
            true => (self.turn + ROLES - role) % ROLES,
        }
    }

    /// The roles that play the parts before and after `role`'s.
    pub(crate) fn neighbours(self, role: u8) -> (Role, Role) {
        let (previous, next) = neighbours(role);
        match self.mirrored {
            false => (previous, next),
            true => (next, previous),
        }
    }

    /// The keys shared with the part before and with the part after.
    pub(crate) fn keys(self, keys: &Keys) -> (&Prg, &Prg) {
        match self.mirrored {
            false => (&keys.a, &keys.b),
            true => (&keys.b, &keys.a),
        }
    }
}

/// Rows that are seated alike.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) seat: Seat,
    /// Which half of the rows it lies in.
    pub(crate) half: usize,
    /// Its words within a plane of that half.
    pub(crate) words: std::ops::Range<usize>,
    /// Its rows.
    pub(crate) rows: std::ops::Range<usize>,
    /// A lane of its own in every step.
    pub(crate) lane: u32,
}

/// The six segments of `rows` rows: each half in three, whole words each.
pub(crate) fn segments(rows: usize) -> [Segment; 6] {
    let halves = words_of(rows);
    let segment = |half: usize, turn: u8| {
        let words = halves[half];
        let cut = |turn: u8| words * usize::from(turn) / usize::from(ROLES);
        let range = cut(turn)..cut(turn + 1);
        let start = if half == 0 { 0 } else { halves[0] };
        let row = |word: usize| rows.min((start + word) * 64);
        Segment {
            seat: Seat { turn, mirrored: half == 1 },
            half,
            rows: row(range.start)..row(range.end),
            words: range,
            lane: if half == 0 { 8 } else { 16 } + u32::from(turn),
        }
    };
    [segment(0, 0), segment(0, 1), segment(0, 2), segment(1, 0), segment(1, 1), segment(1, 2)]
}

#[cfg(test)]
mod tests {
    use super::segments;

    #[test]
    fn segments_cover_all_rows_once_and_in_order() {
        for rows in [0, 1, 63, 64, 65, 128, 129, 400, 1000, 12_345] {
            let mut next = 0;
            for segment in segments(rows) {
                assert_eq!(segment.rows.start, next, "{rows} rows");
                next = segment.rows.end;
                assert!(segment.rows.len() <= segment.words.len() * 64);
            }
            assert_eq!(next, rows);
        }
    }

    #[test]
    fn in_six_segments_each_role_plays_each_part_twice() {
        for role in 0..3 {
            let mut parts = segments(1000).map(|segment| segment.seat.part(role));
            parts.sort_unstable();
            assert_eq!(parts, [0, 0, 1, 1, 2, 2]);
        }
    }

    #[test]
    fn the_part_before_is_played_by_the_neighbour_that_says_so() {
        for segment in segments(1000) {
            for role in 0..3 {
                let (previous, next) = segment.seat.neighbours(role);
                let part = segment.seat.part(role);
                assert_eq!(segment.seat.part(previous.0), (part + 2) % 3);
                assert_eq!(segment.seat.part(next.0), (part + 1) % 3);
            }
        }
    }
}
