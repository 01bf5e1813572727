//! How much a model has to read.

use super::{Desk, calls, sim};

/// For an ordinary cluster.
const LARGEST_ANSWER: usize = 4 * 1024;

#[test]
fn every_tool_answers_with_at_most_4_kib() {
    let sim = sim().may_change();
    let open = || Desk::open(&sim.kubeconfig());
    let (changing, reading) = (open().tools(true), open().tools(false));
    for tool in changing.iter().chain(&reading) {
        let (name, arguments) = calls::arguments(tool);
        // So many proposals may be open at once at one host.
        let text = open().call(&name, &arguments).succeeds(&[]).text;
        println!("{name}: {} bytes", text.len());
        assert!(
            text.len() <= LARGEST_ANSWER,
            "{name}: {} bytes:\n{text}",
            text.len()
        );
    }
    assert_eq!(sim.changes(), []);
}
