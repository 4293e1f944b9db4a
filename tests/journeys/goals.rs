//! Goals in the real window: typed, raised, begun from last year, shifted and agreed on, reassigned.

use super::{Desk, Language};
use chrono::Datelike;
use serde_json::json;
use xtask::webdriver::key;

impl Desk {
    /// Types one month of a goal into its cell and saves it.
    pub fn set_month(&self, goal_id: &str, figure: &str) {
        self.cell(goal_id, "target");
        let (first, rest) = figure.split_at(1);
        self.window().chord(&[first]).unwrap();
        let field = self.window().wait("input.edit").unwrap();
        self.window().type_into(&field, rest).unwrap();
        self.window().chord(&[key::ENTER]).unwrap();
        self.see("adjust-month");
        self.ready("adjust-publish");
        self.press("adjust-publish");
        // The focus goes back to the row as the sheet closes.
        let sheet = Self::id("adjust-month");
        self.window().wait_until("the sheet to close", || self.window().find(&sheet).is_err().then_some(())).unwrap();
    }

    /// Chooses the year or month of the goals.
    pub fn period(&self, period: &str) {
        let script = "const [css, period] = arguments; const select = document.querySelector(css);
            select.value = period; select.dispatchEvent(new Event('change', { bubbles: true }))";
        self.window().run(script, json!([Self::id("period-select"), period])).unwrap();
        self.window().wait(&format!("[data-period=\"{period}\"]")).unwrap();
    }

    /// Chooses of a list.
    pub(super) fn pick(&self, id: &str, value: &str) {
        let script = "const [css, value] = arguments; const select = document.querySelector(css);
            select.value = value; select.dispatchEvent(new Event('change', { bubbles: true })); return select.value";
        self.see(id);
        let chosen = self.window().run(script, json!([Self::id(id), value])).unwrap();
        assert_eq!(chosen, json!(value), "{id} offers no {value}");
    }

    /// Looks as somebody else: what stands there then is theirs.
    pub fn see_as(&self, person: &str) {
        let lead = || self.window().find(&Self::id("lead")).and_then(|lead| self.window().text(&lead)).ok();
        self.window().wait(&format!("{} option[value=\"{person}\"]", Self::id("see-as"))).unwrap();
        self.see("lead");
        let before = lead();
        self.pick("see-as", person);
        self.window().wait_until(person, || lead().filter(|now| Some(now) != before.as_ref())).unwrap();
    }

    /// Puts the cursor on a cell of the grid.
    fn cell(&self, goal_id: &str, column: &str) {
        let css = format!("{} [data-col=\"{column}\"]", Self::id(&format!("goal-row-{goal_id}")));
        self.window().wait(&css).unwrap();
        self.window().run("document.querySelector(arguments[0]).focus()", json!([css])).unwrap();
    }
}

/// The company's goal is raised for the months that remain; Zhang San's months follow.
pub fn raising_the_company_moves_a_persons_months(language: Language) {
    let mut desk = Desk::open("raise", language);
    desk.sample(language);
    desk.press("rail-goals");
    desk.see("goal-row-g26-company");
    desk.press("goal-adjust");
    desk.fill("adjust-target", language.pick("1.2亿", "120M"));
    desk.see("adjust-parsed");
    // Zhang San, 330 000 a month: 528 000 in the four that remain, or 396 000; 4 752 000 or 4 224 000 in the year.
    let effect = |figure: &str| {
        let row = "[data-testid=adjust-sheet] tr:has([data-testid=effect-g26-zhang-san])";
        desk.window().wait_text(row, figure).unwrap()
    };
    desk.press("reading-year_total");
    effect(language.pick("475.2", "4,752.0"));
    desk.picture("year-total");
    desk.press("reading-remaining_share");
    effect(language.pick("422.4", "4,224.0"));
    desk.picture("preview");
    desk.ready("adjust-publish");
    desk.press("adjust-publish");
    desk.follow("attain://person/zhang-san");
    desk.window().wait_text("main", language.pick("39.6万", "396K")).unwrap();
    desk.picture("after");
    // And back: undo is for every change that is not published pay.
    desk.press("rail-goals");
    desk.see("goal-row-g26-company");
    desk.window().chord(&[key::CONTROL, "z"]).unwrap();
    desk.follow("attain://person/zhang-san");
    desk.window().wait_text("main", language.pick("33万", "330K")).unwrap();
    desk.close();
}

