//! Owns what people wrote and scored by hand: feedback notes and teamwork scores. Absent: figures from orders.

/// author, about, at, visibility, text.
const NOTES: [(&str, &str, &str, &str, &str); 26] = [
    (
        "li-na",
        "zhang-san",
        "2026-06-11T17:40:00+08:00",
        "shared",
        "陪访浦东两家酒店,开场问需求问得很细,报价节奏可以再慢一点。新客户转化靠他这股劲。",
    ),
    (
        "li-na",
        "zhang-san",
        "2026-08-28T18:05:00+08:00",
        "shared",
        "8月新客户13家,奖金方案的三项都拿到了。聊到9月:两家大客户装机占时间,新客户拜访从每周9次降到5次,说好把周二、周四上午留给新客户。",
    ),
    (
        "li-na",
        "wu-qian",
        "2026-07-16T12:20:00+08:00",
        "shared",
        "新客户名单按行业重排后,本周约到6家。注意月底前把试机的报价跟完。",
    ),
    (
        "li-na",
        "wu-qian",
        "2026-09-02T09:30:00+08:00",
        "shared",
        "8月新客户11家,差1家到120%。复盘了没签下的那家:决策人换了,下次先确认采购流程。",
    ),
    (
        "li-na",
        "sun-li",
        "2026-09-03T16:10:00+08:00",
        "shared",
        "留存46/50,客户点名表扬补货提醒。请她月会分享怎么做补货日历。",
    ),
    (
        "li-na",
        "he-jing",
        "2026-06-24T10:15:00+08:00",
        "manager",
        "从丁队转来不到两个月,老客户带得稳,新区域的客户名单还薄,7月先给两条展会线索。",
    ),
    (
        "li-na",
        "he-jing",
        "2026-09-11T18:30:00+08:00",
        "shared",
        "一起看了8月得分:新客户达标,销售额72%拉低。目标是不是偏高,校准会前再算一次。",
    ),
    (
        "li-na",
        "guo-tao",
        "2026-09-14T17:55:00+08:00",
        "manager",
        "连续两周进度偏慢,手上三台咖啡机在等客户装修验收。周四一起去现场。",
    ),
    (
        "li-na",
        "peng-fei",
        "2026-08-31T11:00:00+08:00",
        "shared",
        "新客户数超额,但二次下单的少。报名「第二单」课程,两周后看首单客户的回访记录。",
    ),
    (
        "li-na",
        "ye-qing",
        "2026-09-07T15:25:00+08:00",
        "shared",
        "首单折扣给得偏大,客户比价后没再来。试试首单送校机服务代替降价。",
    ),
    (
        "li-na",
        "li-si",
        "2026-09-08T09:10:00+08:00",
        "shared",
        "第一周:熟悉产品线,跟张三跑了4家。写字楼茶水间方案讲得不错。",
    ),
    (
        "li-na",
        "li-si",
        "2026-09-17T18:45:00+08:00",
        "shared",
        "签下第一单10万元的全自动机方案,流程走得很规范。接下来把耗材续订讲清楚。",
    ),
    (
        "chen-gang",
        "feng-lei",
        "2026-07-22T14:00:00+08:00",
        "shared",
        "办公室客户跟得紧,7月新客户6家达标。留意毛利低的单子。",
    ),
    (
        "chen-gang",
        "feng-lei",
        "2026-09-09T10:40:00+08:00",
        "manager",
        "7月那单8,400元昨天退货,客户说豆子烘焙度不对。提醒他方案里90天内退货会追回,已当面说明。",
    ),
    ("chen-gang", "jiang-bo", "2026-07-30T17:20:00+08:00", "shared", "入职三个月,还在积累客户。每周陪访一次到9月底。"),
    (
        "sun-hao",
        "xu-lei",
        "2026-09-04T16:50:00+08:00",
        "shared",
        "连锁门店的客户维护得好,36家里30家照常补货。新客户还差1家。",
    ),
    (
        "sun-hao",
        "lu-ming",
        "2026-09-15T12:05:00+08:00",
        "manager",
        "两家客户换了供应商,原因是交期。和仓库约了周五对一次备货。",
    ),
    (
        "ma-li",
        "xia-he",
        "2026-06-18T11:30:00+08:00",
        "shared",
        "4月培训后开始做「第二单」回访,复购明显多了。把话术整理成一页给全队。",
    ),
    (
        "ma-li",
        "tian-tian",
        "2026-07-09T18:00:00+08:00",
        "shared",
        "Follow-up calls within ten days of the first delivery are working; keep the call list in the shared sheet.",
    ),
    (
        "liang-chao",
        "lv-ting",
        "2026-09-14T10:20:00+08:00",
        "manager",
        "60,000元那单和唐伟各记一半,吕婷不认可,说方案和报价都是她做的。周三三方一起核对邮件。",
    ),
    (
        "liang-chao",
        "gu-yan",
        "2026-08-12T17:15:00+08:00",
        "shared",
        "Two cafés paused their standing order for renovation. Ask for reopening dates and book the first delivery now.",
    ),
    (
        "luo-jing",
        "zheng-kai",
        "2026-09-01T19:10:00+08:00",
        "manager",
        "销售额142%,但线索不愿意共享,协作评分2.1(6人)。下周谈:先听他怎么看,再谈共享名单的规则。",
    ),
    (
        "luo-jing",
        "zheng-kai",
        "2026-09-10T16:35:00+08:00",
        "shared",
        "谈过一次:同意每周五把不跟的线索放回池子,9月底再看。",
    ),
    (
        "luo-jing",
        "long-fei",
        "2026-09-16T09:50:00+08:00",
        "shared",
        "本月进度偏慢,主要是两家酒店推迟招标。列了五家备选客户,下周一对进展。",
    ),
    (
        "song-wei",
        "lei-ting",
        "2026-07-02T15:40:00+08:00",
        "shared",
        "上半年客户盘得清楚,11月的年货季备货计划请她牵头。",
    ),
    (
        "lin-zhiyuan",
        "li-na",
        "2026-08-25T18:20:00+08:00",
        "shared",
        "Three teams are a lot for one lead. We agreed to pick a deputy for Yi by the end of October.",
    ),
];

