//! The frame of a chart over dates. Owns margins, the mapping from date and value to place, the grid with its labels, and where
//! the lines' own labels go.
//!
//! Deliberately absent: the lines themselves (`trend.rs`, `daily.rs`).

use chrono::{Datelike, NaiveDate};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::{RangedCoordi32, RangedCoordi128};
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{IntoFont, TextStyle};

use super::axis::{ValueAxis, fit, text_width, tick_labels, value_axis};
use super::svg::{ClassSvg, FINE, Mark, push_escaped};
use super::{ChartError, DateTick, LABEL_PX, PlotRect, Scale, Size};

/// A date as a day number and a value in smallest units.
pub(super) type Place = (i32, i128);
type Sheet<'a> = DrawingArea<ClassSvg<'a>, Shift>;
type Plot<'a> = DrawingArea<ClassSvg<'a>, Cartesian2d<RangedCoordi32, RangedCoordi128>>;

/// From a label to what it names.
const LABEL_GAP: f64 = 7.0;
/// Between the lines of two labels above each other.
const LABEL_LINE: f64 = 15.0;
/// From the middle of a line of type down to its baseline.
const BASELINE: f64 = 4.2;

/// What the frame is made for.
pub(super) struct Plan<'a> {
    pub size: Size,
    pub scale: &'a Scale,
    pub first: NaiveDate,
    pub last: NaiveDate,
    /// Labels that will stand to the right of the plot.
    pub right_labels: &'a [&'a str],
    pub date_ticks: &'a [DateTick],
}

/// A picture being drawn.
pub(super) struct Frame<'a> {
    size: Size,
    pub rect: PlotRect,
    axis: ValueAxis,
    labels: Vec<String>,
    sheet: Sheet<'a>,
    plot: Plot<'a>,
}

/// A line's own name, where that line ends.
pub(super) struct EndLabel<'a> {
    pub mark: Mark,
    pub text: &'a str,
    /// Where the line ends, CSS px.
    pub x: f64,
    pub y: f64,
}

impl<'a> Frame<'a> {
    /// Lays out a frame whose scale holds zero and every one of `values`.
    pub(super) fn new(out: &'a mut String, plan: &Plan, values: impl Iterator<Item = i64>) -> Self {
        let Size { width, height } = plan.size;
        let (width, height) = (f64::from(width), f64::from(height));
        let has_dates = plan.date_ticks.iter().any(|tick| !tick.label.is_empty());
        let top = if plan.scale.unit.is_empty() { 9.0 } else { 24.0 };
        let bottom = if has_dates { 22.0 } else { 9.0 };
        let axis = value_axis(values, (((height - top - bottom) / 34.0) as usize).clamp(2, 6));
        let labels = tick_labels(&axis.ticks, plan.scale.minor_per_unit);
        let widest = |texts: &mut dyn Iterator<Item = &str>| texts.map(text_width).fold(0.0, f64::max);
        let left = (widest(&mut labels.iter().map(String::as_str)) + 9.0).min(width * 0.4).ceil();
        let named = widest(&mut plan.right_labels.iter().copied());
        let right = if named > 0.0 { (named + LABEL_GAP + 5.0).min(width * 0.35).ceil() } else { 8.0 };

        let rect = PlotRect { x: left, y: top, width: width - left - right, height: height - top - bottom };
        let days = day(plan.first)..day(plan.last).max(day(plan.first) + 1);
        let sheet = ClassSvg::new(out, plan.size).into_drawing_area();
        let plot = sheet.apply_coord_spec(Cartesian2d::new(
            days,
            axis.low..axis.high,
            (fine(rect.x)..fine(rect.x + rect.width), fine(rect.y + rect.height)..fine(rect.y)),
        ));
        Frame { size: plan.size, rect, axis, labels, sheet, plot }
    }

    /// Place of a date and value, CSS px.
    pub(super) fn at(&self, place: Place) -> (f64, f64) {
        let (x, y) = self.plot.map_coordinate(&place);
        (f64::from(x) / f64::from(FINE), f64::from(y) / f64::from(FINE))
    }