/// A month's cell is typed into: that month changes, the year only by as much, and undo brings it back.
pub fn a_months_goal_is_typed_and_undone(language: Language) {
    let mut desk = Desk::open("month", language);
    desk.sample(language);
    desk.press("rail-goals");
    desk.see("goal-row-g26-company");
    desk.period("2026-10");
    let cell = |figure: &str| desk.window().wait_text(&Desk::id("goal-row-g26-company"), figure).unwrap();
    cell(language.pick("833.3", "8,333.3"));
    desk.cell("g26-company", "target");
    desk.window().chord(&["9"]).unwrap();
    let field = desk.window().wait("input.edit").unwrap();
    desk.window().type_into(&field, language.pick("00万", "M")).unwrap();
    desk.window().chord(&[key::ENTER]).unwrap();
    desk.reads("adjust-month", language.pick("只改2026年10月", "Only October 2026 changes"));
    desk.picture("preview");
    desk.ready("adjust-publish");
    desk.press("adjust-publish");
    cell(language.pick("900.0", "9,000.0"));
    desk.picture("after");
    desk.window().chord(&[key::CONTROL, "z"]).unwrap();
    cell(language.pick("833.3", "8,333.3"));
    // A closed month takes no figure.
    desk.period("2026-08");
    desk.window().wait(&format!("{}[disabled]", Desk::id("goal-adjust"))).unwrap();
    desk.close();
}

/// A year without goals takes last year's tree with last year's actuals, and can be typed on from there.
pub fn next_year_is_built_from_this_years_actuals(language: Language) {
    let mut desk = Desk::open("next-year", language);
    desk.company(language);
    let today = chrono::Local::now().date_naive();
    let (year, month) = (today.year(), today.format("%Y-%m"));
    desk.import_li_si(year);
    desk.import(
        "orders.csv",
        &format!(
            "order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n\
             o-1,c-1,new,li-si,{month}-01,100000,60000,CNY,booked,beans\n"
        ),
    );
    desk.press("import-done");
    desk.press("rail-goals");
    desk.see("goal-row-g-company");
    desk.pick("period-select", &(year + 1).to_string());
    desk.window().wait_text("main", language.pick("还没有目标", "No goals yet")).unwrap();
    desk.window().press("main .empty button").unwrap();
    let row = Desk::id(&format!("goal-row-g{:02}-li-si", (year + 1) % 100));
    desk.window().wait_text(&row, language.pick("10.0", "100.0")).unwrap();
    desk.picture("built");
    desk.close();
}

