//! Orders as the CRM tells them: dated events of an order, each a fact.
//!
//! Owns: the kinds of event and how each enters the figures.
//! Absent on purpose: revisions and identity (the store's, from source, order, event, date and product).

use crate::org::{UnknownName, named};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

named! {
    /// 订单事件.
    OrderEvent {
        Booked "booked", Invoiced "invoiced", Collected "collected", Cancelled "cancelled", Refunded "refunded",
    }
}

named! {
    /// Which event makes an order count as sales; a company setting.
    SalesBasis { Booked "booked", Invoiced "invoiced", Collected "collected", }
}

impl SalesBasis {
    pub fn event(self) -> OrderEvent {
        match self {
            SalesBasis::Booked => OrderEvent::Booked,
            SalesBasis::Invoiced => OrderEvent::Invoiced,
            SalesBasis::Collected => OrderEvent::Collected,
        }
    }
}

named! {
    /// How a person takes part in an order: revenue shares sum to 100 %, overlays need not.
    CreditRole { Revenue "revenue", Overlay "overlay", }
}
