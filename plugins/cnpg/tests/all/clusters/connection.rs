//! `get_postgres_connection`: whoever asks gets everything but the password.

use super::{OPERATOR, REST, ask, fleet, granted, refused};
use bulkhead_cnpg_data::{Fleet, SECRET_MARK};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use serde_json::{Value, json};
use std::time::SystemTime;

const TOOL: &str = "get_postgres_connection";

fn orders() -> Value {
    json!({ "cluster_name": "orders", "namespace": "shop" })
}

/// The fleet, with this in the place of a field of `orders`.
fn with(place: &str, value: Value) -> Running {
    let running = granted();
    let fleet = Fleet::new(SystemTime::now());
    let mut cluster = fleet
        .object("Cluster", "shop", "orders")
        .expect("it is there")
        .clone();
    cluster["metadata"]["name"] = json!("other");
    let (parent, field) = place.rsplit_once('/').expect("it is a pointer");
    cluster.pointer_mut(parent).expect("it is there")[field] = value;
    running
        .cluster()
        .change(|all| all.insert(cluster).expect("its type is served"));
    running
}

fn other(running: &Running) -> String {
    let asked = json!({ "cluster_name": "other", "namespace": "shop" });
    ask(running, TOOL, asked).text
}

#[test]
fn services_login_and_lines_are_ready_to_use() {
    let text = ask(&granted(), TOOL, orders()).text;
    for line in [
        "rw: orders-rw.shop.svc: the primary, to read and write",
        "ro: orders-ro.shop.svc: the replicas, to read",
        "r: orders-r.shop.svc: any instance, to read",
        "port: 5432",
        "database: orders",
        "user: orders",
        "Secret: orders-app",
        "its keys: dbname, fqdn-jdbc-uri, fqdn-uri, host, jdbc-uri, password, pgpass, port, uri, user, username",
        "URL: postgresql://orders@orders-rw.shop.svc:5432/orders?sslmode=require",
        "psql: psql \"host=orders-rw.shop.svc port=5432 dbname=orders user=orders sslmode=require\"",
        "in a pod: env PGPASSWORD from secretKeyRef: name orders-app, key password",
        "to check the server: sslmode=verify-full with key ca.crt of Secret orders-ca",
        "superuser: cannot log in over the network",
    ] {
        assert!(text.contains(line), "`{line}` is not in:\n{text}");
    }
    assert!(text.len() < 4096, "{}", text.len());
}

#[test]
fn no_password_is_in_any_answer_whatever_is_granted() {
    let all = r#"api_groups = [""], resources = ["secrets"], verbs = ["get", "list"], namespaces = ["*"], secret_values = true"#;
    for running in [granted(), fleet().grant(OPERATOR).grant(all).run(describe)] {
        for one in bulkhead_cnpg_data::ALL {
            let asked = json!({ "cluster_name": one.name, "namespace": one.namespace });
            let answer = ask(&running, TOOL, asked);
            let value = answer
                .structured
                .map(|value| value.to_string())
                .unwrap_or_default();
            assert!(
                !answer.text.contains(SECRET_MARK) && !value.contains(SECRET_MARK),
                "{value}"
            );
        }
    }
}

#[test]
fn a_managed_role_has_its_own_secret_and_the_database_may_be_another() {
    let mut asked = orders();
    asked["role"] = json!("reporting");
    asked["database"] = json!("audit");
    let text = ask(&granted(), TOOL, asked).text;
    for line in [
        "user: reporting",
        "database: audit",
        "Secret: cnpg-orders-user-reporting",
        "its keys: password, username",
        "postgresql://reporting@orders-rw.shop.svc:5432/audit",
    ] {
        assert!(text.contains(line), "`{line}` is not in:\n{text}");
    }
}

/// The operator gives the owner the password of its entry (`internal/management/controller/roles`).
#[test]
fn an_owner_in_the_list_logs_in_by_the_secret_of_its_entry() {
    let owner = |entry: Value| other(&with("/spec/managed/roles", json!([entry])));
    let text =
        owner(json!({ "name": "orders", "login": false, "passwordSecret": { "name": "owner-1" } }));
    assert!(text.contains("Secret: owner-1"), "{text}");
    assert!(text.contains("role orders has no `login`"), "{text}");
    let text = owner(json!({ "name": "orders", "login": true }));
    assert!(text.contains("Secret: other-app"), "{text}");
    let text = owner(json!({ "name": "orders", "login": true, "disablePassword": true }));
    assert!(!text.contains("Secret: other-app"), "{text}");
    let absent = with(
        "/spec/managed/roles",
        json!([{ "name": "orders", "ensure": "absent" }]),
    );
    let asked = json!({ "cluster_name": "other", "namespace": "shop" });
    let failure = refused(&absent, TOOL, asked);
    assert!(failure.message().contains("is to be absent"), "{failure}");
}