    /// Hairlines, what they stand for, and the dates.
    pub(super) fn grid(&self, plan: &Plan) -> Result<(), ChartError> {
        let PlotRect { x: left, y: top, width, height } = self.rect;
        let (right, bottom) = (left + width, top + height);
        let across = |tick: i128, mark: Mark| {
            let (_, y) = self.at((0, tick));
            self.sheet.draw(&PathElement::new([px(left, y), px(right, y)], mark.stroke())).map_err(drawing)
        };
        for tick in self.axis.ticks.iter().filter(|tick| **tick != 0) {
            across(*tick, Mark::Grid)?;
        }
        across(0, Mark::Zero)?;
        for (tick, label) in self.axis.ticks.iter().zip(&self.labels) {
            let (_, y) = self.at((0, *tick));
            self.text(Mark::Tick, &fit(label, left - 8.0), (left - 8.0, y), HPos::Right)?;
        }
        let unit = fit(&plan.scale.unit, f64::from(self.size.width) - 4.0);
        if text_width(&unit) <= left - 8.0 {
            self.text(Mark::Unit, &unit, (left - 8.0, LABEL_PX * 0.75), HPos::Right)?;
        } else {
            self.text(Mark::Unit, &unit, (2.0, LABEL_PX * 0.75), HPos::Left)?;
        }
        let mut free_from = 0.0;
        for tick in plan.date_ticks.iter().filter(|tick| (plan.first..=plan.last).contains(&tick.date)) {
            let (x, _) = self.at((day(tick.date), 0));
            let half = text_width(&tick.label) / 2.0;
            let middle = x.min(f64::from(self.size.width) - half).max(half);
            if middle - half >= free_from {
                self.sheet
                    .draw(&PathElement::new([px(x, bottom), px(x, bottom + 4.0)], Mark::Grid.stroke()))
                    .map_err(drawing)?;
                self.text(Mark::Tick, &tick.label, (middle, bottom + 13.0), HPos::Center)?;
                free_from = middle + half + 6.0;
            }
        }
        Ok(())
    }

