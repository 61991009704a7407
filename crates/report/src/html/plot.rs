//! Plots, drawn as SVG by plotters.

use maud::{Markup, PreEscaped, html};
use plotters::backend::SVGBackend;
use plotters::chart::ChartBuilder;
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBColor, ShapeStyle, TRANSPARENT, TextStyle};

use super::axis::{Axis, Ticks};

/// Twice as large as it is shown: plotters draws on whole pixels.
pub(super) const SIZE: (u32, u32) = (960, 560);

/// The height of a letter, as plotters counts it.
const FONT: (&str, f64) = ("sans-serif", 33.0);

/// The room that axes take beside the plot.
pub(super) const BESIDE: u32 = 104;
const BELOW: u32 = 84;
const ABOVE: u32 = 52;

/// A plot with what it says in words.
pub(crate) struct Plot {
    /// Unlike that of any other on its page.
    pub(crate) id: String,
    pub(crate) title: String,
    /// What somebody who does not see it should know.
    pub(crate) description: String,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    /// A scale of its own for what is marked `right`.
    pub(crate) right: Option<Axis>,
    pub(crate) marks: Vec<Mark>,
    pub(crate) legend: Vec<(Ink, String)>,
}

/// Something in a plot.
pub(crate) enum Mark {
    Line { points: Vec<(f64, f64)>, ink: Ink, right: bool },
    Dots { points: Vec<(f64, f64)>, ink: Ink, right: bool },
    Bar { from: (f64, f64), until: (f64, f64), ink: Ink },
}

/// What a colour stands for. The style sheet has another shade of each for dark screens.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Letters and axes.
    Text,
    /// Lines to read values off by.
    Grid,
    /// What the rest is compared with: drawn in dashes.
    Faint,
    /// Good rows; the better side.
    Good,
    /// Bad rows; the worse side.
    Bad,
    /// Bars that are neither.
    Plain,
}

impl Ink {
    const fn colour(self) -> RGBColor {
        match self {
            Self::Text => RGBColor(0x3d, 0x48, 0x52),
            Self::Grid => RGBColor(0xe2, 0xe7, 0xec),
            Self::Faint => RGBColor(0x8a, 0x96, 0xa3),
            Self::Good => RGBColor(0x1f, 0x5f, 0xa8),
            Self::Bad => RGBColor(0xc2, 0x41, 0x0c),
            Self::Plain => RGBColor(0xa9, 0xbd, 0xd3),
        }
    }

    /// The class of its swatch in a legend.
    const fn class(self) -> &'static str {
        match self {
            Self::Text => "ink-text",
            Self::Grid => "ink-grid",
            Self::Faint => "ink-faint",
            Self::Good => "ink-good",
            Self::Bad => "ink-bad",
            Self::Plain => "ink-plain",
        }
    }

    fn line(self) -> ShapeStyle {
        self.colour().stroke_width(if self == Self::Faint { 2 } else { 4 })
    }
}

impl Plot {
    pub(crate) fn figure(&self) -> Markup {
        let (title, description) = (format!("{}-t", self.id), format!("{}-d", self.id));
        let [wide, high] = [SIZE.0, SIZE.1];
        html! {
            figure {
                figcaption { (self.title) }
                svg viewBox=(format!("0 0 {wide} {high}")) role="img"
                    aria-labelledby=(format!("{title} {description}")) {
                    title id=(title) { (self.title) }
                    desc id=(description) { (self.description) }
                    (PreEscaped(self.drawn()))
                }
                @if !self.legend.is_empty() {
                    ul.legend {
                        @for (ink, name) in &self.legend {
                            li { span class=(ink.class()) {} (name) }
                        }
                    }
                }
            }
        }
    }

    /// What plotters draws, without the element around it: that is ours, with its title. Plotters
    /// escapes what it writes.
    fn drawn(&self) -> String {
        let mut svg = String::new();
        self.draw(&mut svg).expect("a string takes all that is drawn, and axes are finite");
        let inside = svg.split_once('>').and_then(|(_, rest)| rest.rsplit_once("</svg>"));
        inside.map(|(inside, _)| inside.to_owned()).unwrap_or_default()
    }

