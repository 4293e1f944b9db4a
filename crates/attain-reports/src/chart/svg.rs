//! The SVG writer that plotters draws through. Owns the mapping from a mark to its class name and the text of the SVG.
//!
//! Deliberately absent: colours (plotters' colour channel carries the mark's number instead), pixels (nothing here is
//! rasterised) and layout. plotters counts in whole pixels, so it is handed a canvas ten times as large and
//! every coordinate is written with one decimal.

use std::convert::Infallible;

use plotters::style::{RGBColor, ShapeStyle};
use plotters_backend::text_anchor::HPos;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

/// plotters' pixels per CSS px.
pub(super) const FINE: i32 = 10;

/// What a shape or text *is*; becomes its class name. The order is the number in plotters' red channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Grid,
    Zero,
    Band,
    Target,
    Actual,
    Running,
    Daily,
    DailyRunning,
    Average,
    Point,
    Unit,
    Tick,
    LabelActual,
    LabelTarget,
    LabelBand,
    LabelDaily,
    Empty,
}

const MARKS: [(Mark, &str); 17] = [
    (Mark::Grid, "chart-grid"),
    (Mark::Zero, "chart-grid chart-zero"),
    (Mark::Band, "chart-band"),
    (Mark::Target, "chart-target"),
    (Mark::Actual, "chart-actual"),
    (Mark::Running, "chart-actual chart-running"),
    (Mark::Daily, "chart-daily"),
    (Mark::DailyRunning, "chart-daily chart-running"),
    (Mark::Average, "chart-average"),
    (Mark::Point, "chart-point"),
    (Mark::Unit, "chart-label chart-unit"),
    (Mark::Tick, "chart-label chart-tick"),
    (Mark::LabelActual, "chart-label chart-label-actual"),
    (Mark::LabelTarget, "chart-label chart-label-target"),
    (Mark::LabelBand, "chart-label chart-label-band"),
    (Mark::LabelDaily, "chart-label chart-label-daily"),
    (Mark::Empty, "chart-label chart-empty"),
];

impl Mark {
    pub(super) fn color(self) -> RGBColor {
        RGBColor(self as u8, 0, 0)
    }

    pub(super) fn stroke(self) -> ShapeStyle {
        ShapeStyle::from(self.color())
    }

    pub(super) fn fill(self) -> ShapeStyle {
        self.stroke().filled()
    }

    fn of(color: BackendColor) -> (Mark, &'static str) {
        let number = usize::from(color.rgb.0).min(MARKS.len() - 1);
        MARKS[number]
    }

    /// Dashes are meaning, not decoration: they stay when a style sheet is missing.
    fn dashed(self) -> bool {
        matches!(self, Mark::Running | Mark::DailyRunning)
    }
}

/// Appends elements to `out`; neighbouring paths of one mark become one element.
pub(super) struct ClassSvg<'a> {
    out: &'a mut String,
    size: (u32, u32),
    open_path: Option<Mark>,
}

impl<'a> ClassSvg<'a> {
    /// `size` in CSS px.
    pub(super) fn new(out: &'a mut String, size: super::Size) -> Self {
        let fine = FINE.unsigned_abs();
        ClassSvg { out, size: (size.width * fine, size.height * fine), open_path: None }
    }

    fn end_path(&mut self) {
        if self.open_path.take().is_some() {
            self.out.push_str("\"/>");
        }
    }

    fn pair(&mut self, (x, y): BackendCoord) {
        push_fine(self.out, x);
        self.out.push(' ');
        push_fine(self.out, y);
    }

    fn attribute(&mut self, name: &str, fine: i32) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        push_fine(self.out, fine);
        self.out.push('"');
    }
}

impl Drop for ClassSvg<'_> {
    fn drop(&mut self) {
        self.end_path();
    }
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for ClassSvg<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        self.end_path();
        Ok(())
    }

    fn draw_pixel(&mut self, _: BackendCoord, _: BackendColor) -> Drawn {
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let (mark, class) = Mark::of(style.color());
        if self.open_path != Some(mark) {
            self.end_path();
            self.out.push_str("<path class=\"");
            self.out.push_str(class);
            self.out.push_str("\" fill=\"none\"");
            if mark.dashed() {
                self.out.push_str(" stroke-dasharray=\"4 3\"");
            }
            self.out.push_str(" d=\"");
            self.open_path = Some(mark);
        }
        let mut command = 'M';
        for point in path {
            self.out.push(command);
            self.pair(point);
            command = 'L';
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, corners: I, style: &S) -> Drawn {
        self.end_path();
        let (_, class) = Mark::of(style.color());
        self.out.push_str("<path class=\"");
        self.out.push_str(class);
        self.out.push_str("\" d=\"");
        let mut command = 'M';
        for corner in corners {
            self.out.push(command);
            self.pair(corner);
            command = 'L';
        }
        self.out.push_str("Z\"/>");
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, radius: u32, style: &S, _: bool) -> Drawn {
        self.end_path();
        let (_, class) = Mark::of(style.color());
        self.out.push_str("<circle class=\"");
        self.out.push_str(class);
        self.out.push('"');
        self.attribute("cx", center.0);
        self.attribute("cy", center.1);
        self.attribute("r", i32::try_from(radius).unwrap_or(i32::MAX));
        self.out.push_str("/>");
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, position: BackendCoord) -> Drawn {
        self.end_path();
        let (_, class) = Mark::of(style.color());
        self.out.push_str("<text class=\"");
        self.out.push_str(class);
        self.out.push('"');
        self.attribute("x", position.0);
        self.attribute("y", position.1);
        match style.anchor().h_pos {
            HPos::Left => {}
            HPos::Center => self.out.push_str(" text-anchor=\"middle\""),
            HPos::Right => self.out.push_str(" text-anchor=\"end\""),
        }
        self.out.push('>');
        push_escaped(self.out, text);
        self.out.push_str("</text>");
        Ok(())
    }
}

/// A coordinate in tenths of a CSS px, as shortest decimal: 123 → `12.3`, 120 → `12`.
fn push_fine(out: &mut String, fine: i32) {
    if fine < 0 {
        out.push('-');
    }
    let whole = fine.unsigned_abs() / FINE.unsigned_abs();
    let tenth = fine.unsigned_abs() % FINE.unsigned_abs();
    push_number(out, whole);
    if tenth != 0 {
        out.push('.');
        push_number(out, tenth);
    }
}

/// Some thousand numbers go into a picture and the formatting machinery is most of its cost; digits by hand are not.
fn push_number(out: &mut String, mut number: u32) {
    let mut digits = [0u8; 10];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    for digit in &digits[at..] {
        out.push(char::from(*digit));
    }
}

/// Text for an element or a quoted attribute; characters that XML cannot carry are dropped.
pub(super) fn push_escaped(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => out.push(other),
        }
    }
}