pub fn notes_csv() -> String {
    let mut s = String::from("note_id,author_id,about_id,at,visibility,text\n");
    for (k, (author, about, at, visibility, text)) in NOTES.iter().enumerate() {
        s.push_str(&format!("n{:03},{author},{about},{at},{visibility},{}\n", k + 1, quote(text)));
    }
    s
}

fn quote(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_string() }
}

/// Sum of the scores out of 5 in tenths, and how many colleagues scored.
type Scores = (i64, i64);

/// person, 2026-Q2, 2026-Q3.
const TEAMWORK: [(&str, Scores, Scores); 18] = [
    ("zhang-san", (205, 5), (246, 6)),
    ("wu-qian", (168, 4), (208, 5)),
    ("sun-li", (222, 5), (272, 6)),
    ("he-jing", (198, 5), (196, 5)),
    ("guo-tao", (156, 4), (197, 5)),
    ("han-xue", (163, 4), (205, 5)),
    ("peng-fei", (152, 4), (190, 5)),
    ("feng-lei", (194, 5), (233, 6)),
    ("du-juan", (210, 5), (214, 5)),
    ("xu-lei", (206, 5), (203, 5)),
    ("shen-yu", (158, 4), (201, 5)),
    ("dai-wei", (164, 4), (207, 5)),
    ("xia-he", (217, 5), (264, 6)),
    ("tang-wei", (191, 5), (234, 6)),
    ("lv-ting", (160, 4), (199, 5)),
    ("zheng-kai", (145, 5), (126, 6)),
    ("hou-bin", (202, 5), (241, 6)),
    ("lei-ting", (169, 4), (212, 5)),
];

pub fn metrics_csv() -> String {
    let mut s = String::from("person_id,metric,period,numerator,denominator\n");
    for (person, q2, q3) in TEAMWORK {
        for (period, (sum, n)) in [("2026-Q2", q2), ("2026-Q3", q3)] {
            s.push_str(&format!("{person},teamwork_score,{period},{}.{},{n}\n", sum / 10, sum % 10));
        }
    }
    s
}