    fn draw(&self, svg: &mut String) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
        let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
        let colour = Ink::Text.colour();
        let letters = TextStyle::from(FONT).color(&colour);
        let beside = if self.right.is_some() { BESIDE } else { 0 };
        let right = self.right.as_ref().unwrap_or(&self.y);
        let mut chart = ChartBuilder::on(&area)
            .margin_top(ABOVE)
            .margin_right(if self.right.is_some() { 0 } else { 36 })
            .x_label_area_size(BELOW)
            .y_label_area_size(BESIDE)
            .right_y_label_area_size(beside)
            .build_cartesian_2d(self.x.from..self.x.until, self.y.from..self.y.until)?
            .set_secondary_coord(self.x.from..self.x.until, right.from..right.until);
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(Ink::Grid.colour().stroke_width(2))
            .axis_style(Ink::Text.colour().stroke_width(2))
            .label_style(letters.clone())
            .set_all_tick_mark_size(6)
            .x_labels(self.x.most_ticks())
            .y_labels(self.y.most_ticks())
            .x_label_formatter(&|at| self.x.name(*at))
            .y_label_formatter(&|at| self.y.name(*at))
            .x_desc(self.x.title.clone())
            .draw()?;
        if self.right.is_some() {
            chart
                .configure_secondary_axes()
                .axis_style(Ink::Text.colour().stroke_width(2))
                .label_style(letters.clone())
                .set_all_tick_mark_size(6)
                .y_labels(right.most_ticks())
                .y_label_formatter(&|at| right.name(*at))
                .draw()?;
        }
        for mark in &self.marks {
            match mark {
                Mark::Bar { from, until, ink } => {
                    let bar = Rectangle::new([*from, *until], ink.colour().filled());
                    chart.draw_series([bar])?;
                }
                Mark::Line { points, ink, right: false } => {
                    chart.draw_series([PathElement::new(points.clone(), ink.line())])?;
                }
                Mark::Line { points, ink, right: true } => {
                    chart.draw_secondary_series([PathElement::new(points.clone(), ink.line())])?;
                }
                Mark::Dots { points, ink, right } => {
                    let style = ink.colour().filled();
                    let dots = points.iter().map(|point| Circle::new(*point, 7, style));
                    if *right {
                        chart.draw_secondary_series(dots)?;
                    } else {
                        chart.draw_series(dots)?;
                    }
                }
            }
        }
        // What values are of stands above their scale, not along it: Chinese is not written sideways.
        let above = |pos| letters.clone().pos(Pos::new(pos, VPos::Top));
        area.draw_text(&self.y.title, &above(HPos::Left), (8, 8))?;
        if let Some(right) = &self.right {
            area.draw_text(&right.title, &above(HPos::Right), (i32(SIZE.0) - 8, 8))?;
        }
        if let Ticks::Names(names) = &self.x.ticks {
            let below = letters.clone().pos(Pos::new(HPos::Center, VPos::Top));
            for (name, at) in names.iter().zip(0_u32..).step_by(Axis::step(names)) {
                let (x, y) = chart.backend_coord(&(f64::from(at) + 0.5, self.y.from));
                area.draw_text(name, &below, (x, y + 12))?;
            }
        }
        area.present()
    }
}

const fn i32(pixels: u32) -> i32 {
    pixels.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::{Axis, Ink, Mark, Plot};

    fn plot(names: &[&str], y: Axis, marks: Vec<Mark>) -> String {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let plot = Plot {
            id: "p".into(),
            title: "<b>title</b>".into(),
            description: "a & b".into(),
            x: Axis::names("bins".into(), names),
            y,
            right: None,
            marks,
            legend: vec![(Ink::Good, "</ul><script>".into())],
        };
        plot.figure().into_string()
    }

    #[test]
    fn whatever_is_named_is_escaped_inside_a_plot_and_beside_it() {
        let drawn = plot(&["<script>alert(1)</script>"], Axis::shares("&".into(), 0.3), vec![]);
        for markup in ["<script", "<b>", "http", "xmlns"] {
            assert!(!drawn.contains(markup), "{markup}: {drawn}");
        }
        assert!(drawn.contains("&lt;script&gt;alert(1)"), "{drawn}");
    }

    #[test]
    fn numbers_without_end_or_none_at_all_are_drawn_all_the_same() {
        for numbers in [vec![], vec![f64::NAN, f64::INFINITY], vec![0.0], vec![-3.0, 1e300]] {
            let y = Axis::numbers("woe".into(), numbers.clone());
            assert!(y.from < y.until && y.from.is_finite() && y.until.is_finite(), "{numbers:?}");
            let bar = Mark::Bar { from: (0.1, 0.0), until: (0.9, 1.0), ink: Ink::Bad };
            assert!(plot(&["a", "b"], y, vec![bar]).contains("<rect"));
        }
        assert!(plot(&[], Axis::shares(String::new(), f64::NAN), vec![]).contains("<svg"));
    }
}
