//! The real window, driven through WebDriver in both languages: what a person does, and what the screen then says.
//!
//! `cargo xtask test` runs these under a display, a throw-away home and a keychain of its own. They are not part of a plain
//! `cargo test` (see `[[test]]` in Cargo.toml): without that session there is no window to drive.

use chrono::Datelike;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;
use xtask::display::Scratch;
use xtask::server::{Laptop, PASSWORD, Server};
use xtask::webdriver::{Element, Launch, Window};

#[path = "journeys/goals.rs"]
mod goals;
#[path = "journeys/pay.rs"]
mod pay;
#[path = "journeys/plans.rs"]
mod plans;

#[derive(Clone, Copy)]
enum Language {
    Chinese,
    English,
}

impl Language {
    fn code(self) -> &'static str {
        match self {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }

    fn pick<'a>(self, chinese: &'a str, english: &'a str) -> &'a str {
        match self {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }
}

/// The app on a home of its own.
struct Desk {
    window: Option<Window>,
    launch: Launch,
    pictures: PathBuf,
    name: String,
    home: Scratch,
}

fn variable(name: &str) -> PathBuf {
    let value = std::env::var_os(name);
    value.map(PathBuf::from).unwrap_or_else(|| panic!("{name} is not set: run `cargo xtask test`"))
}

impl Desk {
    fn open(name: &str, language: Language) -> Self {
        Self::open_on(name, language, None)
    }

    /// On a day of its own.
    fn open_on(name: &str, language: Language, today: Option<&str>) -> Self {
        let home = Scratch::new("journey").unwrap();
        let pictures = variable("ATTAIN_JOURNEYS");
        std::fs::create_dir_all(&pictures).unwrap();
        let name = format!("{name}-{}", language.code());
        let mut args = vec!["--home".into(), home.path().join("attain").display().to_string()];
        args.extend(today.into_iter().flat_map(|today| ["--today".into(), today.into()]));
        let launch = Launch {
            binary: variable("ATTAIN_APP"),
            args,
            env: vec![("LANG".into(), format!("{}.UTF-8", language.pick("zh_CN", "en_US")))],
            log: pictures.join(format!("{name}.log")),
        };
        let mut desk = Self { window: None, launch, pictures, name, home };
        desk.start();
        desk
    }

    fn start(&mut self) {
        self.window = Some(Window::open(&self.launch).unwrap());
    }

    fn window(&self) -> &Window {
        self.window.as_ref().unwrap()
    }

    /// First run: the language, then the sample company.
    fn sample(&mut self, language: Language) {
        self.choose("first-run-language", language.code());
        self.press("first-run-sample");
        self.patient(180, |desk| desk.see("rail-today"));
    }

    /// First run: a company of one's own.
    fn company(&mut self, language: Language) {
        self.choose("first-run-language", language.code());
        self.press("first-run-start");
        self.fill("first-run-company", language.pick("青禾商用咖啡", "Qinghe Coffee Supply"));
        self.fill("first-run-owner", language.pick("王芳", "Wang Fang"));
        self.press("first-run-create");
        self.see("rail-data");
    }

    /// First run: a server, as Li Na, who leads team Jia.
    fn join(&mut self, language: Language, server: &Server) {
        self.choose("first-run-language", language.code());
        self.press("first-run-join");
        self.fill("join-server", &server.url);
        self.fill("join-user", "li-na");
        self.fill("join-password", PASSWORD);
        self.press("join-act");
        self.patient(60, |desk| desk.see("rail-today"));
        self.stands("synced");
    }

    /// The badge stands so; a round comes by itself within half a minute.
    fn stands(&mut self, state: &str) {
        let badge = format!("{}[data-state=\"{state}\"]", Self::id("sync-badge"));
        self.patient(45, |desk| desk.window().wait(&badge).unwrap());
    }

    fn patient<T>(&mut self, seconds: u64, act: impl FnOnce(&Self) -> T) -> T {
        let before = std::mem::replace(&mut self.window.as_mut().unwrap().patience, Duration::from_secs(seconds));
        let done = act(self);
        self.window.as_mut().unwrap().patience = before;
        done
    }

