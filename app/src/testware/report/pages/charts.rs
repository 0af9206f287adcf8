//! The charts of reports as SVG: pure functions of their figures. Colors come from the style sheet. What a chart shows is
//! also in the table next to it.

use leptos::prelude::*;

use crate::components::number::grouped;
use crate::components::progress::{ORDER, summary};
use crate::testware::execution::{Counts, ResultStatus};

/// The size of the chart by time in its own units; it is stretched to its place.
const COLUMNS_WIDTH: f64 = 960.0;
const COLUMNS_HEIGHT: f64 = 160.0;
/// The widest column, so that a report of one day isn't one block of color.
const MAX_COLUMN_WIDTH: f64 = 72.0;
/// The height of a bar with its label in pixels.
const ROW_HEIGHT: usize = 40;
/// The number of characters of a label that fit on the narrowest screens.
const MAX_LABEL_CHARS: usize = 32;

/// What a chart says in words.
pub struct Chart {
    /// Unique on the page.
    pub id: &'static str,
    pub title: String,
    pub description: String,
}

/// A bar or column of several parts.
pub struct Bar {
    pub label: String,
    /// The CSS class and the value of each part.
    pub parts: Vec<(&'static str, u32)>,
    /// Its values in words.
    pub text: String,
}

impl Bar {
    /// A bar with a part for each status.
    pub fn of_counts(label: String, counts: &Counts) -> Self {
        let parts = ORDER.map(|status| (status.as_str(), counts.for_status(status)));
        Self {
            label,
            parts: parts.into_iter().filter(|(_, count)| *count > 0).collect(),
            text: summary(counts, "None"),
        }
    }

    /// The sum of its parts.
    pub fn total(&self) -> u32 {
        self.parts.iter().fold(0, |sum, (_, value)| sum.saturating_add(*value))
    }

