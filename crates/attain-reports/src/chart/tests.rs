//! What a reader can see in a chart, and what no input may do to it.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use super::axis::{decimal, tick_labels, value_axis};
use super::daily::{DailyChart, DailyWords, daily_svg};
use super::standalone::standalone_svg;
use super::thin::thin;
use super::trend::{TrendChart, TrendPoint, TrendWords, trend_svg};
use super::{ChartError, DateTick, MAX_POINTS, Scale, Size, TrendPicture};

fn date(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

fn wan() -> Scale {
    Scale { unit: "万元".into(), minor_per_unit: 1_000_000, decimals: 2 }
}

/// September of Zhang San: weeks of 74,000, 46,200 and 41,500 against 330,000, seen on the 21st.
fn september() -> TrendChart {
    let weeks = [(6, 74_000), (13, 120_200), (20, 161_700)];
    let points = (1..=30).map(|day| {
        let actual = weeks.iter().rev().find(|(end, _)| *end <= day).map(|(_, sum)| sum * 100);
        TrendPoint {
            date: date(9, day),
            actual: if day > 20 { None } else { Some(actual.unwrap_or(i64::from(day) * 1_200_000)) },
            planned: Some(33_000_000 * i64::from(day) / 30),
            forecast: (day > 20).then(|| {
                let past = i64::from(day) - 20;
                (16_170_000 + past * 450_000, 16_170_000 + past * 900_000)
            }),
        }
    });
    TrendChart {
        size: Size { width: 640, height: 180 },
        points: points.collect(),
        running_from: Some(date(9, 14)),
        scale: wan(),
        date_ticks: [1, 7, 14, 21, 28]
            .map(|day| DateTick { date: date(9, day), label: format!("9月{day}日") })
            .to_vec(),
        also_on_scale: Vec::new(),
        words: TrendWords {
            name: "张三 9月销售额".into(),
            actual: "实际".into(),
            planned: "计划".into(),
            forecast: "预测".into(),
            no_data: "— 无数据".into(),
        },
    }
}

fn daily(values: Vec<i64>) -> DailyChart {
    DailyChart {
        size: Size::DAILY,
        start: date(1, 1),
        values,
        window: 28,
        running_from: None,
        scale: wan(),
        date_ticks: (1..=12).map(|month| DateTick { date: date(month, 1), label: format!("{month}月") }).collect(),
        words: DailyWords {
            name: String::new(),
            daily: "每日".into(),
            average: "28天均值".into(),
            no_data: "— 无数据".into(),
        },
    }
}

fn elements<'a>(picture: &'a TrendPicture, class: &str) -> Vec<&'a str> {
    let marked = format!("class=\"{class}\"");
    picture.svg.split('<').filter(|element| element.contains(&marked)).collect()
}

/// Every coordinate of every element, in order.
fn coordinates(svg: &str) -> Vec<(f64, f64)> {
    let mut found = Vec::new();
    for path in svg.split(" d=\"").skip(1) {
        for pair in path.split('"').next().unwrap().split(['M', 'L', 'Z']).filter(|pair| !pair.is_empty()) {
            let (x, y) = pair.split_once(' ').unwrap();
            found.push((x.parse().unwrap(), y.parse().unwrap()));
        }
    }
    found
}

fn assert_within(picture: &TrendPicture) {
    let plot = picture.geometry.plot;
    let close = |value: f64, from: f64, length: f64| value >= from - 0.15 && value <= from + length + 0.15;
    for point in &picture.geometry.points {
        let heights = [Some(point.y), point.second_y];
        assert!(close(point.x, plot.x, plot.width), "{} outside {plot:?}", point.x);
        assert!(heights.into_iter().flatten().all(|y| close(y, plot.y, plot.height)), "{point:?} outside {plot:?}");
    }
    for (x, y) in coordinates(&picture.svg) {
        assert!(
            x >= -0.1 && x <= f64::from(picture.geometry.width) && y >= -0.1 && y <= f64::from(picture.geometry.height)
        );
    }
}