    fn id(id: &str) -> String {
        format!("[data-testid=\"{id}\"]")
    }

    fn see(&self, id: &str) -> Element {
        self.window().wait(&Self::id(id)).unwrap()
    }

    fn press(&self, id: &str) {
        self.window().press(&Self::id(id)).unwrap();
    }

    /// The button may be pressed.
    fn ready(&self, id: &str) {
        self.window().wait(&format!("{}:not([disabled])", Self::id(id))).unwrap();
    }

    fn fill(&self, id: &str, text: &str) {
        let field = self.see(id);
        self.window().type_into(&field, text).unwrap();
    }

    /// An element with this id that says so.
    fn reads(&self, id: &str, text: &str) {
        self.window().wait_text(&Self::id(id), text).unwrap();
    }

    fn shows(&self, text: &str) {
        self.window().wait_text("main, [role=dialog], [role=complementary], aside", text).unwrap();
    }

    fn choose(&self, choice: &str, value: &str) {
        let option = format!("{} input[value=\"{value}\"]", Self::id(choice));
        self.window().wait(&option).unwrap();
        self.window().run("document.querySelector(arguments[0]).click()", json!([option])).unwrap();
    }

    /// A link from outside: `attain://person/zhang-san`.
    fn follow(&self, link: &str) {
        self.emit("open_link", json!(link));
    }

    /// Files dropped on the window. The toolkit's own drag is left out; everything behind it is real.
    fn drop_file(&self, path: &Path) {
        self.emit("tauri://drag-drop", json!({ "paths": [path], "position": { "x": 600, "y": 400 } }));
    }

    fn emit(&self, event: &str, payload: serde_json::Value) {
        let script = "const [event, payload] = arguments;
            window.__TAURI_INTERNALS__.invoke('plugin:event|emit', { event, payload })
                .then(() => done(null), (problem) => done(String(problem)))";
        let problem = self.window().run_async(script, json!([event, payload])).unwrap();
        assert!(problem.is_null(), "{event}: {problem}");
    }

    /// A team of one, whose month is 160 000.
    fn import_li_si(&self, year: i32) {
        self.import("units.csv", "unit_id,name,parent_id,kind\ncompany,青禾商用咖啡,,company\njia,甲,company,team\n");
        self.press("import-done");
        self.import(
            "people.csv",
            "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
             li-si,李四,jia,new_business,rep,8000,2026-01-05,\n",
        );
        self.press("import-done");
        self.import(
            "goals.csv",
            &format!(
                "goal_id,parent_id,owner_id,metric,period,target,locked\n\
                 g-company,,company,sales_amount,{year},1920000,\n\
                 g-jia,g-company,jia,sales_amount,{year},1920000,\n\
                 g-li-si,g-jia,li-si,sales_amount,{year},1920000,\n"
            ),
        );
        self.press("import-done");
    }

    fn import(&self, name: &str, text: &str) {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        self.drop_file(&path);
        self.press("import-dry-run");
        self.press("import-run");
        self.see("import-done");
    }

    fn picture(&self, step: &str) {
        let path = self.pictures.join(format!("{}-{step}.png", self.name));
        self.window().save_picture(&path).unwrap();
    }

    fn kill(&mut self) {
        self.window.take().unwrap().kill_app(&self.launch.binary).unwrap();
    }

    fn close(mut self) {
        self.window.take().unwrap().close(&self.launch.binary).unwrap();
    }
}

impl Drop for Desk {
    /// A journey that failed leaves a picture of where it stood.
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(window) = &self.window
        {
            let _ = window.save_picture(&self.pictures.join(format!("{}-failed.png", self.name)));
        }
    }
}

