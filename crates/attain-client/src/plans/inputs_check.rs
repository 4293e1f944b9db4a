//! What must hold between the rows of a plan run's inputs: shares of a deal, and refunds of a sale.

use std::collections::BTreeMap;

use attain_domain::money::Ratio;
use attain_domain::order::OrderEvent;
use attain_domain::payout::record::Deal;
use chrono::NaiveDate;

use super::inputs::Reader;

impl Reader<'_> {
    pub(super) fn check_shares(&mut self) {
        let whole = self.plan.terms().whole_splits;
        // Each person's share once: a deal may stand in several lines of theirs.
        let mut shares: BTreeMap<(String, OrderEvent, NaiveDate, String), BTreeMap<&str, (u64, Ratio)>> =
            BTreeMap::new();
        for (person, deals) in &self.deals {
            for (row, deal, overlay) in deals {
                if !*overlay && !deal.takes_back() {
                    let key = (deal.id.clone(), deal.event, deal.date, deal.product.clone());
                    let share = deal.share.unwrap_or(Ratio::ONE);
                    let of = shares.entry(key).or_default().entry(person).or_insert((*row, share));
                    *of = (of.0.max(*row), of.1.max(share));
                }
            }
        }
        let sums: Vec<(String, u64, Ratio)> = shares
            .into_iter()
            .map(|((deal, ..), people)| {
                let sum = people.values().map(|(_, share)| *share).try_fold(Ratio::ZERO, Ratio::add);
                let row = people.values().map(|(row, _)| *row).max().unwrap_or(0);
                (deal, row, sum.unwrap_or(Ratio::ONE))
            })
            .collect();
        for (deal, row, sum) in sums {
            if sum > Ratio::ONE || whole && sum < Ratio::ONE {
                let params = [("deal", deal), ("sum", format!("{} %", sum.percent(2)))];
                self.find(Some(row), Some("share"), "shares_not_whole", &params);
            }
        }
    }

    /// A refund needs the sale it is of, and no more can be taken back than was sold.
    pub(super) fn check_refunds(&mut self) {
        let mut found = Vec::new();
        for deals in self.deals.values() {
            let mut taken: BTreeMap<&str, Ratio> = BTreeMap::new();
            let mut ordered: Vec<&(u64, Deal, bool)> = deals.iter().filter(|(_, deal, _)| deal.takes_back()).collect();
            ordered.sort_by_key(|(row, deal, _)| (deal.date, *row));
            for (row, deal, _) in ordered {
                let sales: Vec<&Deal> =
                    deals.iter().map(|(_, d, _)| d).filter(|d| !d.takes_back() && d.id == deal.sale()).collect();
                if sales.is_empty() {
                    found.push((*row, "refund_without_sale", deal.sale().to_string()));
                    continue;
                }
                if sales.iter().all(|sale| deal.date < sale.date || deal.known < sale.known) {
                    found.push((*row, "refund_before_sale", deal.sale().to_string()));
                    continue;
                }
                let sold = [OrderEvent::Booked, OrderEvent::Invoiced, OrderEvent::Collected].map(|event| {
                    let of = sales.iter().filter(|d| d.event == event).filter_map(|d| d.amount);
                    of.fold(Ratio::ZERO, |sum, amount| sum.add(amount).unwrap_or(sum))
                });
                let sold = sold.into_iter().max().unwrap_or(Ratio::ZERO);
                let before = taken.get(deal.sale()).copied().unwrap_or(Ratio::ZERO);
                let left = sold.add(Ratio { num: -before.num, den: before.den }).unwrap_or(Ratio::ZERO);
                let wanted = deal.amount.unwrap_or(left);
                if wanted > left || left <= Ratio::ZERO && sold > Ratio::ZERO {
                    found.push((*row, "refunded_twice", deal.sale().to_string()));
                    continue;
                }
                taken.insert(deal.sale(), before.add(wanted).unwrap_or(before));
            }
        }
        for (row, code, deal) in found {
            self.find(Some(row), Some("refund_of"), code, &[("deal", deal)]);
        }
    }
}