#[test]
fn lines_are_named_where_they_end_in_the_readers_language() {
    let picture = trend_svg(&september()).unwrap();
    for label in ["实际", "计划", "预测", "万元", "9月14日"] {
        assert!(picture.svg.contains(&format!(">{label}</text>")), "{label} missing");
    }
    assert!(picture.svg.contains("aria-label=\"张三 9月销售额\""));
}

#[test]
fn the_running_part_is_dashed_the_closed_part_is_not() {
    let picture = trend_svg(&september()).unwrap();
    let running = elements(&picture, "chart-actual chart-running");
    let closed = elements(&picture, "chart-actual");
    assert_eq!((running.len(), closed.len()), (1, 1));
    assert!(running[0].contains("stroke-dasharray"));
    assert!(!closed[0].contains("stroke-dasharray"));
    assert_eq!(coordinates(closed[0]).last(), coordinates(running[0]).first(), "one line without a gap");
    let all_closed = TrendChart { running_from: None, ..september() };
    assert!(!trend_svg(&all_closed).unwrap().svg.contains("stroke-dasharray"));
}

#[test]
fn a_picture_names_classes_and_no_colours() {
    for picture in [trend_svg(&september()).unwrap(), daily_svg(&daily((0..365).collect())).unwrap()] {
        assert!(!picture.svg.contains('#') && !picture.svg.contains("rgb") && !picture.svg.contains("style="));
        assert!(!picture.svg.contains(" stroke=") && !picture.svg.contains("opacity"));
        assert!(
            picture.svg.matches("fill=").all(|_| true) && !picture.svg.replace("fill=\"none\"", "").contains("fill=")
        );
        for text in picture.svg.split("<text").skip(1) {
            assert!(!text.split('>').next().unwrap().contains("font"), "type is the style sheet's");
        }
        assert_within(&picture);
    }
    let classes = trend_svg(&september()).unwrap().svg;
    for class in [
        "chart-grid",
        "chart-zero",
        "chart-band",
        "chart-target",
        "chart-actual",
        "chart-running",
        "chart-point",
        "chart-label",
    ] {
        assert!(classes.contains(class) && super::standalone::CHART_CSS.contains(class), "{class}");
    }
}

#[test]
fn hovering_finds_exact_figures() {
    let picture = trend_svg(&september()).unwrap();
    let points = &picture.geometry.points;
    assert_eq!(points.len(), 30);
    let twentieth = &points[19];
    assert_eq!(twentieth.actual.as_deref(), Some("161700.00"));
    assert_eq!(twentieth.planned.as_deref(), Some("220000.00"));
    assert!(twentieth.running && !points[12].running);
    assert_eq!(points[29].actual, None, "no figure is not zero");
    assert_eq!(points[29].forecast_high.as_deref(), Some("251700.00"));
    let json = serde_json::to_value(&picture.geometry).unwrap();
    assert_eq!(json["points"][0]["date"], "2026-09-01");
    assert_eq!(json["points"][29]["actual"], serde_json::Value::Null);
}

#[test]
fn no_figures_make_a_picture_that_says_so() {
    let none = TrendPoint { date: date(9, 1), actual: None, planned: None, forecast: None };
    for points in [vec![], vec![none]] {
        let picture = trend_svg(&TrendChart { points, ..september() }).unwrap();
        assert!(picture.svg.contains(">— 无数据</text>") && picture.svg.ends_with("</svg>"));
        assert!(picture.geometry.points.is_empty() && !picture.svg.contains("<path"));
    }
    assert!(daily_svg(&daily(vec![])).unwrap().svg.contains(">— 无数据</text>"));
}