/// A manager shifts 50 000 between two reps of a team, which is beyond the freedom: it is sent back, made again smaller,
/// approved; and the rep whose goal changed takes note of it.
pub fn a_shift_beyond_the_freedom_is_agreed_and_acknowledged(language: Language) {
    let mut desk = Desk::open("agree", language);
    desk.sample(language);
    desk.see_as("li-na");
    desk.press("rail-goals");
    // Her three teams, in the order in which they were entered.
    desk.window().wait_text(&Desk::id("goal-row-g26-jia"), language.pick("甲", "Jia")).unwrap();
    let order = "return [...document.querySelectorAll('tr[aria-level=\"1\"]')].map(tr => tr.dataset.id)";
    assert_eq!(desk.window().run(order, json!([])).unwrap(), json!(["g26-jia", "g26-yi", "g26-bing"]));
    desk.picture("teams");
    desk.cell("g26-wu-qian", "target");
    desk.press("goal-shift");
    desk.pick("shift-from", "g26-wu-qian");
    desk.pick("shift-to", "g26-he-jing");
    desk.fill("shift-amount", language.pick("5万", "50K"));
    desk.window().wait_text(&Desk::id("shift-publish"), language.pick("审批", "Send")).unwrap();
    desk.fill("shift-comment", language.pick("展会线索", "leads from the fair"));
    desk.ready("shift-publish");
    desk.picture("beyond");
    desk.press("shift-publish");
    let gone = |css: &str| {
        desk.window().wait_until(css, || desk.window().find(css).is_err().then_some(())).unwrap();
    };
    gone(&Desk::id("shift-sheet"));

    desk.see_as("lin-zhiyuan");
    desk.press("rail-today");
    desk.reads("proposal-open", "50,000");
    desk.picture("waits");
    desk.press("proposal-decide");
    desk.fill("proposal-comment", language.pick("太多了", "too much"));
    desk.ready("proposal-send-back");
    desk.picture("decide");
    desk.press("proposal-send-back");
    gone(&Desk::id("proposal-sheet"));

    desk.see_as("li-na");
    desk.press("rail-today");
    desk.reads("proposal-sent_back", language.pick("太多了", "too much"));
    desk.window().press(&format!("{} button", Desk::id("proposal-sent_back"))).unwrap();
    desk.press("proposal-again");
    desk.window().wait_text(&Desk::id("shift-amount"), "50000").unwrap();
    let clear = "const field = document.querySelector(arguments[0]); field.value = '';
        field.dispatchEvent(new Event('input', { bubbles: true }))";
    desk.window().run(clear, json!([Desk::id("shift-amount")])).unwrap();
    desk.fill("shift-amount", "30000");
    desk.fill("shift-comment", language.pick("三万", "thirty thousand"));
    // He Jing's September: 110 000 and 30 000.
    desk.window().wait_text(&Desk::id("shift-sheet"), language.pick("14.0", "140.0")).unwrap();
    desk.ready("shift-publish");
    desk.press("shift-publish");
    gone(&Desk::id("shift-sheet"));

    desk.see_as("lin-zhiyuan");
    desk.press("rail-today");
    desk.reads("proposal-open", "30,000");
    desk.press("proposal-decide");
    desk.ready("proposal-approve");
    desk.press("proposal-approve");
    gone(&Desk::id("proposal-sheet"));
    desk.reads("unacknowledged", language.pick("未确认", "not acknowledged"));

    desk.see_as("wu-qian");
    desk.press("rail-today");
    // 1.32 million less 30 000.
    desk.reads("acknowledge-g26-wu-qian", language.pick("129万", "1.29M"));
    desk.picture("changed");
    desk.window().chord(&["a"]).unwrap();
    gone(&Desk::id("acknowledge-g26-wu-qian"));
    desk.close();
}

/// Somebody is in another team from May on: what is open of the goal goes to the others, and along into the new team.
pub fn who_changes_teams_takes_the_open_months_along(language: Language) {
    let mut desk = Desk::open("moves", language);
    desk.sample(language);
    desk.press("rail-goals");
    desk.see("goal-row-g26-yi");
    desk.import(
        "people.csv",
        "person_id,name,name_en,unit_id,position,role,base_salary,joined_on,left_on\n\
         wu-qian,吴倩,Wu Qian,yi,new_business,rep,10000.00,2024-07-01,2026-04-30\n\
         wu-qian,吴倩,Wu Qian,ding,new_business,rep,10000.00,2026-05-01,\n",
    );
    desk.press("import-done");
    desk.press("rail-goals");
    desk.reads("unplaced-g26-wu-qian", language.pick("丁", "Ding"));
    desk.picture("unplaced");
    desk.press("place-g26-wu-qian");
    desk.see("reassign-takes");
    desk.window().wait_text(&Desk::id("reassign-sheet"), language.pick("何静", "He Jing")).unwrap();
    desk.picture("reassign");
    desk.ready("reassign-publish");
    desk.press("reassign-publish");
    let gone = Desk::id("unplaced-g26-wu-qian");
    desk.window().wait_until("the goal to be placed", || desk.window().find(&gone).is_err().then_some(())).unwrap();
    desk.fill("goal-find", language.pick("吴倩", "Wu Qian"));
    // Four open months of 110 000 in the new team, eight closed ones where they were carried.
    let carries = |figure: &str| desk.window().wait_text("main tr", figure).unwrap();
    carries(language.pick("44.0", "440.0"));
    carries(language.pick("88.0", "880.0"));
    desk.picture("placed");
    desk.close();
}

