//! What the rows of one deal say of each other: a row given twice, what belongs to the deal, refunds of a shared one.

use std::collections::{BTreeMap, BTreeSet};

use attain_domain::money::Ratio;
use attain_domain::order::OrderEvent;
use attain_domain::payout::record::Deal;
use chrono::NaiveDate;

use super::inputs::Reader;

/// Units or cost of a deal, with the amount they are of and the events they are given at.
#[derive(Default)]
struct Sized {
    values: BTreeSet<(Ratio, Option<Ratio>)>,
    at: BTreeSet<(OrderEvent, NaiveDate)>,
    people: BTreeSet<(String, OrderEvent)>,
}

impl Sized {
    fn note(&mut self, person: &str, deal: &Deal, value: Option<Ratio>) {
        if let Some(value) = value {
            self.values.insert((value, deal.amount));
            self.at.insert((deal.event, deal.date));
            self.people.insert((person.to_string(), deal.event));
        }
    }

    /// For another row of the deal, in proportion to its amount. Another line of the same event has its own.
    fn of(&self, person: &str, deal: &Deal) -> Option<Ratio> {
        let (1, Some((value, whole))) = (self.values.len(), self.values.first()) else { return None };
        let elsewhere = self.at.iter().all(|(event, _)| *event != deal.event);
        let shared =
            self.at.contains(&(deal.event, deal.date)) && !self.people.contains(&(person.to_string(), deal.event));
        if !elsewhere && !shared {
            return None;
        }
        let (amount, whole) = (deal.amount?, (*whole)?);
        if amount == whole {
            return Some(*value);
        }
        value.mul(amount)?.div(whole)
    }
}

impl Reader<'_> {
    /// The very same row twice would be paid twice.
    pub(super) fn check_twice(&mut self) {
        let mut found = Vec::new();
        for deals in self.deals.values() {
            let mut seen = BTreeMap::new();
            for (row, deal, overlay) in deals {
                let key = (
                    (&deal.id, &deal.refund_of, deal.event, deal.date, overlay),
                    (&deal.product, &deal.customer_type, deal.amount, deal.units, deal.cost, deal.share),
                );
                if let Some(before) = seen.insert(key, *row) {
                    found.push((*row, before, deal.id.clone()));
                }
            }
        }
        for (row, before, deal) in found {
            self.find(Some(row), Some("deal"), "twice", &[("deal", deal), ("row", before.to_string())]);
        }
    }

    /// Product, kind of customer, units and cost belong to the deal: given on one of its rows, they hold for the others.
    pub(super) fn complete_deals(&mut self) {
        let mut products: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut kinds: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut units: BTreeMap<String, Sized> = BTreeMap::new();
        let mut costs: BTreeMap<String, Sized> = BTreeMap::new();
        for (person, deals) in &self.deals {
            for (_, deal, _) in deals.iter().filter(|(_, deal, _)| !deal.takes_back()) {
                for (of, text) in [(&mut products, &deal.product), (&mut kinds, &deal.customer_type)] {
                    if !text.is_empty() {
                        of.entry(deal.id.clone()).or_default().insert(text.clone());
                    }
                }
                units.entry(deal.id.clone()).or_default().note(person, deal, deal.units);
                costs.entry(deal.id.clone()).or_default().note(person, deal, deal.cost);
            }
        }
        let only = |of: &BTreeMap<String, BTreeSet<String>>, id: &str| match of.get(id) {
            Some(one) if one.len() == 1 => one.first().cloned().unwrap_or_default(),
            _ => String::new(),
        };
        for (person, deals) in &mut self.deals {
            for (_, deal, _) in deals.iter_mut().filter(|(_, deal, _)| !deal.takes_back()) {
                if deal.product.is_empty() {
                    deal.product = only(&products, &deal.id);
                }
                if deal.customer_type.is_empty() {
                    deal.customer_type = only(&kinds, &deal.id);
                }
                deal.units = deal.units.or_else(|| units.get(&deal.id).and_then(|of| of.of(person, deal)));
                deal.cost = deal.cost.or_else(|| costs.get(&deal.id).and_then(|of| of.of(person, deal)));
            }
        }
    }

    /// A refund of a shared deal is everyone's who shares it, by their shares; one that names a share is that person's.
    pub(super) fn share_refunds(&mut self) {
        let mut shared: BTreeMap<(String, OrderEvent, NaiveDate, String), BTreeMap<String, bool>> = BTreeMap::new();
        let mut refunds: BTreeMap<(String, String), Vec<(u64, Deal)>> = BTreeMap::new();
        for (person, deals) in &self.deals {
            for (row, deal, overlay) in deals {
                if deal.takes_back() {
                    let of = (deal.sale().to_string(), person.clone());
                    refunds.entry(of).or_default().push((*row, deal.clone()));
                } else {
                    let key = (deal.id.clone(), deal.event, deal.date, deal.product.clone());
                    shared.entry(key).or_default().insert(person.clone(), *overlay);
                }
            }
        }
        let mut added: BTreeMap<(String, u64), (Deal, bool)> = BTreeMap::new();
        let mut differ = BTreeMap::new();
        for ((sale, _, _, product), people) in shared.iter().filter(|(_, people)| people.len() > 1) {
            let of = |person: &String| -> Vec<&(u64, Deal)> {
                let all = refunds.get(&(sale.clone(), person.clone())).into_iter().flatten();
                let mut of: Vec<&(u64, Deal)> =
                    all.filter(|(_, d)| d.product.is_empty() || d.product == *product).collect();
                of.sort_by_key(|(row, d)| (d.date, d.event, d.amount, *row));
                of
            };
            let lists: Vec<(&String, Vec<&(u64, Deal)>)> = people.keys().map(|person| (person, of(person))).collect();
            let Some((_, model)) = lists.iter().find(|(_, list)| !list.is_empty()) else { continue };
            if lists.iter().any(|(_, list)| list.iter().any(|(_, deal)| deal.share.is_some())) {
                continue;
            }
            let says = |list: &[&(u64, Deal)]| -> Vec<(NaiveDate, OrderEvent, Option<Ratio>)> {
                list.iter().map(|(_, d)| (d.date, d.event, d.amount)).collect()
            };
            for (person, list) in &lists {
                if list.is_empty() {
                    let overlay = people.get(*person).copied().unwrap_or(false);
                    for (row, deal) in model {
                        added.insert(((*person).clone(), *row), (deal.clone(), overlay));
                    }
                } else if says(list) != says(model) {
                    differ.insert(list.iter().map(|(row, _)| *row).max().unwrap_or(0), sale.clone());
                }
            }
        }
        for ((person, row), (deal, overlay)) in added {
            self.deals.entry(person).or_default().push((row, deal, overlay));
        }
        for (row, deal) in differ {
            self.find(Some(row), Some("refund_of"), "refunds_differ", &[("deal", deal)]);
        }
    }
}
