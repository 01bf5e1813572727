//! How much a model has to read.

use bulkhead_cnpg_data::ORDERS;
use serde_json::{Value, json};

use super::{Desk, calls, fleet, sim};

/// For an ordinary cluster, of the text and of the structured answer each.
const LARGEST_ANSWER: usize = 4 * 1024;

/// A page of the detailed list, however many clusters there are.
const LARGEST_DETAILED_LIST: usize = 8 * 1024;

/// The bytes of an answer's text and of its structure.
fn sizes(result: &Value) -> [usize; 2] {
    assert_ne!(result["isError"], true, "{result}");
    let text = result["content"][0]["text"].as_str().unwrap();
    [text.len(), result["structuredContent"].to_string().len()]
}

#[test]
fn every_tool_answers_with_at_most_4_kib() {
    let sim = sim().may_change();
    let open = || Desk::open(&sim.kubeconfig());
    let (changing, reading) = (open().tools(true), open().tools(false));
    for tool in changing.iter().chain(&reading) {
        let (name, arguments) = calls::arguments(tool);
        // So many proposals may be open at once at one host.
        let result = open().result(&name, &arguments);
        for size in sizes(&result) {
            assert!(size <= LARGEST_ANSWER, "{name}: {size} bytes: {result}");
        }
    }
    assert_eq!(sim.changes(), []);
}

#[test]
fn every_cluster_of_the_fleet_is_told_in_at_most_4_kib_and_in_8_with_every_detail() {
    let sim = sim();
    let mut desk = Desk::open(&sim.kubeconfig());
    for at in bulkhead_cnpg_data::ALL {
        for (level, largest) in [
            ("concise", LARGEST_ANSWER),
            ("detailed", 2 * LARGEST_ANSWER),
        ] {
            let of = json!({ "name": at.name, "namespace": at.namespace, "detail_level": level });
            let result = desk.result("get_cluster_status", &of);
            for size in sizes(&result) {
                assert!(size <= largest, "{at:?} {level}: {size} bytes: {result}");
            }
        }
    }
    desk.end();
}

/// A page has its own end, so that what is behind it has to be asked for.
#[test]
fn a_page_of_a_hundred_clusters_is_bounded_and_says_how_to_go_on() {
    let sim = sim();
    let of_fleet = fleet();
    let orders = of_fleet.object("Cluster", ORDERS.namespace, ORDERS.name);
    sim.server.change(|cluster| {
        for number in 0..100 {
            let mut another = orders.unwrap().clone();
            another["metadata"]["name"] = json!(format!("orders-of-{number:03}"));
            cluster.insert(another).unwrap();
        }
    });
    let mut desk = Desk::open(&sim.kubeconfig());
    for (level, largest) in [
        ("concise", LARGEST_ANSWER),
        ("detailed", LARGEST_DETAILED_LIST),
    ] {
        let page = json!({ "namespace": "shop", "detail_level": level });
        let result = desk.result("list_postgres_clusters", &page);
        for size in sizes(&result) {
            assert!(size <= largest, "{level}: {size} bytes: {result}");
        }
        let next = &result["structuredContent"]["continue"];
        assert!(next.is_string(), "{result}");
    }
    desk.end();
}
