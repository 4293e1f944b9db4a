//! The figures are those of a rebuild, whatever came in and went again.

use attain_domain::mutation::Mutation;
use proptest::prelude::*;

use super::super::Kind;
use super::{Company, hr, now};

#[derive(Debug, Clone)]
enum Step {
    /// Orders by number, customer, person, day and amount; few of each, so that they meet again.
    Orders(Vec<(u8, u8, u8, u8, u16, u8, u8)>),
    Credits(u8, u8, u8, bool),
    People(u8, u8),
    Rate(u8, u16),
    Basis(u8),
    Undo,
    Redo,
}

fn step() -> impl Strategy<Value = Step> {
    let order = (0u8..12, 0u8..5, 0u8..3, 0u8..60, 0u16..4, 0u8..5, 0u8..2);
    prop_oneof![
        4 => prop::collection::vec(order, 1..12).prop_map(Step::Orders),
        3 => (0u8..12, 0u8..3, 0u8..11, any::<bool>()).prop_map(|(o, p, s, x)| Step::Credits(o, p, s, x)),
        1 => (0u8..3, 0u8..2).prop_map(|(p, u)| Step::People(p, u)),
        1 => (0u8..60, 1u16..9).prop_map(|(d, r)| Step::Rate(d, r)),
        1 => (0u8..3).prop_map(Step::Basis),
        3 => Just(Step::Undo),
        2 => Just(Step::Redo),
    ]
}

const PERSONS: [&str; 3] = ["zhang", "li", "wu"];

fn day(n: u8) -> String {
    format!("2026-{:02}-{:02}", 1 + n / 28, 1 + n % 28)
}

fn apply(company: &mut Company, step: &Step) {
    match step {
        Step::Orders(rows) => {
            let mut text = String::from("order_id,customer_id,person_id,date,amount,cost,currency,event,product\n");
            for (order, customer, person, on, amount, event, product) in rows {
                let event = ["booked", "booked", "invoiced", "refunded", "cancelled"][*event as usize];
                let currency = if order % 5 == 4 { "USD" } else { "CNY" };
                let cost = if order % 2 == 0 { "1.00" } else { "" };
                text.push_str(&format!(
                    "O{order},C{customer},{},{},{}.00,{cost},{currency},{event},p{product}\n",
                    PERSONS[*person as usize],
                    day(*on),
                    amount * 7
                ));
            }
            company.import(Kind::Order, text);
        }
        Step::Credits(order, person, tenths, overlay) => {
            let (one, other) = (PERSONS[*person as usize], PERSONS[(*person as usize + 1) % 3]);
            let mut text = String::from("order_id,person_id,share,role\n");
            let share = f32::from(*tenths) / 10.0;
            for (who, share) in [(one, share), (other, 1.0 - share)] {
                if share > 0.05 {
                    text.push_str(&format!("O{order},{who},{share:.1},revenue\n"));
                }
            }
            if *overlay {
                text.push_str(&format!("O{order},li,0.2,overlay\n"));
            }
            company.import(Kind::Credit, text);
        }
        Step::People(person, unit) => {
            let (id, name) = [("zhang", "张三"), ("li", "李四"), ("wu", "吴倩")][*person as usize];
            let unit = ["jia", "yi"][*unit as usize];
            let header = "person_id,name,unit_id,position,role,joined_on";
            company.import(Kind::Person, format!("{header}\n{id},{name},{unit},new_business,rep,2026-02-01\n"));
        }
        Step::Rate(on, rate) => {
            company.import(Kind::Rate, format!("currency,date,rate\nUSD,{},{rate}.25\n", day(*on)));
        }
        Step::Basis(which) => {
            let value = ["booked", "invoiced", "collected"][*which as usize].to_string();
            let change = Mutation::SetSetting { key: "sales_basis".into(), value };
            company.store.mutate(&hr(), &change, &now()).unwrap();
        }
        // Nothing to take back, or changed since: both are answers.
        Step::Undo => drop(company.store.undo(&hr(), &now())),
        Step::Redo => drop(company.store.redo(&hr(), &now())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn figures_equal_a_rebuild(steps in prop::collection::vec(step(), 1..14)) {
        let mut company = Company::new();
        for step in &steps {
            apply(&mut company, step);
        }
        let digest = company.store.figures_digest().unwrap();
        company.store.rebuild_figures().unwrap();
        prop_assert_eq!(company.store.figures_digest().unwrap(), digest);
    }

    #[test]
    fn undo_brings_the_figures_back(before in prop::collection::vec(step(), 0..8), last in step()) {
        let mut company = Company::new();
        for step in &before {
            apply(&mut company, step);
        }
        prop_assume!(!matches!(last, Step::Undo | Step::Redo));
        let digest = company.store.figures_digest().unwrap();
        let undo = company.store.view().next_undo("owner").unwrap().map(|u| u.mid);
        apply(&mut company, &last);
        if company.store.view().next_undo("owner").unwrap().map(|u| u.mid) != undo {
            company.store.undo(&hr(), &now()).unwrap();
        }
        prop_assert_eq!(company.store.figures_digest().unwrap(), digest);
    }
}