/// Li Si's month is 160 000; his one order of 100 000 shows 62.5 %.
fn an_imported_order_shows_in_the_team(language: Language) {
    let mut desk = Desk::open("import", language);
    desk.company(language);
    let today = chrono::Local::now().date_naive();
    let (year, month) = (today.year(), today.format("%Y-%m"));
    desk.import_li_si(year);
    desk.import(
        "orders.csv",
        &format!(
            "order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n\
             o-1,c-1,new,li-si,{month}-01,100000,60000,CNY,booked,beans\n\
             o-2,c-1,new,nobody,{month}-01,5000,,CNY,booked,beans\n"
        ),
    );
    // One row was rejected, with the reason, and the rest is in.
    desk.shows(language.pick("nobody", "nobody"));
    desk.picture("rejected");
    desk.press("import-done");
    desk.press("rail-team");
    desk.window().wait_text("main", "李四").unwrap();
    desk.window().wait_text("main", "62.5%").unwrap();
    desk.picture("team");
    desk.close();
}

/// Zhang San, August: 12,000 × 1.25 × 1.20 = 18,000.00, line by line.
fn a_payout_explains_itself(language: Language) {
    let mut desk = Desk::open("payout", language);
    desk.sample(language);
    desk.follow("attain://person/zhang-san");
    desk.press("pay-show");
    desk.reads("pay-amount", "18,000.00");
    desk.shows("95.00");
    desk.shows("1.25");
    desk.shows("1.20");
    desk.shows("12,000");
    desk.picture("receipt");
    // The look is on record.
    desk.press("rail-data");
    desk.window().wait("main [role=tab]").unwrap();
    desk.window().run("[...document.querySelectorAll('main [role=tab]')].at(-1).click()", json!([])).unwrap();
    desk.window().wait_text("main", language.pick("张三", "Zhang San")).unwrap();
    desk.picture("audit");
    desk.close();
}

/// A note that was being typed survives `kill -9`; saved, it is found again by two characters.
fn a_note_survives_a_crash_and_is_found(language: Language) {
    let mut desk = Desk::open("note", language);
    desk.sample(language);
    let text = language
        .pick("园区六家新公司,先约展会认识的那位", "Six new firms in the park, begin with the lady from the fair");
    let word = language.pick("展会", "fair");
    desk.follow("attain://person/zhang-san");
    desk.window().wait_text("main", language.pick("张三", "Zhang San")).unwrap();
    desk.press("rail-conversations");
    desk.press("note-new");
    desk.window().wait(".pick li button").unwrap();
    let pick = "const [name] = arguments;
        [...document.querySelectorAll('.pick li button')].find(b => b.innerText.includes(name)).click()";
    desk.window().run(pick, json!([language.pick("张三", "Zhang San")])).unwrap();
    desk.fill("note-text", text);
    desk.window()
        .wait_until("the draft to be kept", || {
            let line = desk.window().find(&Desk::id("draft-line")).ok()?;
            let said = desk.window().text(&line).ok()?;
            (!said.trim().is_empty()).then_some(())
        })
        .unwrap();
    desk.kill();

    desk.start();
    desk.see("rail-conversations");
    desk.press("rail-conversations");
    desk.window().press("button.waiting").unwrap();
    desk.reads("note-text", text);
    desk.picture("restored");
    desk.press("note-save");
    desk.fill("note-search", word);
    desk.window().wait_text("main", text).unwrap();
    desk.picture("found");
    desk.kill();

    desk.start();
    desk.press("rail-conversations");
    desk.fill("note-search", word);
    desk.window().wait_text("main", word).unwrap();
    desk.close();
}

/// Locked, the window shows nothing of anyone, and the keychain opens it again.
fn a_locked_window_shows_nothing(language: Language) {
    let mut desk = Desk::open("lock", language);
    desk.sample(language);
    desk.press("lock");
    desk.see("unlock-button");
    let words = desk.window().words().unwrap();
    for name in ["张三", "Zhang San", "62.5", "¥"] {
        assert!(!words.contains(name), "the lock screen shows {name}: {words}");
    }
    desk.picture("locked");
    // The log is folded into the store: nothing waits beside it while nobody is there.
    for file in std::fs::read_dir(desk.home.path().join("attain")).unwrap().flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        let left = file.metadata().unwrap().len();
        assert!(!name.ends_with("-wal") || left == 0, "{name} holds {left} bytes");
    }
    desk.press("unlock-button");
    desk.see("rail-today");
    desk.close();
}

