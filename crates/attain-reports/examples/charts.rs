//! Draws sample charts as files of their own, to be looked at: `cargo run --release -p attain-reports --example charts DIR`.
//! Says how long the largest takes.

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use attain_reports::{
    DailyChart, DailyWords, DateTick, Scale, Size, TrendChart, TrendPicture, TrendPoint, TrendWords, daily_svg,
    standalone_svg, trend_svg,
};
use chrono::{Days, NaiveDate};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: charts DIR")?);
    std::fs::create_dir_all(&folder)?;
    let save = |name: &str, picture: &TrendPicture| {
        std::fs::write(folder.join(format!("{name}.svg")), standalone_svg(&picture.svg))
    };

    save("team-september", &trend_svg(&september(Size { width: 880, height: 220 }, 60, true)?)?)?;
    save("ahead-september", &trend_svg(&september(Size { width: 560, height: 180 }, 120, true)?)?)?;
    save("small-multiple", &trend_svg(&september(Size::SMALL_MULTIPLE, 75, true)?)?)?;
    save("year", &trend_svg(&year(Size { width: 880, height: 220 })?)?)?;
    save("english-year", &trend_svg(&english(year(Size { width: 880, height: 220 })?))?)?;
    save("daily", &daily_svg(&days(365)?)?)?;
    let nothing = TrendChart { points: Vec::new(), ..september(Size { width: 560, height: 180 }, 60, false)? };
    save("no-data", &trend_svg(&nothing)?)?;
    let refunds = TrendChart {
        points: (1..=30)
            .map(|day| {
                Ok(TrendPoint {
                    date: date(9, day)?,
                    actual: Some(3_000_000 - i64::from(day * day) * 12_000),
                    planned: Some(i64::from(day) * 300_000),
                    forecast: None,
                })
            })
            .collect::<Result<_, Box<dyn Error>>>()?,
        ..september(Size { width: 560, height: 180 }, 60, false)?
    };
    save("refunds", &trend_svg(&refunds)?)?;

    let (chart, trend) = (days(365)?, year(Size::TEAM)?);
    for (name, draw) in [("daily", &(|| daily_svg(&chart)) as &dyn Fn() -> _), ("trend", &|| trend_svg(&trend))] {
        let mut times: Vec<_> = (0..500)
            .map(|_| {
                let start = Instant::now();
                std::hint::black_box(draw()).map(|_| start.elapsed())
            })
            .collect::<Result<_, _>>()?;
        times.sort();
        println!("{name}: median {:?}, slowest {:?} of 500", times[250], times[499]);
    }
    Ok(())
}

fn date(month: u32, day: u32) -> Result<NaiveDate, Box<dyn Error>> {
    Ok(NaiveDate::from_ymd_opt(2026, month, day).ok_or("no such day")?)
}

/// A month seen on its 20th, with `percent` of the plan reached.
fn september(size: Size, percent: i64, with_forecast: bool) -> Result<TrendChart, Box<dyn Error>> {
    let mut points = Vec::new();
    let (mut actual, mut planned) = (0_i64, 0_i64);
    for day in 1..=30 {
        let working = !matches!(day % 7, 5 | 6);
        planned += if working { 18_000_000 } else { 0 };
        actual += if working { 18_000_000 * percent * (85 + i64::from(day * 37 % 30)) / 10_000 } else { 900_000 };
        let past = i64::from(day) - 20;
        let shown = day <= 20;
        points.push(TrendPoint {
            date: date(9, day)?,
            actual: shown.then_some(actual),
            planned: Some(planned),
            forecast: (!shown && with_forecast).then(|| (actual - past * 1_500_000, actual + past * 2_200_000)),
        });
    }
    Ok(TrendChart {
        size,
        points,
        running_from: Some(date(9, 14)?),
        scale: Scale { unit: "万元".into(), minor_per_unit: 1_000_000, decimals: 2 },
        date_ticks: [1, 7, 14, 21, 28]
            .into_iter()
            .map(|day| Ok(DateTick { date: date(9, day)?, label: format!("9月{day}日") }))
            .collect::<Result<_, Box<dyn Error>>>()?,
        also_on_scale: Vec::new(),
        words: TrendWords {
            name: "团队 9月销售额".into(),
            actual: "实际".into(),
            planned: "计划".into(),
            forecast: "预测".into(),
            no_data: "— 无数据".into(),
        },
    })
}

/// A year to 20 September, August closed.
fn year(size: Size) -> Result<TrendChart, Box<dyn Error>> {
    let mut points = Vec::new();
    let mut actual = 0_i64;
    for index in 0..365_u64 {
        let at = date(1, 1)? + Days::new(index);
        let day = i64::try_from(index)?;
        actual += 95_000_000 + (day * 7919 % 60_000_000) - 30_000_000 - if day > 200 { 25_000_000 } else { 0 };
        let shown = at <= date(9, 20)?;
        let past = day - 262;
        points.push(TrendPoint {
            date: at,
            actual: shown.then_some(actual),
            planned: Some(40_000_000_000 / 365 * (day + 1)),
            forecast: (!shown).then(|| (actual - past * 16_000_000, actual + past * 20_000_000)),
        });
    }
    Ok(TrendChart {
        points,
        running_from: Some(date(9, 1)?),
        date_ticks: (1..=12)
            .map(|month| Ok(DateTick { date: date(month, 1)?, label: format!("{month}月") }))
            .collect::<Result<_, Box<dyn Error>>>()?,
        ..september(size, 60, true)?
    })
}

fn english(mut chart: TrendChart) -> TrendChart {
    chart.scale = Scale { unit: "¥K".into(), minor_per_unit: 100_000, decimals: 2 };
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    for (tick, month) in chart.date_ticks.iter_mut().zip(months) {
        tick.label = month.into();
    }
    chart.words = TrendWords {
        name: "Team, 2026".into(),
        actual: "Actual".into(),
        planned: "Plan".into(),
        forecast: "Forecast".into(),
        no_data: "— no data".into(),
    };
    chart
}

fn days(count: i64) -> Result<DailyChart, Box<dyn Error>> {
    let values = (0..count).map(|day| {
        let weekend = matches!(day % 7, 2 | 3);
        let season = 9_000_000 + (day - 180) * (day - 180) * 120;
        if weekend { season / 6 } else { season + day * 7_919_993 % 6_000_000 }
    });
    Ok(DailyChart {
        size: Size::DAILY,
        start: date(1, 1)?,
        values: values.collect(),
        window: 28,
        running_from: Some(date(12, 1)?),
        scale: Scale { unit: "万元".into(), minor_per_unit: 1_000_000, decimals: 2 },
        date_ticks: (1..=12)
            .map(|month| Ok(DateTick { date: date(month, 1)?, label: format!("{month}月") }))
            .collect::<Result<_, Box<dyn Error>>>()?,
        words: DailyWords {
            name: "每日销售额".into(),
            daily: "每日".into(),
            average: "28天均值".into(),
            no_data: "— 无数据".into(),
        },
    })
}
