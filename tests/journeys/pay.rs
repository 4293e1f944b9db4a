//! Pay in the real window: closing with its checklist, payslips, what one more customer is worth, why a month paid.

use super::{Desk, Language};
use chrono::Datelike;
use serde_json::json;

/// Wu Qian has no base salary: nothing is closed before it is imported, and then the month closes to the cent.
pub fn hr_repairs_what_the_checklist_says_and_closes(language: Language) {
    let mut desk = Desk::open("close", language);
    desk.company(language);
    let today = chrono::Local::now().date_naive();
    let last = today.with_day(1).unwrap().pred_opt().unwrap();
    let (year, month) = (last.format("%Y"), last.format("%Y-%m"));
    desk.import("units.csv", "unit_id,name,parent_id,kind\ncompany,青禾商用咖啡,,company\n");
    desk.press("import-done");
    desk.import(
        "people.csv",
        &format!(
            "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
             li-si,李四,company,new_business,rep,8000,{month}-01,\n\
             wu-qian,吴倩,company,new_business,rep,,{month}-01,\n"
        ),
    );
    desk.press("import-done");
    desk.import(
        "goals.csv",
        &format!(
            "goal_id,parent_id,owner_id,metric,period,target,locked\n\
             g-li-si,,li-si,sales_amount,{year},1200000,\n\
             g-wu-qian,,wu-qian,sales_amount,{year},1200000,\n"
        ),
    );
    desk.press("import-done");
    desk.import(
        "orders.csv",
        &format!(
            "order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n\
             o-1,c-1,new,li-si,{month}-01,100000,60000,CNY,booked,beans\n\
             o-2,c-2,new,wu-qian,{month}-01,100000,60000,CNY,booked,beans\n"
        ),
    );
    desk.press("import-done");
    // The system's file dialog is left out; what it leads to is real.
    let plan = format!(
        "id = \"sales\"\nname = {{ zh = \"销售方案\", en = \"Sales plan\" }}\nversion = 1\nposition = \"new_business\"\n\
         currency = \"CNY\"\neffective_from = {month}-01\n\n[[components]]\nmetric = \"sales_amount\"\nweight = 100\n\
         target = \"goal\"\ncap = \"100 %\"\n\n[[bands]]\nat_least = 90\nmultiple = 1.25\n"
    );
    let publish = "window.__TAURI_INTERNALS__.invoke('plan_publish', { source: arguments[0] })
        .then(() => done(null), (problem) => done(JSON.stringify(problem)))";
    let problem = desk.window().run_async(publish, json!([plan])).unwrap();
    assert!(problem.is_null(), "{problem}");
    desk.press("rail-incentives");
    desk.reads("closing-total", "10,000.00");
    desk.reads("lack-salary", "吴倩");
    desk.reads("closing-open", language.pick("还有 1 项没有处理", "1 line is open"));
    assert!(desk.window().find(&Desk::id("period-close")).is_err(), "a month closes with an open line");
    desk.picture("checklist");
    desk.press("rail-data");
    desk.import(
        "salary.csv",
        &format!(
            "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
             wu-qian,吴倩,company,new_business,rep,10000,{month}-01,\n"
        ),
    );
    desk.press("import-done");
    desk.press("rail-incentives");
    desk.reads("closing-total", "22,500.00");
    desk.press("period-close");
    desk.reads("close-sheet", "22,500.00");
    desk.picture("confirm");
    desk.press("period-close-confirm");
    desk.reads("lead", language.pick("奖金已关闭到", "pay closed up to"));
    desk.reads("closing-lead", language.pick("还没有结束", "still running"));
    desk.picture("closed");
    desk.close();
}

