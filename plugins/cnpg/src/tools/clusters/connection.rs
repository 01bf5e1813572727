//! `get_postgres_connection`: where to connect to, as whom, and which Secret has the password. The password itself is never asked for.
//!
//! Names of the Secret's keys are read where that is granted; the host leaves out values, which this plugin has no way to ask for.
//! No snippet prints a password.

mod login;
mod services;

use crate::cluster::Cluster;
use crate::kinds::{core, named};
use crate::place::{self, NAMESPACE};
use bulkhead_plugin_sdk::arguments::{Argument, Given, Takes};
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef};
use bulkhead_plugin_sdk::{Document, Failure, Object, Output, Tool};
use login::Login;
use serde_json::Value;

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[OWN, NAMESPACE];
}

const OWN: &[Argument] = &[
    Argument::text("cluster_name", "The cluster's name.").required(),
    Argument::text(
        "role",
        "A managed role to connect as; left out: the owner of the application's database.",
    ),
    Argument::text("database", "The database; left out: the application's."),
];

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "get_postgres_connection",
        "Says how to connect to a PostgreSQL cluster of CloudNativePG: hosts and ports of its services rw, ro and r, and which of \
         them are disabled, database, user, the Secret with the password and its keys, and lines for psql and a URL without the \
         password. The password is never returned.",
        get,
    )
    .title("Show how to connect to PostgreSQL")
}

fn get(given: Given<Arguments>) -> Result<Output<Document>, Failure> {
    let values = given.values;
    let place = place::choose(&values);
    let cluster = Cluster::find(&place, values.text("cluster_name").unwrap_or_default())?;
    let login = Login::choose(&cluster, values.text("role"), values.text("database"))?;
    let mut document = Document::new(named("clusters"), cluster.name(), &place);
    document.summary(format!(
        "{} as {}, the password is in Secret {}",
        shown(&login.database),
        shown(&login.user),
        shown(&login.secret)
    ));
    document.section("services");
    services::say(&mut document, &cluster)?;
    document.section("login");
    document.fact("database", shown(&login.database));
    document.fact("user", shown(&login.user));
    document.fact("Secret", shown(&login.secret));
    keys(&mut document, &cluster, &login.secret)?;
    document.fact(
        "superuser",
        match cluster.object().flag("/spec/enableSuperuserAccess") {
            Some(true) => "can log in over the network: `enableSuperuserAccess` is on",
            Some(false) | None => "cannot log in over the network: `enableSuperuserAccess` is off",
        },
    );
    document.section("lines to use");
    lines(&mut document, &cluster, &login);
    notes(&mut document, &cluster, &login);
    Ok(document.in_words())
}

/// Says which keys the Secret has, and that it is not there where it is not.
fn keys(document: &mut Document, cluster: &Cluster, secret: &str) -> Result<(), Failure> {
    if secret.is_empty() {
        return Ok(());
    }
    let object = ObjectRef::in_namespace(core("secrets"), cluster.namespace(), secret);
    match kubernetes::get::<Value>(&object) {
        Err(Failure::NotFound(_)) => {
            document.note(format!("Secret {secret} is not there (yet): the operator makes it with the cluster, or a person has to"));
            Ok(())
        }
        Ok(found) => {
            let data = Object(&found).part("/data").0.as_object();
            let keys: Vec<_> = data
                .into_iter()
                .flatten()
                .map(|(key, _)| key.as_str())
                .collect();
            document.fact("its keys", keys.join(", "));
            Ok(())
        }
        Err(other) => document
            .known("the keys of the Secret", Err(other))
            .map(drop),
    }
}

fn lines(document: &mut Document, cluster: &Cluster, login: &Login) {
    let (database, user) = (&login.database, &login.user);
    // What would need quotes in a shell or an URL is not put into one.
    if ![database, user].iter().all(|name| is_plain(name)) {
        document.note("there are no lines for psql or a URL: database or user are not known, or would need quotes in them");
        return;
    }
    let Some(host) = services::host(cluster) else {
        return;
    };
    document.fact(
        "URL",
        format!("postgresql://{user}@{host}:5432/{database}?sslmode=require"),
    );
    document.fact(
        "psql",
        format!("psql \"host={host} port=5432 dbname={database} user={user} sslmode=require\" (it asks for the password)"),
    );
    let service = host.split('.').next().unwrap_or_default();
    document.fact(
        "from outside",
        format!(
            "kubectl port-forward -n {} service/{service} 5432:5432, then psql with host=localhost",
            cluster.namespace()
        ),
    );
    if !login.secret.is_empty() {
        document.fact(
            "in a pod",
            format!(
                "env PGPASSWORD from secretKeyRef: name {}, key password",
                login.secret
            ),
        );
    }
    let authority = cluster.object().text("/status/certificates/serverCASecret");
    if !authority.is_empty() {
        document.fact(
            "to check the server",
            format!("sslmode=verify-full with key ca.crt of Secret {authority} as sslrootcert"),
        );
    }
}

fn notes(document: &mut Document, cluster: &Cluster, login: &Login) {
    if !login.can_log_in {
        document.note(format!(
            "role {} has no `login`: it cannot connect",
            login.user
        ));
    }
    if login.user.is_empty() || login.database.is_empty() {
        document.note(
            "a monolith import made no application's database: name a `database` and a managed `role`",
        );
    }
    if login.secret.is_empty() && !login.user.is_empty() {
        document.note(format!(
            "role {} has no `passwordSecret`: whoever made its password has it; update_postgres_role gives it one",
            login.user
        ));
    }
    if cluster.is_replica() {
        document.note("it is a replica cluster: its rw service takes no writes either");
    }
    if cluster.is_hibernated() {
        document.note("it is hibernated: nothing answers until it is woken");
    } else if cluster.is_wholly_fenced() {
        document.note("it is fenced: nothing answers until the fencing is lifted");
    } else if cluster.is_fenced(cluster.primary()) {
        document.note(
            "its primary is fenced: the rw service leads nowhere until the fencing is lifted",
        );
    } else if cluster.ready() == 0 {
        document.note("no instance is ready now; get_cluster_status says why");
    }
}

fn shown(text: &str) -> &str {
    if text.is_empty() { "not known" } else { text }
}

fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    !name.is_empty() && name.chars().all(plain)
}
