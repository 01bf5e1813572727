//! `create_postgres_role`: a role in the list of those that the operator manages, and a Secret with a password that the host makes.

use super::ROLE;
use crate::cluster::Cluster;
use crate::place::{self, NAMESPACE};
use crate::role::{self, NOT_MANAGED, RoleSecret};
use crate::waiting::TIMEOUT;
use crate::{identifier, standstill, telling};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes, Values, WAIT};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, carry_out};
use bulkhead_plugin_sdk::{Failure, Output, Place, Tool};
use serde_json::{Value, json};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[
        ROLE,
        ATTRIBUTES,
        NAMESPACE,
        CONFIRMATION,
        DRY_RUN,
        WAIT,
        TIMEOUT,
    ];
}

/// What the operator takes from a role that was there, since the entry does not say it (`isEquivalentTo`, `hasSameCommentAs` and
/// `getRolesToRevoke`, `internal/management/controller/roles`).
const LOST: &str = "it loses its memberships, BYPASSRLS, connection limit, expiry and comment";

const ATTRIBUTES: &[Argument] = &[
    Argument::flag(
        "login",
        "Whether it can log in; without, it gets no password.",
    )
    .or_yes(),
    Argument::switch(
        "superuser",
        "Whether it may do anything, on the server too. Of high risk.",
    ),
    Argument::flag(
        "inherit",
        "Whether it has the rights of the roles it is a member of.",
    )
    .or_yes(),
    Argument::switch("createdb", "Whether it may create databases."),
    Argument::switch(
        "createrole",
        "Whether it may create and change roles. Of high risk.",
    ),
    Argument::switch(
        "replication",
        "Whether it may copy all data by replication. Of high risk.",
    ),
];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "create_postgres_role",
        "Proposes a role for a cluster: an entry in the list of roles that the operator manages, and a Secret \
         cnpg-{cluster}-user-{role} with a password that the host makes when it applies and nobody is shown. A person approves both as one.",
        create,
    )
    .title("Create a role")
}

fn create(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let place = place::choose(&values);
    let name = values.text("role_name").unwrap_or_default();
    identifier::free_role("role_name", name)?;
    identifier::check("role_name", name)?;
    let cluster_name = values.text("cluster_name").unwrap_or_default();
    let cluster = Cluster::find(&place, cluster_name)?;
    refuse_listed(&cluster, name, &place)?;
    let status = role::status(&cluster);
    let mut notes = telling::begun(standstill::note(&cluster));
    let mut summary = summary(&values, name, cluster_name, &place);
    telling::all(&mut summary, &notes);
    let there = if name == role::application_owner(&cluster) {
        notes.push(format!(
            "the owner's Secret is {}",
            role::application_secret(&cluster)
        ));
        "it takes over the owner of the application's database, which then no longer logs in by its Secret"
    } else if cluster.role_status(name) == NOT_MANAGED {
        "PostgreSQL has a role of that name already: it gets these attributes, and where it logs in a new password"
    } else if role::listed(&cluster).is_empty() {
        // Without a list no instance looks at roles, so the status need not have those that are there.
        "not known whether PostgreSQL has such a role: one that is there is taken over"
    } else {
        ""
    };
    if !there.is_empty() {
        telling::both(&mut summary, &mut notes, there);
        telling::both(&mut summary, &mut notes, LOST);
    }
    let mut entry = json!({
        "name": name, "ensure": "present",
        "login": values.is_on("login"), "inherit": values.is_on("inherit"),
    });
    for attribute in ["superuser", "createdb", "createrole", "replication"] {
        if values.is_on(attribute) {
            entry[attribute] = Value::Bool(true);
        }
    }
    let mut password = None;
    if values.is_on("login") {
        let secret = role::secret_name(cluster_name, name);
        entry["passwordSecret"] = json!({ "name": secret });
        password = Some(with_password(
            &place,
            &secret,
            &cluster,
            name,
            &mut notes,
            &mut summary,
        )?);
    } else {
        notes.push("it cannot log in, so it gets no Secret and no password".to_owned());
    }
    let mut plan = Plan::new(summary);
    if let Some(password) = password {
        plan = plan.change(password);
    }
    let plan = plan.change(role::append(&cluster, &entry));
    let target = cluster.target();
    carry_out(
        &values,
        plan,
        notes,
        Some(&mut || role::until_settled(&values, &target, name, status, None)),
    )
}

/// A role that is in the list is changed and not made.
fn refuse_listed(cluster: &Cluster, name: &str, place: &Place) -> Result<(), Failure> {
    let Some(found) = role::find(cluster, name) else {
        return Ok(());
    };
    let of = format!("cluster `{}` {}", cluster.name(), place.words);
    let (why, next) = if found.is_absent() {
        (
            "to be dropped (`ensure` is `absent`)",
            "call delete_postgres_role once more: where the operator has dropped the role, it takes the entry out, and then the name is free",
        )
    } else {
        ("there already", "change it with update_postgres_role")
    };
    Err(Failure::Conflict(format!("in the list of {of} role `{name}` is {why}")).next_step(next))
}

/// Makes the role's Secret; one that is the role's own is there from an earlier role of that name, and gets a new password.
fn with_password(
    place: &Place,
    secret: &str,
    cluster: &Cluster,
    name: &str,
    notes: &mut Vec<String>,
    summary: &mut String,
) -> Result<Change, Failure> {
    notes.push(format!(
        "the password is made when this is applied and shown to nobody; the application reads it from Secret {secret}, keys username \
         and password"
    ));
    if let Some(why) = standstill::of_password(cluster) {
        telling::both(summary, notes, why);
    }
    match RoleSecret::read(place, secret) {
        Ok(Some(found)) => {
            let change = found.rotate(place, cluster, name, false)?;
            let lost = "its Secret from an earlier role of that name gets a new password";
            telling::both(summary, notes, lost);
            Ok(change)
        }
        Ok(None) => Ok(role::new_secret(place, secret, cluster.name(), name)),
        Err(Failure::Denied(_)) => {
            notes.push(format!(
                "not known: whether there is a Secret {secret} already (denied); if there is, the change fails"
            ));
            Ok(role::new_secret(place, secret, cluster.name(), name))
        }
        Err(other) => Err(other),
    }
}

fn summary(values: &Values, name: &str, cluster: &str, place: &Place) -> String {
    let mut may: Vec<&str> = Vec::new();
    for (attribute, word) in role::ATTRIBUTES {
        if attribute != "inherit" && values.is_on(attribute) {
            may.push(word);
        }
    }
    let may = if may.is_empty() {
        "no attributes".to_owned()
    } else {
        may.join(", ")
    };
    format!(
        "create role {name} ({may}) in cluster {cluster} in {}",
        place.namespace
    )
}