#[test]
fn labels_are_text_whatever_they_hold() {
    let mut chart = september();
    chart.words.actual = "A<B>&\"C\"\u{0}".into();
    chart.words.name = "\"><script>".into();
    let svg = trend_svg(&chart).unwrap().svg;
    assert!(svg.contains(">A&lt;B&gt;&amp;&quot;C&quot;</text>"), "{svg}");
    assert!(svg.contains("aria-label=\"&quot;&gt;&lt;script&gt;\""));
}

#[test]
fn a_small_multiple_keeps_its_labels_and_a_shared_scale() {
    let alone = TrendChart { size: Size::SMALL_MULTIPLE, ..september() };
    let small = TrendChart { also_on_scale: vec![60_000_000], ..alone.clone() };
    let picture = trend_svg(&small).unwrap();
    assert!(picture.svg.contains("viewBox=\"0 0 240 120\"") && picture.svg.contains(">计划</text>"));
    let end = |picture: &TrendPicture| picture.geometry.points[29].y;
    assert!(end(&picture) > end(&trend_svg(&alone).unwrap()) + 20.0, "33万 leaves room for 60万");
    assert_within(&picture);
}

#[test]
fn a_year_of_days_is_two_paths() {
    let values: Vec<i64> = (0..365).map(|day| 10_000_000 + (day * 7919 % 4_000_000)).collect();
    let picture = daily_svg(&daily(values)).unwrap();
    assert_eq!(elements(&picture, "chart-daily").len(), 1);
    assert_eq!(elements(&picture, "chart-average").len(), 1);
    assert_eq!(coordinates(elements(&picture, "chart-average")[0]).len(), 365);
}

#[test]
fn the_average_is_over_the_days_before() {
    let picture = daily_svg(&DailyChart { window: 3, ..daily(vec![100, 200, 400, 0, -101]) }).unwrap();
    let averages: Vec<_> = picture.geometry.points.iter().map(|point| point.average.clone().unwrap()).collect();
    // 100; 300÷2; 700÷3; 600÷3; 299÷3
    assert_eq!(averages, ["1.00", "1.50", "2.33", "2.00", "1.00"]);
}

#[test]
fn long_series_keep_first_last_and_peaks() {
    let mut values: Vec<i64> = (0..5000).map(|index| index * 31 % 977).collect();
    values[1234] = 50_000;
    values[4321] = -50_000;
    let drawn = thin(&values, MAX_POINTS, &[2500]);
    assert!(drawn.len() <= MAX_POINTS && drawn.is_sorted());
    assert!([0, 1234, 2500, 4321, 4999].iter().all(|index| drawn.contains(index)));
    assert_eq!(thin(&values[..MAX_POINTS], MAX_POINTS, &[]).len(), MAX_POINTS);

    let picture = daily_svg(&daily(values)).unwrap();
    assert!(picture.geometry.points.len() <= MAX_POINTS);
    assert!(picture.geometry.points.iter().any(|point| point.actual.as_deref() == Some("500.00")));
}

#[test]
fn scale_labels_are_round_and_exact() {
    let cases: [(&[i64], i64, &[&str]); 6] = [
        (&[16_170_000, 33_000_000], 1_000_000, &["0", "10", "20", "30", "40"]),
        (&[1_234_000], 1_000_000, &["0.0", "0.5", "1.0", "1.5"]),
        (&[-9_000_000, 21_000_000], 1_000_000, &["−10", "0", "10", "20"]),
        (&[1_500_000_000], 1_000_000, &["0", "500", "1,000", "1,500"]),
        (&[3], 1, &["0", "1", "2", "3"]),
        (&[0, 0], 1, &["0"]),
    ];
    for (values, unit, expected) in cases {
        let labels = tick_labels(&value_axis(values.iter().copied(), 4).ticks, unit);
        assert_eq!(labels, expected, "{values:?}");
    }
}