#[test]
fn a_role_that_is_not_managed_or_is_to_be_absent_is_refused() {
    let running = granted();
    let of = |role: &str| {
        let mut asked = orders();
        asked["role"] = json!(role);
        refused(&running, TOOL, asked).to_string()
    };
    let unknown = of("reportin");
    let said = "not-found: cluster `orders` manages no role `reportin`; there is reporting; next: list_postgres_roles";
    assert!(unknown.starts_with(said), "{unknown}");
    let absent = of("old_etl");
    assert!(
        absent.starts_with("conflict: role `old_etl` of cluster `orders` is to be absent"),
        "{absent}"
    );
}

#[test]
fn disabled_added_and_missing_services_are_told_apart() {
    let services = json!({ "services": {
        "disabledDefaultServices": ["ro"],
        "additional": [{ "selectorType": "rw", "serviceTemplate": { "metadata": { "name": "other-public" }, "spec": { "type": "LoadBalancer" } } }],
    } });
    let running = with("/spec/managed", services);
    running.cluster().change(|cluster| {
        let service = json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": { "name": "other-public", "namespace": "shop", "labels": { "cnpg.io/cluster": "other" } },
            "spec": { "type": "LoadBalancer" },
            "status": { "loadBalancer": { "ingress": [{ "hostname": "db.example.com" }] } },
        });
        cluster.insert(service).expect("services are served");
    });
    let text = other(&running);
    for line in [
        "ro: disabled by spec.managed.services.disabledDefaultServices",
        "rw: other-rw.shop.svc: the primary, to read and write (not there yet)",
        "added: other-public.shop.svc: the primary, to read and write; LoadBalancer db.example.com",
        "note: Secret other-app is not there (yet)",
    ] {
        assert!(text.contains(line), "`{line}` is not in:\n{text}");
    }
}

#[test]
fn names_that_would_need_quotes_are_put_into_no_line() {
    let bootstrap = json!({ "initdb": { "database": "a\" -c 'drop", "owner": "o" } });
    let text = other(&with("/spec/bootstrap", bootstrap));
    assert!(
        text.contains("note: there are no lines for psql or a URL"),
        "{text}"
    );
    assert!(
        !text.contains("psql \"") && !text.contains("postgresql://"),
        "{text}"
    );
}

#[test]
fn the_names_are_those_of_the_bootstrap_whatever_it_is() {
    let bootstrap = json!({ "recovery": { "source": "far", "database": "books", "owner": "keeper", "secret": { "name": "kept" } } });
    let text = other(&with("/spec/bootstrap", bootstrap));
    assert!(
        text.contains("books as keeper, the password is in Secret kept"),
        "{text}"
    );
    let text = other(&with("/spec/bootstrap", json!({})));
    assert!(
        text.contains("app as app, the password is in Secret other-app"),
        "{text}"
    );
}

#[test]
fn no_login_is_made_up_where_a_monolith_import_made_no_database() {
    let bootstrap = json!({ "initdb": { "import": { "type": "monolith", "databases": ["books"], "source": { "externalCluster": "far" } } } });
    let running = with("/spec/bootstrap", bootstrap);
    let text = other(&running);
    for line in [
        "database: not known",
        "user: not known",
        "Secret: not known",
        "note: a monolith import made no application's database: name a `database` and a managed `role`",
    ] {
        assert!(text.contains(line), "`{line}` is not in:\n{text}");
    }
    assert!(
        !text.contains("other-app") && !text.contains("postgresql://"),
        "{text}"
    );
    let asked = json!({ "cluster_name": "other", "namespace": "shop", "role": "reporting", "database": "books" });
    let text = ask(&running, TOOL, asked).text;
    assert!(
        text.contains("postgresql://reporting@other-rw.shop.svc:5432/books")
            && !text.contains("monolith"),
        "{text}"
    );
    let bootstrap =
        json!({ "initdb": { "import": { "type": "microservice", "databases": ["books"] } } });
    let text = other(&with("/spec/bootstrap", bootstrap));
    assert!(
        text.contains("app as app, the password is in Secret other-app"),
        "{text}"
    );
}

#[test]
fn a_cluster_that_answers_nobody_says_so() {
    let running = granted();
    for (name, said) in [
        ("vault", "note: it is hibernated"),
        ("payments", "note: it is fenced"),
    ] {
        let asked = json!({ "cluster_name": name, "namespace": "till" });
        let text = ask(&running, TOOL, asked).text;
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn what_is_not_granted_is_not_known_and_the_rest_is_said() {
    let text = ask(&fleet().grant(OPERATOR).run(describe), TOOL, orders()).text;
    for line in [
        "note: not known: whether the services are there (denied)",
        "note: not known: the keys of the Secret (denied)",
        "Secret: orders-app",
        "rw: orders-rw.shop.svc: the primary, to read and write",
    ] {
        assert!(text.contains(line), "`{line}` is not in:\n{text}");
    }
    assert!(!text.contains("not there yet"), "{text}");
    let failure = refused(&fleet().grant(REST).run(describe), TOOL, orders());
    assert!(matches!(failure, Failure::Denied(_)), "{failure}");
    let none = Kit::demo().grant(OPERATOR).run(describe);
    let failure = refused(&none, TOOL, orders()).to_string();
    assert!(
        failure.contains("CloudNativePG is not installed"),
        "{failure}"
    );
}