    /// The share before and the share of each part, of `max`.
    fn shares(&self, max: u32) -> Vec<(&'static str, f64, f64)> {
        let mut before = 0.0;
        let share = |(class, value): &(&'static str, u32)| {
            let from = before;
            let share = f64::from(*value) / f64::from(max.max(1));
            before += share;
            (*class, from, share)
        };
        self.parts.iter().map(share).collect()
    }
}

fn longest(bars: &[Bar]) -> u32 {
    bars.iter().map(Bar::total).max().unwrap_or_default()
}

/// A column for each bar, side by side, and the legend.
pub fn columns(chart: &Chart, bars: &[Bar]) -> AnyView {
    let max = longest(bars);
    let step = COLUMNS_WIDTH / f64::from(u32::try_from(bars.len()).unwrap_or(1).max(1));
    let column = |(at, bar): (u32, &Bar)| {
        let width = (step * 0.75).min(MAX_COLUMN_WIDTH);
        let (x, width) = (format!("{:.2}", f64::from(at) * step + (step - width) / 2.0), format!("{width:.2}"));
        let rects = bar.shares(max).into_iter().map(|(class, from, share)| {
            let (y, height) = ((1.0 - from - share) * COLUMNS_HEIGHT, share * COLUMNS_HEIGHT);
            let (y, height) = (format!("{y:.2}"), format!("{height:.2}"));
            view! { <rect class=class x=x.clone() y=y width=width.clone() height=height/> }
        });
        let rects = rects.collect_view();
        view! { <g><title>{format!("{}: {}", bar.label, bar.text)}</title>{rects}</g> }
    };
    let columns = (0..).zip(bars).map(column).collect_view();
    let ends = (bars.first().map(|bar| bar.label.clone()), bars.last().map(|bar| bar.label.clone()));
    let last = (bars.len() > 1).then_some(ends.1).flatten();
    let size = format!("0 0 {COLUMNS_WIDTH} {COLUMNS_HEIGHT}");
    let svg = view! {
        <svg class="columns" viewBox=size preserveAspectRatio="none" role="img" aria-labelledby=title_id(chart) aria-describedby=description_id(chart)>
            <title id=title_id(chart)>{chart.title.clone()}</title>
            <desc id=description_id(chart)>{chart.description.clone()}</desc>
            {columns}
        </svg>
    };
    view! {
        <div class="plot">
            <div class="y" aria-hidden="true"><span>{grouped(max)}</span><span>"0"</span></div>
            {svg}
            <div class="x" aria-hidden="true"><span>{ends.0}</span><span>{last}</span></div>
        </div>
        {legend(bars)}
    }
    .into_any()
}

/// A horizontal bar below its label for each bar, and the legend. Without a view box, so that the text keeps its size.
pub fn bars(chart: &Chart, bars: &[Bar]) -> AnyView {
    let max = longest(bars);
    let row = |(at, bar): (usize, &Bar)| {
        let top = at * ROW_HEIGHT;
        let rects = bar.shares(max).into_iter().map(|(class, from, share)| {
            let (x, width) = (format!("{:.2}%", from * 100.0), format!("{:.2}%", share * 100.0));
            view! { <rect class=class x=x y=(top + 20).to_string() width=width height="10"/> }
        });
        let rects = rects.collect_view();
        let baseline = (top + 14).to_string();
        let value = if matches!(&*bar.parts, [("duration", _)]) { bar.text.clone() } else { grouped(bar.total()) };
        view! {
            <g>
                <title>{format!("{}: {}", bar.label, bar.text)}</title>
                <text x="0" y=baseline.clone()>{shortened(&bar.label)}</text>
                <text class="value" x="100%" y=baseline>{value}</text>
                {rects}
            </g>
        }
    };
    let rows = bars.iter().enumerate().map(row).collect_view();
    let height = (bars.len() * ROW_HEIGHT).to_string();
    view! {
        <svg class="bars" width="100%" height=height role="img" aria-labelledby=title_id(chart) aria-describedby=description_id(chart)>
            <title id=title_id(chart)>{chart.title.clone()}</title>
            <desc id=description_id(chart)>{chart.description.clone()}</desc>
            {rows}
        </svg>
        {legend(bars)}
    }
    .into_any()
}

/// The statuses that occur, with their colors.
fn legend(bars: &[Bar]) -> AnyView {
    let occurs =
        |status: ResultStatus| bars.iter().any(|bar| bar.parts.iter().any(|(class, _)| *class == status.as_str()));
    let entries: Vec<_> = ORDER
        .into_iter()
        .filter(|status| occurs(*status))
        .map(|status| {
            view! {
                <li>
                    <svg class="swatch" width="10" height="10" aria-hidden="true"><rect class=status.as_str() width="10" height="10"/></svg>
                    {status.label()}
                </li>
            }
        })
        .collect();
    (!entries.is_empty()).then(|| view! { <ul class="legend">{entries}</ul> }).into_any()
}

fn title_id(chart: &Chart) -> String {
    format!("{}-title", chart.id)
}

fn description_id(chart: &Chart) -> String {
    format!("{}-description", chart.id)
}

/// The start of a long label. Its whole text is in the table and in the tooltip.
fn shortened(label: &str) -> String {
    if label.chars().count() <= MAX_LABEL_CHARS {
        return label.to_owned();
    }
    let mut short: String = label.chars().take(MAX_LABEL_CHARS - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_bar_follow_each_other() {
        let counts = Counts { passed: 3, failed: 1, untested: 4, ..Counts::default() };
        let bar = Bar::of_counts("WEB-R1".to_owned(), &counts);
        assert_eq!(bar.total(), 8);
        assert_eq!(bar.shares(16), [("passed", 0.0, 0.1875), ("failed", 0.1875, 0.0625), ("untested", 0.25, 0.25)]);
        assert_eq!(bar.text, "3 passed, 1 failed, 4 untested");
        assert!(Bar::of_counts(String::new(), &Counts::default()).shares(0).is_empty());
    }

    #[test]
    fn a_long_label_is_shortened() {
        assert_eq!(shortened("WEB-C1 Pay"), "WEB-C1 Pay");
        assert_eq!(shortened(&"ü".repeat(33)), format!("{}…", "ü".repeat(31)));
    }
}