#[test]
fn values_are_written_exactly() {
    let cases = [
        (0, 2, "0.00"),
        (5, 2, "0.05"),
        (-5, 2, "-0.05"),
        (1234, 2, "12.34"),
        (13, 0, "13"),
        (i64::MIN, 2, "-92233720368547758.08"),
        (i64::MAX, 18, "9.223372036854775807"),
    ];
    for (minor, decimals, expected) in cases {
        assert_eq!(decimal(minor, decimals), expected);
    }
}

#[test]
fn a_file_of_its_own_carries_light_and_dark() {
    let file = standalone_svg(&trend_svg(&september()).unwrap().svg);
    assert!(file.starts_with("<svg") && file.contains("prefers-color-scheme: dark"));
    assert!(file.contains("#1F4E8C") && file.contains("#8AB6F0") && !file.contains("var("));
    assert!(file.contains("chart-surface"));
}

#[test]
fn mistakes_of_the_caller_are_named() {
    let mut swapped = september();
    swapped.points.swap(3, 4);
    assert_eq!(trend_svg(&swapped), Err(ChartError::DateOrder { index: 4 }));
    let tiny = TrendChart { size: Size { width: 20, height: 20 }, ..september() };
    assert_eq!(trend_svg(&tiny), Err(ChartError::Size { width: 20, height: 20 }));
    let mut unscaled = september();
    unscaled.scale.minor_per_unit = 0;
    assert!(matches!(trend_svg(&unscaled), Err(ChartError::Scale { .. })));
    assert_eq!(daily_svg(&DailyChart { window: 0, ..daily(vec![1]) }), Err(ChartError::Window));
}

fn value() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => -5_000_000_i64..50_000_000,
        2 => Just(0),
        1 => Just(i64::MIN),
        1 => Just(i64::MAX),
        1 => any::<i64>(),
    ]
}

/// Days after the point before, actual, planned, forecast.
type Step = (u64, Option<i64>, Option<i64>, Option<(i64, i64)>);

fn step() -> impl Strategy<Value = Step> {
    let option = || proptest::option::of(value());
    (1_u64..40, option(), option(), proptest::option::of((value(), value())))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_series_gives_a_finite_picture(
        steps in proptest::collection::vec(step(), 0..30),
        repeat in prop_oneof![4 => Just(1_usize), 1 => Just(25)],
        running in proptest::option::of(0_u64..2000),
        size in (96_u32..1400, 64_u32..500),
        unit in prop_oneof![Just(1_i64), Just(1_000_000), Just(3), Just(i64::MAX)],
    ) {
        let mut at = date(1, 1);
        let mut points = Vec::new();
        for (days, actual, planned, forecast) in steps.iter().cycle().take(steps.len() * repeat).copied() {
            at = at + Days::new(days);
            points.push(TrendPoint { date: at, actual, planned, forecast });
        }
        let chart = TrendChart {
            size: Size { width: size.0, height: size.1 },
            running_from: running.map(|days| date(1, 1) + Days::new(days)),
            scale: Scale { minor_per_unit: unit, ..wan() },
            points,
            ..september()
        };
        let picture = trend_svg(&chart).unwrap();
        assert_within(&picture);
        prop_assert!(picture.geometry.points.len() <= MAX_POINTS);
        prop_assert!(!picture.svg.contains("NaN") && !picture.svg.contains("inf"));
    }

    #[test]
    fn any_days_give_a_finite_picture(
        values in proptest::collection::vec(value(), 0..900),
        window in 1_usize..60,
        running in proptest::option::of(0_u64..1000),
    ) {
        let running_from = running.map(|days| date(1, 1) + Days::new(days));
        let picture = daily_svg(&DailyChart { window, running_from, ..daily(values.clone()) }).unwrap();
        assert_within(&picture);
        prop_assert!(picture.geometry.points.len() <= MAX_POINTS);
        if let Some(most) = values.iter().max() {
            let most = decimal(*most, 2);
            prop_assert!(picture.geometry.points.iter().any(|point| point.actual.as_ref() == Some(&most)));
        }
    }
}
