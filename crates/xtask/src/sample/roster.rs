//! Owns who is in the sample company and what each was set as a goal: units, people, goals.
//! Absent: anything that happened (orders, credits, notes).

use super::rng::split;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pos {
    Nb,
    Am,
}

/// One rep. Money in whole yuan, rates in permille.
pub struct Rep {
    pub id: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    pub team: &'static str,
    pub pos: Pos,
    pub base: i64,
    pub joined: &'static str,
    /// First month with orders (0 is 2025-04).
    pub start: usize,
    /// Monthly sales goal; in Gui the year's goal divided by twelve, shaped by the team's profile.
    pub goal: i64,
    /// Monthly goal of new customers (new-business reps).
    pub new_goal: i64,
    /// Customers active at 2026-08-01.
    pub seats: i64,
    /// How the year has gone, relative to the team.
    pub form: i64,
    /// September to date as a share of what was planned to date.
    pub pace: i64,
}

#[allow(clippy::too_many_arguments)]
const fn rep(
    id: &'static str,
    zh: &'static str,
    en: &'static str,
    team: &'static str,
    pos: Pos,
    base: i64,
    joined: &'static str,
    start: usize,
    n: [i64; 5],
) -> Rep {
    Rep { id, zh, en, team, pos, base, joined, start, goal: n[0], new_goal: n[1], seats: n[2], form: n[3], pace: n[4] }
}

use Pos::{Am, Nb};

