//! The host is killed at any time while changes are proposed and applied.
//!
//! When it is killed is chance: the seed of a run is printed, and `BULKHEAD_SEED` takes it again, as far as a machine's timing
//! can be repeated. `BULKHEAD_KILLS` says how often; `cargo xtask bench --kills 500` does it longer.

use std::{
    collections::BTreeMap,
    env,
    fmt::Debug,
    str::FromStr,
    thread,
    time::{Duration, Instant, SystemTime},
};

use bulkhead_tests::mcp_client::McpClient;
use serde_json::{Value, json};

use super::{Setup, Shop, UNASKED, call};

/// So often where nothing else is said.
const KILLS: u32 = 30;

/// What one host changes at once.
const OBJECTS: [&str; 3] = ["a", "b", "c"];

/// A change as the store has it.
#[derive(Debug)]
struct Row {
    id: String,
    state: String,
    object: String,
    round: u32,
}

#[test]
fn whenever_the_host_is_killed_nothing_is_applied_twice_and_all_of_it_is_accounted_for() {
    let kills = number("BULKHEAD_KILLS").unwrap_or(KILLS);
    let seed = number("BULKHEAD_SEED").unwrap_or_else(by_the_clock);
    println!("{kills} kills with seed {seed}");
    let mut chance = Chance(seed);
    let shop = Setup {
        approval: Some(UNASKED),
        // What may still be on its way is waited for so long.
        request_timeout: "3s",
        ..Setup::usual()
    }
    .open();
    for name in OBJECTS {
        shop.make(&format!(
            "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}, data: {{round: none}}}}"
        ));
    }
    // How long a host needs for a round that nobody ends.
    let (mut host, begun) = begin(&shop, 0);
    for call in begun.1 {
        host.answer(call).unwrap().unwrap();
    }
    let whole = begun.0.elapsed();
    drop(host);
    let mut ended = BTreeMap::<String, u32>::new();
    check(&shop, 0, &mut ended);
    for round in 1..=kills {
        let (host, (began, _)) = begin(&shop, round);
        let life = chance.part_of(whole + whole / 4);
        // The one thing here that is about time: chance ends it.
        thread::sleep(life.saturating_sub(began.elapsed()));
        // Killed.
        drop(host);
        let next = shop.another(&[]);
        shop.settled();
        check(&shop, round, &mut ended);
        drop(next);
    }
    println!("so the changes ended: {ended:?}");
    accounted(&shop);
}

/// Starts a host that makes each object be of this round. Returns when that began, and the calls.
fn begin(shop: &Shop, round: u32) -> (McpClient, (Instant, Vec<u64>)) {
    let mut host = shop.another(&[]);
    // Connects, and maps the component: most of a first call, in which nothing can go wrong yet.
    let get = json!({ "kind": "configmap", "namespace": shop.namespace, "name": "a" });
    call(&mut host, "k8s_get", get).succeeds(&["round"]);
    let began = Instant::now();
    let calls = OBJECTS.map(|name| {
        let arguments = json!({
            "kind": "configmap", "namespace": shop.namespace, "name": name, "operation": "patch",
            "patch": { "data": { "round": round.to_string() } }, "confirm": true,
        });
        let call = json!({ "name": "k8s_patch", "arguments": arguments });
        host.begin("tools/call", call).unwrap()
    });
    (host, (began, calls.into()))
}

/// What the store says of this round's changes is what happened at the server.
fn check(shop: &Shop, round: u32, ended: &mut BTreeMap<String, u32>) {
    // All requests that ever began have ended by now.
    let sent = shop.changes();
    for name in OBJECTS {
        let rows: Vec<Row> = rows(shop)
            .into_iter()
            .filter(|row| row.round == round && row.object == name)
            .collect();
        assert!(rows.len() <= 1, "one call made {rows:#?}");
        let is = shop.kubectl(&format!(
            "get configmap {name} --output=jsonpath={{.data.round}}"
        ));
        let changed = is == round.to_string();
        let Some(row) = rows.first() else {
            assert!(
                !changed,
                "round {round} changed {name}, and no change says so"
            );
            *ended.entry("not proposed".to_owned()).or_default() += 1;
            continue;
        };
        let requests = sent
            .iter()
            .filter(|change| change.audit_id.starts_with(&row.id))
            .count();
        match row.state.as_str() {
            "applied" => assert!(
                changed && requests == 1,
                "{row:?} is {is}, by {requests} requests"
            ),
            // A request may have gone out that the server let go of.
            "failed" => assert!(
                !changed && requests <= 1,
                "{row:?} is {is}, by {requests} requests"
            ),
            "proposed" | "approved" => {
                assert!(
                    !changed && requests == 0,
                    "{row:?} is {is}, by {requests} requests"
                );
            }
            state => panic!("`{state}` is no end of {row:?}"),
        }
        *ended.entry(row.state.clone()).or_default() += 1;
    }
}

fn rows(shop: &Shop) -> Vec<Row> {
    let database = shop.database();
    let mut statement = database
        .prepare("SELECT id, state, document FROM proposals")
        .unwrap();
    let rows = statement.query_map([], |row| {
        let document: String = row.get(2)?;
        let document: Value = serde_json::from_str(&document).unwrap();
        let step = &document["steps"][0];
        let round = document["binding"]["arguments"]["patch"]["data"]["round"].as_str();
        Ok(Row {
            id: row.get(0)?,
            state: row.get(1)?,
            object: step["target"]["name"].as_str().unwrap().to_owned(),
            round: round.unwrap().parse().unwrap(),
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// Over all of it: no two requests of one change, an outcome for each intent, and a chain that holds.
fn accounted(shop: &Shop) {
    let mut ids: Vec<String> = shop
        .changes()
        .into_iter()
        .map(|change| change.audit_id)
        .collect();
    let requests = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), requests, "an Audit-ID was sent twice");
    let listed = shop.bulkhead("audit list --json --limit 1000000");
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let mut open = BTreeMap::<String, bool>::new();
    for line in listed.stdout.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let Some(change) = record["change"].as_str() else {
            continue;
        };
        match record["kind"].as_str().unwrap() {
            "intent" => assert!(
                open.insert(change.to_owned(), true).is_none(),
                "a second intent: {record}"
            ),
            "outcome" => {
                open.insert(change.to_owned(), false);
            }
            _ => {}
        }
    }
    let open: Vec<_> = open.into_iter().filter(|(_, open)| *open).collect();
    assert!(open.is_empty(), "intents without an outcome: {open:?}");
    shop.verified();
}

fn number<T: FromStr<Err: Debug>>(name: &str) -> Option<T> {
    env::var(name).ok().map(|text| text.parse().unwrap())
}

fn by_the_clock() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    u64::from(now.unwrap().subsec_nanos())
}

/// SplitMix64: enough for moments.
struct Chance(u64);

impl Chance {
    fn part_of(&mut self, whole: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        whole.mul_f64(f64::from((mixed >> 32) as u32) / f64::from(u32::MAX))
    }
}