/// A company that issues certificates of its own: the window says that it does not know the server, takes the file, and
/// joins.
fn a_server_with_the_companys_own_certificate_is_joined_by_naming_it(language: Language) {
    let files = Scratch::new("certificates").unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, "Qinghe CA");
    let authority = rcgen::CertifiedIssuer::self_signed(params, rcgen::KeyPair::generate().unwrap()).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = certificate.signed_by(&key, &authority).unwrap();
    let path = |name: &str| files.path().join(name);
    std::fs::write(path("company.pem"), authority.pem()).unwrap();
    std::fs::write(path("server.pem"), certificate.pem()).unwrap();
    std::fs::write(path("server.key"), key.serialize_pem()).unwrap();
    let tls = Some((path("server.pem"), path("server.key")));
    let server = Server::start_with(&variable("ATTAIN_APP"), tls).unwrap();

    let mut desk = Desk::open("certificate", language);
    desk.choose("first-run-language", language.code());
    desk.press("first-run-join");
    desk.fill("join-server", &server.url);
    desk.fill("join-user", "li-na");
    desk.fill("join-password", PASSWORD);
    desk.press("join-act");
    desk.window()
        .wait_text("[role=alert]", language.pick("不受这台电脑信任", "does not trust the certificate"))
        .unwrap();
    desk.picture("untrusted");
    desk.fill("join-ca", &path("nowhere.pem").display().to_string());
    desk.press("join-act");
    desk.window().wait_text("[role=alert]", language.pick("读不出", "cannot be read")).unwrap();
    desk.window().run("document.querySelector(arguments[0]).select()", json!([Desk::id("join-ca")])).unwrap();
    desk.fill("join-ca", &path("company.pem").display().to_string());
    desk.press("join-act");
    desk.patient(60, |desk| desk.see("rail-team"));
    desk.stands("synced");
    desk.picture("joined");
    desk.close();
}

/// A laptop joins, shows the team, and takes in what HR changes while its screen stays open.
fn a_laptop_that_joined_shows_what_others_change(language: Language) {
    let server = Server::start(&variable("ATTAIN_APP")).unwrap();
    let mut desk = Desk::open("join", language);
    desk.choose("first-run-language", language.code());
    desk.press("first-run-join");
    desk.fill("join-server", &server.url);
    desk.fill("join-user", "li-na");
    desk.fill("join-password", "not the password");
    desk.press("join-act");
    desk.window().wait_text("[role=alert]", language.pick("密码", "password")).unwrap();
    desk.picture("refused");
    desk.fill("join-password", PASSWORD);
    desk.press("join-act");
    desk.reads("receiving", language.pick("正在从", "Receiving from"));
    desk.picture("receiving");
    desk.patient(60, |desk| desk.see("rail-team"));
    desk.stands("synced");
    desk.reads("sync-badge", language.pick("已同步", "Synced"));
    desk.press("rail-team");
    desk.shows(language.pick("张三", "Zhang San"));
    // Zhang San, September: 161,700 of 330,000.
    desk.shows("49.0%");
    desk.picture("team");

    let hr = Laptop::of("wang-fang", &server).unwrap();
    hr.set_month("g26-zhang-san", "2026-09", "300000").unwrap();
    hr.sync().unwrap();
    // Of 300,000, on the screen that was left open.
    desk.patient(45, |desk| desk.shows("53.9%"));
    desk.picture("changed");
    desk.close();
}

