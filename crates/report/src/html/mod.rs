//! Pages of HTML: their frame, tables and plots. Nothing here knows what a report says.

mod axis;
mod frame;
mod plot;
mod table;

pub(crate) use axis::{Axis, Ticks};
pub(crate) use frame::{Frame, Section, Tile, Tone, entries, flag, note, side_by_side};
pub(crate) use plot::{Ink, Mark, Plot};
pub(crate) use table::{Cell, Column, Table};