pub static REPS: [Rep; 45] = [
    rep("zhang-san", "张三", "Zhang San", "jia", Nb, 12_000, "2023-03-06", 0, [330_000, 10, 90, 1000, 0]),
    rep("li-si", "李四", "Li Si", "jia", Nb, 10_000, "2026-09-01", 17, [160_000, 4, 0, 1000, 0]),
    rep("wu-qian", "吴倩", "Wu Qian", "yi", Nb, 10_000, "2024-07-01", 0, [110_000, 10, 50, 890, 0]),
    rep("he-jing", "何静", "He Jing", "yi", Nb, 10_500, "2024-02-19", 0, [110_000, 5, 40, 740, 0]),
    rep("sun-li", "孙丽", "Sun Li", "yi", Am, 9_000, "2022-09-13", 0, [99_000, 0, 50, 1010, 0]),
    rep("guo-tao", "郭涛", "Guo Tao", "yi", Nb, 9_500, "2024-10-08", 0, [99_000, 4, 49, 830, 0]),
    rep("deng-min", "邓敏", "Deng Min", "yi", Am, 8_500, "2023-11-20", 0, [77_000, 0, 39, 850, 0]),
    rep("han-xue", "韩雪", "Han Xue", "bing", Nb, 9_800, "2023-05-15", 0, [99_000, 7, 96, 1000, 0]),
    rep("cao-yang", "曹阳", "Cao Yang", "bing", Nb, 9_600, "2024-03-11", 0, [88_000, 6, 95, 1090, 0]),
    rep("peng-fei", "彭飞", "Peng Fei", "bing", Nb, 9_200, "2024-06-03", 0, [88_000, 6, 95, 980, 0]),
    rep("ye-qing", "叶青", "Ye Qing", "bing", Nb, 9_000, "2025-03-03", 0, [77_000, 6, 94, 960, 0]),
    rep("su-yue", "苏悦", "Su Yue", "bing", Am, 8_800, "2022-04-18", 0, [77_000, 0, 120, 1040, 0]),
    rep("feng-lei", "冯磊", "Feng Lei", "ding", Nb, 11_000, "2022-11-07", 0, [120_000, 6, 50, 1250, 0]),
    rep("yuan-lin", "袁琳", "Yuan Lin", "ding", Am, 8_600, "2023-08-14", 0, [99_000, 0, 37, 1010, 652]),
    rep("jiang-bo", "蒋波", "Jiang Bo", "ding", Nb, 9_000, "2026-05-01", 13, [77_000, 4, 14, 990, 648]),
    rep("cai-yun", "蔡芸", "Cai Yun", "ding", Nb, 9_000, "2026-07-01", 15, [66_000, 4, 6, 960, 701]),
    rep("pan-long", "潘龙", "Pan Long", "ding", Am, 8_000, "2026-07-01", 15, [66_000, 0, 8, 960, 645]),
    rep("du-juan", "杜鹃", "Du Juan", "wu", Nb, 12_500, "2021-06-21", 0, [242_000, 4, 51, 1060, 1124]),
    rep("ding-hao", "丁浩", "Ding Hao", "wu", Nb, 11_800, "2022-03-14", 0, [231_000, 4, 49, 960, 968]),
    rep("ren-jie", "任杰", "Ren Jie", "wu", Am, 10_200, "2022-08-01", 0, [220_000, 0, 42, 1010, 1035]),
    rep("yao-lan", "姚兰", "Yao Lan", "wu", Am, 10_000, "2023-02-06", 0, [220_000, 0, 39, 980, 991]),
    rep("xu-lei", "许磊", "Xu Lei", "ji", Nb, 11_000, "2023-07-17", 0, [220_000, 5, 36, 960, 942]),
    rep("shen-yu", "沈宇", "Shen Yu", "ji", Nb, 12_200, "2021-09-27", 0, [242_000, 4, 50, 1050, 1083]),
    rep("fan-li", "范丽", "Fan Li", "ji", Am, 10_500, "2022-05-09", 0, [220_000, 0, 40, 1020, 1007]),
    rep("lu-ming", "陆明", "Lu Ming", "ji", Am, 9_600, "2024-01-08", 0, [198_000, 0, 38, 950, 874]),
    rep("jin-xin", "金鑫", "Jin Xin", "ji", Am, 9_700, "2023-12-04", 0, [198_000, 0, 39, 1010, 1012]),
    rep("dai-wei", "戴维", "Dai Wei", "geng", Nb, 11_500, "2022-10-10", 0, [220_000, 4, 49, 1000, 976]),
    rep("xia-he", "夏荷", "Xia He", "geng", Am, 10_300, "2022-07-04", 0, [209_000, 0, 40, 1040, 1058]),
    rep("zhong-hua", "钟华", "Zhong Hua", "geng", Am, 10_000, "2023-04-03", 0, [198_000, 0, 39, 1000, 1021]),
    rep("tian-tian", "田甜", "Tian Tian", "geng", Am, 9_400, "2024-04-22", 0, [187_000, 0, 38, 1010, 995]),
    rep("wang-lei", "汪磊", "Wang Lei", "geng", Am, 9_300, "2024-09-02", 0, [187_000, 0, 38, 940, 887]),
    rep("tang-wei", "唐伟", "Tang Wei", "xin", Nb, 12_800, "2021-03-29", 0, [275_000, 5, 52, 1000, 951]),
    rep("jia-nan", "贾楠", "Jia Nan", "xin", Nb, 12_000, "2022-02-21", 0, [264_000, 4, 51, 960, 918]),
    rep("lv-ting", "吕婷", "Lü Ting", "xin", Nb, 11_900, "2022-06-27", 0, [253_000, 4, 50, 1060, 1016]),
    rep("shi-lei", "石磊", "Shi Lei", "xin", Am, 10_600, "2021-12-06", 0, [231_000, 0, 42, 1030, 972]),
    rep("gu-yan", "顾妍", "Gu Yan", "xin", Am, 9_900, "2024-05-20", 0, [220_000, 0, 39, 900, 793]),
    rep("zheng-kai", "郑凯", "Zheng Kai", "ren", Nb, 12_600, "2021-10-18", 0, [264_000, 5, 53, 1180, 1420]),
    rep("hou-bin", "侯斌", "Hou Bin", "ren", Nb, 11_600, "2022-12-12", 0, [242_000, 4, 50, 970, 931]),
    rep("long-fei", "龙飞", "Long Fei", "ren", Nb, 11_400, "2023-06-05", 0, [242_000, 4, 49, 880, 764]),
    rep("wan-qing", "万晴", "Wan Qing", "ren", Am, 10_400, "2022-01-17", 0, [231_000, 0, 40, 1010, 1043]),
    rep("duan-rui", "段瑞", "Duan Rui", "ren", Am, 9_800, "2024-08-12", 0, [220_000, 0, 39, 960, 962]),
    rep("lei-ting", "雷婷", "Lei Ting", "gui", Nb, 12_300, "2021-05-10", 0, [275_000, 4, 51, 1040, 1066]),
    rep("qian-jun", "钱军", "Qian Jun", "gui", Nb, 12_000, "2022-09-26", 0, [275_000, 4, 50, 970, 937]),
    rep("tang-yun", "汤云", "Tang Yun", "gui", Am, 10_400, "2023-01-09", 0, [266_666, 0, 42, 1010, 1004]),
    rep("yin-jing", "尹静", "Yin Jing", "gui", Am, 10_100, "2023-10-16", 0, [266_666, 0, 40, 970, 856]),
];