/// Ten thousand people: the grid draws a window of rows wherever it stands, and the map what is wide enough.
pub fn ten_thousand_people_are_drawn_as_a_window(language: Language) {
    use std::fmt::Write;
    let mut desk = Desk::open("large", language);
    desk.company(language);
    let year = chrono::Local::now().date_naive().year();
    let mut units = "unit_id,name,parent_id,kind\ncompany,青禾商用咖啡,,company\n".to_owned();
    let mut people = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n".to_owned();
    let mut goals = "goal_id,parent_id,owner_id,metric,period,target,locked\n".to_owned();
    writeln!(goals, "g-company,,company,sales_amount,{year},12000000000,").unwrap();
    for region in 0..20 {
        writeln!(units, "r{region},大区{region},company,region").unwrap();
        writeln!(goals, "g-r{region},g-company,r{region},sales_amount,{year},600000000,").unwrap();
        for team in 0..50 {
            let id = format!("t{region}-{team}");
            writeln!(units, "{id},{region}区{team}组,r{region},team").unwrap();
            writeln!(goals, "g-{id},g-r{region},{id},sales_amount,{year},12000000,").unwrap();
            for person in 0..10 {
                let who = format!("p{region}-{team}-{person}");
                writeln!(people, "{who},员工{region}-{team}-{person},{id},new_business,rep,8000,{year}-01-01,")
                    .unwrap();
                writeln!(goals, "g-{who},g-{id},{who},sales_amount,{year},1200000,").unwrap();
            }
        }
    }
    for (name, text) in [("units.csv", units), ("people.csv", people), ("goals.csv", goals)] {
        desk.patient(240, |desk| desk.import(name, &text));
        desk.press("import-done");
    }
    desk.press("rail-goals");
    desk.patient(120, |desk| desk.see("goal-row-g-company"));
    // All of it open: every name has a 员工 in it.
    desk.fill("goal-find", "员工");
    desk.patient(60, |desk| desk.reads("goals-found", "10,000"));
    let script = "const box = document.querySelector('[role=treegrid]').parentElement;
        const drawn = () => box.querySelectorAll('tr').length;
const flush = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
        const steps = []; let most = 0;
        (async () => {
            for (let i = 0; i < 120; i++) {
                const from = performance.now();
                box.scrollTop += i % 10 === 9 ? 20000 : 84;
                box.dispatchEvent(new Event('scroll'));
                await Promise.resolve(); await Promise.resolve(); await Promise.resolve();
                steps.push(performance.now() - from);
                most = Math.max(most, drawn());
                await flush();
            }
            steps.sort((a, b) => a - b);
            const canvas = performance.now();
            document.documentElement.dataset.theme = 'dark';
            await Promise.resolve(); await Promise.resolve();
            const painted = performance.now() - canvas;
            const asked = performance.now();
            const map = await window.__TAURI_INTERNALS__.invoke('goal_map', { period: arguments[0], root_id: null, width: 600, height: 500 });
            const laid = performance.now() - asked;
            const again = performance.now();
            await window.__TAURI_INTERNALS__.invoke('goal_tree', { period: arguments[0], columns: 'year' });
            done({ most, rows: Number(box.querySelector('table').ariaRowCount ?? box.querySelector('table').getAttribute('aria-rowcount')),
                median: steps[60], worst: steps[119], painted, laid, tree: performance.now() - again, cells: map.cells.length,
                merged: map.cells.filter((cell) => cell.merged > 0).length });
        })()";
    let told = desk.window().run_async(script, json!([year.to_string()])).unwrap();
    // Times are for whoever looks: they are kept beside the pictures, and nothing is asserted of them.
    std::fs::write(desk.pictures.join("large.json"), told.to_string()).unwrap();
    assert_eq!(told["rows"], 11_022);
    assert!(told["most"].as_u64().unwrap() < 300, "{told}");
    assert!(told["merged"].as_u64().unwrap() > 0 && told["cells"].as_u64().unwrap() < 600, "{told}");
    desk.picture("grid");
    desk.close();
}
