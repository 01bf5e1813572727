//! The twelve clusters, each in a state of its own; what it is stands at its constant in `named`.

mod lab;
mod shop;
mod till;

use serde_json::Value;

use crate::{
    clock::{Clock, DAY, HOUR},
    cluster::{Made, image},
    named::Named,
};

pub(crate) fn all(clock: &Clock) -> Vec<Value> {
    let groups = [
        shop::orders(clock),
        shop::carts(clock),
        shop::catalog(clock),
        shop::media(clock),
        till::ledger(clock),
        till::vault(clock),
        till::payments(clock),
        till::pos(clock),
        lab::scratch(clock),
        lab::sandbox(clock),
        lab::reports(clock),
        lab::metrics(clock),
    ];
    let groups = groups.into_iter();
    groups.flat_map(|group| group.into_objects()).collect()
}

/// A cluster of three on 17.7 with 20Gi that can expand.
fn usual(at: Named, number: i64, clock: &Clock) -> Made<'_> {
    Made {
        at: at.into(),
        clock,
        number,
        instances: 3,
        image: image("17.7"),
        size: "20Gi",
        wal: None,
        class: "fast",
        database: "app",
        memory: "1Gi",
        age: (90 + number) * DAY + 5 * HOUR,
    }
}
