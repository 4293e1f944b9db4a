//! A chart that leaves the app. Owns the token values a picture carries with it when no style sheet goes along: the
//! chart tokens of the visual language, light, and dark where the viewer asks for it.
//!
//! Deliberately absent: any colour in a picture shown inside the app.

/// Style rules of every chart class over the app's tokens (`var(--chart-actual)` …).
pub const CHART_CSS: &str = include_str!("chart.css");

/// Token, light value, dark value; as in the app's `tokens.css`. Written in and not as variables because many viewers
/// and converters of SVG know no variables.
const TOKENS: [(&str, &str, &str); 9] = [
    ("surface", "#FFFFFF", "#15191F"),
    ("line-strong", "#7A828E", "#7C8694"),
    ("text-muted", "#4C545F", "#B0B8C4"),
    ("text-faint", "#5F6875", "#949DAA"),
    ("chart-actual", "#1F4E8C", "#8AB6F0"),
    ("chart-compare", "#6F7885", "#7F8997"),
    ("chart-target", "#171A1F", "#E8EBF0"),
    ("chart-band", "#D3E0F2", "#22354F"),
    ("chart-grid", "#E9EBEF", "#232932"),
];

/// The same picture as a file of its own: `svg` (from [`crate::trend_svg`] or [`crate::daily_svg`]) with a background and a
/// `<style>` of literal colours, light, and dark under `prefers-color-scheme: dark`. Anything without an `<svg …>` tag is returned as it is.
#[must_use]
pub fn standalone_svg(svg: &str) -> String {
    let Some(tag_end) = svg.find("<svg").and_then(|start| Some(start + svg[start..].find('>')? + 1)) else {
        return svg.to_owned();
    };
    let (light, dark) = (colored(|token| token.1), colored(|token| token.2));
    let (tag, rest) = svg.split_at(tag_end);
    format!(
        "{tag}<style>{light}@media (prefers-color-scheme: dark) {{\n{dark}}}\n</style>\
         <rect class=\"chart-surface\" width=\"100%\" height=\"100%\"/>{rest}"
    )
}

/// The rules with each variable replaced by the value `pick` takes.
fn colored(pick: impl Fn(&(&str, &'static str, &'static str)) -> &'static str) -> String {
    let rules = CHART_CSS.split_once("*/").map_or(CHART_CSS, |(_, rules)| rules);
    let mut css = format!("{}\n.chart .chart-surface {{ fill: var(--surface); }}\n", rules.trim());
    for token in &TOKENS {
        css = css.replace(&format!("var(--{})", token.0), pick(token));
    }
    css
}