    /// One line; a gap (`None`) interrupts it.
    pub(super) fn line(&self, mark: Mark, places: impl Iterator<Item = Option<Place>>) -> Result<(), ChartError> {
        let mut run: Vec<Place> = Vec::new();
        for place in places.map(Some).chain([None]) {
            match place.flatten() {
                Some(place) => run.push(place),
                None => {
                    if let [only] = run[..] {
                        run.push(only);
                    }
                    if !run.is_empty() {
                        self.plot.draw(&PathElement::new(std::mem::take(&mut run), mark.stroke())).map_err(drawing)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The area between a lower and an upper edge, given by date from the left.
    pub(super) fn band(&self, edges: &[(i32, i128, i128)]) -> Result<(), ChartError> {
        if edges.len() < 2 {
            return Ok(());
        }
        let upper = edges.iter().map(|(day, _, high)| (*day, *high));
        let lower = edges.iter().rev().map(|(day, low, _)| (*day, *low));
        let corners: Vec<Place> = upper.chain(lower).collect();
        self.plot.draw(&Polygon::new(corners, Mark::Band.fill())).map_err(drawing)
    }

    /// A dot where a line ends.
    pub(super) fn dot(&self, place: Place) -> Result<(), ChartError> {
        self.plot.draw(&Circle::new(place, 3 * FINE, Mark::Point.fill())).map_err(drawing)
    }

    /// Whether a line that ends at `x` has its label in the right margin.
    pub(super) fn ends_at_edge(&self, x: f64) -> bool {
        x > self.rect.x + self.rect.width - 12.0
    }

    /// Labels in the right margin, beside their lines' ends, moved apart where they would overlap.
    pub(super) fn end_labels(&self, mut labels: Vec<EndLabel>) -> Result<(), ChartError> {
        labels.retain(|label| !label.text.is_empty());
        labels.sort_by(|one, other| one.y.total_cmp(&other.y));
        let (top, bottom) = (self.rect.y + 2.0, self.rect.y + self.rect.height - 2.0);
        let mut lowest = top - LABEL_LINE;
        for label in &mut labels {
            label.y = label.y.max(lowest + LABEL_LINE);
            lowest = label.y;
        }
        let mut highest = bottom.max(top + LABEL_LINE * labels.len().saturating_sub(1) as f64) + LABEL_LINE;
        for label in labels.iter_mut().rev() {
            label.y = label.y.min(highest - LABEL_LINE);
            highest = label.y;
        }
        for label in &labels {
            let x = label.x + LABEL_GAP;
            self.text(label.mark, &fit(label.text, f64::from(self.size.width) - x), (x, label.y), HPos::Left)?;
        }
        Ok(())
    }

    /// A label inside the plot, where the line ends before the edge: below and after the end, or above and before it, whichever
    /// side the other line is not on.
    pub(super) fn inner_label(&self, label: &EndLabel, below: bool) -> Result<(), ChartError> {
        let width = text_width(label.text);
        let (top, bottom) = (self.rect.y, self.rect.y + self.rect.height);
        let right = self.rect.x + self.rect.width;
        let fits_below = label.y + 16.0 + LABEL_PX / 2.0 <= bottom && label.x + 5.0 + width <= right;
        let fits_above = label.y - 22.0 >= top && label.x - 5.0 - width >= self.rect.x;
        if (below && fits_below) || !fits_above {
            let x = (label.x + 5.0).min(right - width);
            self.text(label.mark, label.text, (x, (label.y + 14.0).min(bottom - LABEL_PX / 2.0)), HPos::Left)
        } else {
            self.text(label.mark, label.text, (label.x - 5.0, label.y - 12.0), HPos::Right)
        }
    }

    fn text(&self, mark: Mark, text: &str, at: (f64, f64), anchor: HPos) -> Result<(), ChartError> {
        write(&self.sheet, mark, text, at, anchor)
    }
}

/// Text with its middle line at the given height.
fn write(sheet: &Sheet, mark: Mark, text: &str, (x, middle): (f64, f64), anchor: HPos) -> Result<(), ChartError> {
    if text.is_empty() {
        return Ok(());
    }
    let color = mark.color();
    let style = TextStyle::from(("sans-serif", LABEL_PX).into_font()).color(&color).pos(Pos::new(anchor, VPos::Bottom));
    sheet.draw(&Text::new(text, px(x, middle + BASELINE), style)).map_err(drawing)
}

/// The sentence in the middle of a picture that has nothing to show.
pub(super) fn empty(out: &mut String, size: Size, text: &str) -> Result<PlotRect, ChartError> {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let sheet = ClassSvg::new(out, size).into_drawing_area();
    write(&sheet, Mark::Empty, &fit(text, width - 8.0), (width / 2.0, height / 2.0), HPos::Center)?;
    Ok(PlotRect { x: 8.0, y: 8.0, width: width - 16.0, height: height - 16.0 })
}

/// The opening tag; `name` is what a screen reader says.
pub(super) fn open_svg(size: Size, name: &str, room: usize) -> String {
    let Size { width, height } = size;
    let mut svg = String::with_capacity(1024 + room);
    svg.push_str(&format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-size="{LABEL_PX}" role="img""#
    ));
    if !name.is_empty() {
        svg.push_str(" aria-label=\"");
        push_escaped(&mut svg, name);
        svg.push('"');
    }
    svg.push('>');
    svg
}

pub(super) fn day(date: NaiveDate) -> i32 {
    date.num_days_from_ce()
}

fn fine(css: f64) -> i32 {
    (css * f64::from(FINE)).round() as i32
}

fn px(x: f64, y: f64) -> (i32, i32) {
    (fine(x), fine(y))
}

fn drawing(error: impl std::fmt::Display) -> ChartError {
    ChartError::Drawing(error.to_string())
}