/// id, 中文, English, parent, kind, goal of the year in yuan (0 for none).
pub const UNITS: [(&str, &str, &str, &str, &str, i64); 14] = [
    ("company", "青禾商用咖啡", "Qinghe Coffee Supply", "", "company", 100_000_000),
    ("A", "华东", "East", "company", "region", 20_000_000),
    ("B", "华南", "South", "company", "region", 36_000_000),
    ("C", "华北", "North", "company", "region", 42_000_000),
    ("jia", "甲", "Jia", "A", "team", 4_000_000),
    ("yi", "乙", "Yi", "A", "team", 6_000_000),
    ("bing", "丙", "Bing", "A", "team", 5_200_000),
    ("ding", "丁", "Ding", "A", "team", 4_600_000),
    ("wu", "戊", "Wu", "B", "team", 11_000_000),
    ("ji", "己", "Ji", "B", "team", 13_000_000),
    ("geng", "庚", "Geng", "B", "team", 12_000_000),
    ("xin", "辛", "Xin", "C", "team", 15_000_000),
    ("ren", "壬", "Ren", "C", "team", 14_400_000),
    ("gui", "癸", "Gui", "C", "team", 13_000_000),
];

/// Spring Festival profile of Gui: February 4 %, November 12 %, the others alike.
const GUI: [i64; 12] = [84, 40, 84, 84, 84, 84, 84, 84, 84, 84, 120, 84];
const FLAT: [i64; 12] = [1; 12];

/// The twelve months of a rep's 2026 sales goal.
pub fn months26(r: &Rep) -> Vec<i64> {
    if r.team == "gui" {
        return split(year26(r), &GUI);
    }
    // Late joiners carry a goal from the month they join.
    let first = r.start.saturating_sub(super::calendar::JAN26);
    (0..12).map(|k| if k < first { 0 } else { r.goal }).collect()
}

/// A rep's 2026 sales goal.
pub fn year26(r: &Rep) -> i64 {
    if r.team == "gui" {
        return if r.goal == 266_666 { 3_200_000 } else { r.goal * 12 };
    }
    let first = r.start.saturating_sub(super::calendar::JAN26) as i64;
    r.goal * (12 - first)
}

pub fn units_csv() -> String {
    let mut s = String::from("unit_id,name,name_en,parent_id,kind\n");
    for (id, zh, en, parent, kind, _) in UNITS {
        s.push_str(&format!("{id},{zh},{en},{parent},{kind}\n"));
    }
    s
}

/// id, 中文, English, units, position, role, base salary, joined.
type Lead = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, i64, &'static str);

const LEADS: [Lead; 15] = [
    ("zhao-jianguo", "赵建国", "Zhao Jianguo", "company", "general_manager", "manager", 45_000, "2016-05-03"),
    ("wang-fang", "王芳", "Wang Fang", "company", "hr", "hr", 22_000, "2018-04-09"),
    ("qian-wei", "钱薇", "Qian Wei", "company", "finance", "finance", 21_000, "2018-10-15"),
    ("zhou-tao", "周涛", "Zhou Tao", "company", "admin", "admin", 16_000, "2020-06-01"),
    ("lin-zhiyuan", "林志远", "Lin Zhiyuan", "A", "director", "manager", 32_000, "2017-03-13"),
    ("he-wenbin", "何文斌", "He Wenbin", "B", "director", "manager", 33_000, "2017-08-21"),
    ("gao-xia", "高霞", "Gao Xia", "C", "director", "manager", 33_500, "2016-11-07"),
    ("li-na", "李娜", "Li Na", "jia yi bing", "team_lead", "manager", 20_000, "2019-02-18"),
    ("chen-gang", "陈刚", "Chen Gang", "ding", "team_lead", "manager", 18_500, "2020-03-16"),
    ("huang-ying", "黄英", "Huang Ying", "wu", "team_lead", "manager", 19_500, "2019-07-22"),
    ("sun-hao", "孙浩", "Sun Hao", "ji", "team_lead", "manager", 19_800, "2019-05-27"),
    ("ma-li", "马丽", "Ma Li", "geng", "team_lead", "manager", 19_200, "2020-09-07"),
    ("liang-chao", "梁超", "Liang Chao", "xin", "team_lead", "manager", 20_200, "2018-12-10"),
    ("luo-jing", "罗静", "Luo Jing", "ren", "team_lead", "manager", 19_900, "2019-10-14"),
    ("song-wei", "宋伟", "Song Wei", "gui", "team_lead", "manager", 19_400, "2020-01-06"),
];