/// Two goals that HR changed first, while this laptop was out of reach: one is proposed again, one is let go.
fn a_refused_change_is_settled_by_its_author(language: Language) {
    let mut server = Server::start(&variable("ATTAIN_APP")).unwrap();
    let hr = Laptop::of("wang-fang", &server).unwrap();
    let mut desk = Desk::open("settle", language);
    desk.join(language, &server);

    server.stop();
    desk.press("rail-goals");
    desk.period("2026-10");
    desk.set_month("g26-zhang-san", "350000");
    desk.set_month("g26-li-si", "170000");
    desk.stands("offline");
    desk.reads("sync-badge", language.pick("2 项待同步", "2 pending"));
    desk.picture("offline");
    // What waits outlives the app.
    desk.kill();
    server.resume().unwrap();
    hr.set_month("g26-zhang-san", "2026-10", "360000").unwrap();
    hr.set_month("g26-li-si", "2026-10", "180000").unwrap();
    hr.sync().unwrap();

    desk.start();
    desk.stands("attention");
    desk.reads("sync-badge", language.pick("2 项待处理", "2 need attention"));
    desk.press("sync-badge");
    let refused = |name: &str, mine: &str, theirs: &str| {
        let change = desk.window().wait_text("[data-testid^=refused-]", name).unwrap();
        let said = desk.window().text(&change).unwrap();
        assert!(said.contains(mine) && said.contains(theirs), "{said}");
    };
    refused(language.pick("张三", "Zhang San"), "350,000", "360,000");
    refused(language.pick("李四", "Li Si"), "170,000", "180,000");
    desk.picture("attention");
    let settle = |whose: &str, name: &str| {
        let css = format!("[data-testid^={whose}-][aria-label*=\"{name}\"]");
        desk.window().press(&css).unwrap();
        // Its row goes, and what is below it moves up.
        desk.window().wait_until("the row to go", || desk.window().find(&css).is_err().then_some(())).unwrap();
    };
    settle("mine", language.pick("张三", "Zhang San"));
    settle("theirs", language.pick("李四", "Li Si"));
    desk.see("attention-none");
    desk.stands("synced");
    desk.picture("settled");
    hr.sync().unwrap();
    assert_eq!(hr.month("g26-zhang-san", "2026-10").unwrap(), "350000.00");
    assert_eq!(hr.month("g26-li-si", "2026-10").unwrap(), "180000.00");
    desk.close();
}

macro_rules! in_both_languages {
    ($($journey:path => $chinese:ident, $english:ident;)*) => {
        $(
            #[test]
            fn $chinese() {
                $journey(Language::Chinese);
            }

            #[test]
            fn $english() {
                $journey(Language::English);
            }
        )*
    };
}

in_both_languages! {
    an_imported_order_shows_in_the_team => import_zh, import_en;
    goals::raising_the_company_moves_a_persons_months => raise_zh, raise_en;
    goals::a_months_goal_is_typed_and_undone => month_zh, month_en;
    goals::next_year_is_built_from_this_years_actuals => next_year_zh, next_year_en;
    goals::a_shift_beyond_the_freedom_is_agreed_and_acknowledged => agree_zh, agree_en;
    goals::who_changes_teams_takes_the_open_months_along => moves_zh, moves_en;
    plans::a_plan_is_changed_approved_and_published => plan_zh, plan_en;
    pay::hr_repairs_what_the_checklist_says_and_closes => close_zh, close_en;
    pay::hr_closes_september_and_exports_payslips => september_zh, september_en;
    pay::one_more_customer_is_worth_two_thousand => wu_qian_zh, wu_qian_en;
    pay::a_rep_asks_why_august_paid_what_it_paid => why_paid_zh, why_paid_en;
    a_payout_explains_itself => payout_zh, payout_en;
    a_note_survives_a_crash_and_is_found => note_zh, note_en;
    a_locked_window_shows_nothing => lock_zh, lock_en;
    a_laptop_that_joined_shows_what_others_change => join_zh, join_en;
    a_server_with_the_companys_own_certificate_is_joined_by_naming_it => certificate_zh, certificate_en;
}

#[test]
fn large_zh() {
    goals::ten_thousand_people_are_drawn_as_a_window(Language::Chinese);
}

#[test]
fn settle_zh() {
    a_refused_change_is_settled_by_its_author(Language::Chinese);
}