/// HR closes the sample's September: each open line is accepted with a reason, and the payslips go to payroll with its own
/// columns. The system's file dialog is left out; what it leads to is real.
pub fn hr_closes_september_and_exports_payslips(language: Language) {
    let mut desk = Desk::open_on("september", language, Some("2026-10-09"));
    desk.sample(language);
    desk.press("rail-incentives");
    desk.reads("closing-lead", language.pick("2026年9月", "September 2026"));
    desk.see("closing-open");
    desk.picture("checklist");
    let open = "return [...document.querySelectorAll('[data-testid^=lack-]')].map(e => e.dataset.testid.slice(5))";
    let open = desk.window().run(open, json!([])).unwrap();
    let open: Vec<&str> = open.as_array().unwrap().iter().map(|lack| lack.as_str().unwrap()).collect();
    assert!(!open.is_empty() && !open.contains(&"figures"), "{open:?}");
    let reason = language.pick("九月入职，没有可考核的数据", "joined in September, nothing to be judged by yet");
    for lack in &open {
        desk.fill(&format!("reason-{lack}"), reason);
        desk.ready(&format!("accept-{lack}"));
        desk.press(&format!("accept-{lack}"));
        desk.window().wait_text(&Desk::id(&format!("lack-{lack}")), reason).unwrap();
    }
    desk.picture("accepted");
    desk.press("period-close");
    desk.reads("close-sheet", reason);
    desk.picture("confirm");
    desk.press("period-close-confirm");
    desk.reads("lead", language.pick("奖金已关闭到2026年9月", "September 2026"));
    desk.window().wait(&format!("{} option[value=\"2026-09\"]", Desk::id("payslips"))).unwrap();
    desk.picture("closed");

    let (mapping, file) = (desk.home.path().join("payroll.toml"), desk.home.path().join("payslips.csv"));
    std::fs::write(&mapping, "[columns]\n\"工号\" = \"person_id\"\n\"应发\" = \"pay_total\"\n").unwrap();
    let export = "const [period, path, mapping] = arguments;
        window.__TAURI_INTERNALS__.invoke('payslip_export', { period, path, mapping })
            .then((rows) => done(rows), (problem) => done(JSON.stringify(problem)))";
    let paths = json!(["2026-09", file.display().to_string(), mapping.display().to_string()]);
    let rows = desk.window().run_async(export, paths).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(rows.as_u64(), Some(lines.len() as u64 - 1), "{rows}");
    assert_eq!(lines[0], "工号,应发");
    assert!(lines.iter().any(|line| line.starts_with("zhang-san,")), "{text}");
    // The reason is on the trail.
    desk.press("rail-data");
    desk.window().wait("main [role=tab]").unwrap();
    desk.window().run("[...document.querySelectorAll('main [role=tab]')].at(-1).click()", json!([])).unwrap();
    desk.window().wait_text("main", reason).unwrap();
    desk.picture("trail");
    desk.close();
}

/// Wu Qian: 11 of 10 customers paid 10,000; a twelfth crosses 120 %. This month shows a range, provisional, and what moves it.
pub fn one_more_customer_is_worth_two_thousand(language: Language) {
    let mut desk = Desk::open("wu-qian", language);
    desk.sample(language);
    desk.see_as("wu-qian");
    desk.press("rail-pay");
    desk.reads("pay-amount", "10,000.00");
    let more = format!("{} + button", Desk::id("step-new_customers"));
    desk.window().press(&more).unwrap();
    desk.reads("what-if", "12,000.00");
    desk.picture("one-more");
    desk.window().press(&Desk::id("accelerator-new_customers")).unwrap();
    desk.window().wait_text("section.drawer", "120").unwrap();
    desk.picture("rule");
    let choose = "const field = document.querySelector('main select.field');
        field.value = '2026-09'; field.dispatchEvent(new Event('change', { bubbles: true }))";
    desk.window().run(choose, json!([])).unwrap();
    desk.reads("pay-state", language.pick("暂估", "provisional"));
    desk.reads("pay-amount", "–");
    desk.reads("pay-moves", language.pick("至少 +¥", "at least +¥"));
    desk.picture("running");
    desk.close();
}

/// Zhang San asks why August paid 18,000.00, is told line by line, looks at the thirteen orders of his new customers, and
/// begins a note to his manager about the line that came to less than it could.
pub fn a_rep_asks_why_august_paid_what_it_paid(language: Language) {
    let mut desk = Desk::open("why-paid", language);
    desk.sample(language);
    desk.see_as("zhang-san");
    desk.press("rail-pay");
    desk.reads("pay-amount", "18,000.00");
    desk.press("pay-amount");
    desk.reads("why-value", "18,000.00");
    for line in ["13", "363,000", "83.3%", "95.00", "1.25", "1.20", "12,000"] {
        desk.window().wait_text("section.drawer", line).unwrap();
    }
    desk.picture("why");
    desk.window().press("section.drawer button.close").unwrap();
    desk.press("open-new_customers");
    let orders = language.pick("订单 13", "Orders 13");
    desk.window().wait_text(".behind", orders).unwrap();
    desk.see("orders-rest");
    desk.press("open-retention_rate");
    desk.window().wait_text("main", language.pick("客户 90", "Customers 90")).unwrap();
    desk.picture("orders");
    desk.press("question-retention_rate");
    let quoted = "const text = document.querySelector('[data-testid=note-text]');
        return text && document.activeElement === text ? text.value : ''";
    let begun = (0..50).find_map(|_| {
        let text = desk.window().run(quoted, json!([])).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(100));
        text.as_str().filter(|text| text.starts_with("> ")).map(str::to_owned)
    });
    assert!(begun.as_deref().is_some_and(|text| text.contains("83.3%") && text.ends_with("\n\n")), "{begun:?}");
    desk.picture("question");
    desk.close();
}