pub fn people_csv() -> String {
    let mut s = String::from("person_id,name,name_en,unit_id,position,role,base_salary,joined_on,left_on\n");
    for (id, zh, en, units, position, role, base, joined) in LEADS {
        for unit in units.split(' ') {
            s.push_str(&format!("{id},{zh},{en},{unit},{position},{role},{base}.00,{joined},\n"));
        }
    }
    for r in &REPS {
        let position = if r.pos == Nb { "new_business" } else { "account_manager" };
        let mut row = |unit: &str, from: &str, to: &str| {
            let (id, zh, en, base) = (r.id, r.zh, r.en, r.base);
            s.push_str(&format!("{id},{zh},{en},{unit},{position},rep,{base}.00,{from},{to}\n"));
        };
        if r.id == "he-jing" {
            row("ding", r.joined, "2026-04-30");
            row("yi", "2026-05-01", "");
        } else {
            row(r.team, r.joined, "");
        }
    }
    s
}

pub fn goals_csv() -> String {
    let mut s = String::from("goal_id,parent_id,owner_id,metric,period,target,locked\n");
    let mut goal =
        |id: &str, parent: &str, owner: &str, metric: &str, year: i64, total: String, months: Vec<String>| {
            let lock = year == 2026 && metric == "sales_amount" && ["jin-xin", "yao-lan", "hou-bin"].contains(&owner);
            s.push_str(&format!("{id},{parent},{owner},{metric},{year},{total},{lock}\n"));
            for (k, target) in months.iter().enumerate() {
                s.push_str(&format!("{id},{parent},{owner},{metric},{year}-{:02},{target},false\n", k + 1));
            }
        };
    let yuan = |v: i64| format!("{v}.00");
    for year in [2026, 2027] {
        let tag = year - 2000;
        let id = |owner: &str| format!("g{tag}-{owner}");
        for (owner, _, _, parent, _, total) in UNITS {
            let months = split(total * 100, if owner == "gui" { &GUI } else { &FLAT });
            let parent = if parent.is_empty() { String::new() } else { id(parent) };
            let fen = |v: i64| format!("{}.{:02}", v / 100, v % 100);
            goal(&id(owner), &parent, owner, "sales_amount", year, yuan(total), months.into_iter().map(fen).collect());
        }
        for r in &REPS {
            let total = year26(r);
            let months = match (year, r.team) {
                (2026, _) => months26(r),
                (_, "gui") => split(total, &GUI),
                _ => split(total, &FLAT),
            };
            goal(
                &id(r.id),
                &id(r.team),
                r.id,
                "sales_amount",
                year,
                yuan(total),
                months.into_iter().map(yuan).collect(),
            );
        }
    }
    for r in &REPS {
        if r.pos == Nb {
            let first = r.start.saturating_sub(super::calendar::JAN26);
            let months: Vec<i64> = (0..12).map(|k| if k < first { 0 } else { r.new_goal }).collect();
            let total: i64 = months.iter().sum();
            let id = format!("g26-{}-new_customers", r.id);
            goal(&id, "", r.id, "new_customers", 2026, total.to_string(), months.iter().map(i64::to_string).collect());
        } else {
            let id = format!("g26-{}-repurchase_rate", r.id);
            goal(&id, "", r.id, "repurchase_rate", 2026, "0.50".into(), vec!["0.50".into(); 12]);
        }
    }
    s
}
