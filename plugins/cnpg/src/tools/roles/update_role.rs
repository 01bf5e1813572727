//! `update_postgres_role`: what a role may, and a new password for it. Never a password as an argument.

use super::ROLE;
use crate::cluster::Cluster;
use crate::place::{self, NAMESPACE};
use crate::role::{self, Role, RoleSecret};
use crate::waiting::TIMEOUT;
use crate::{identifier, standstill, telling};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes, Values, WAIT};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, carry_out};
use bulkhead_plugin_sdk::kubernetes::ObjectRef;
use bulkhead_plugin_sdk::{Failure, Output, Place, Tool, context};
use serde_json::{Value, json};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] =
        &[ROLE, OWN, NAMESPACE, CONFIRMATION, DRY_RUN, WAIT, TIMEOUT];
}

const OWN: &[Argument] = &[
    Argument::flag("login", "Whether it can log in."),
    Argument::flag(
        "superuser",
        "Whether it may do anything, on the server too. Of high risk.",
    ),
    Argument::flag(
        "inherit",
        "Whether it has the rights of the roles it is a member of.",
    ),
    Argument::flag("createdb", "Whether it may create databases."),
    Argument::flag(
        "createrole",
        "Whether it may create and change roles. Of high risk.",
    ),
    Argument::flag(
        "replication",
        "Whether it may copy all data by replication. Of high risk.",
    ),
    Argument::switch(
        "reset_password",
        "Has the host make a new password in the role's Secret, shown to nobody.",
    ),
    Argument::text(
        "password",
        "Refused: a model must not hold a password. Use reset_password.",
    ),
];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "update_postgres_role",
        "Proposes to change what a managed role may, or with reset_password a new password in its Secret that the host makes and \
         nobody is shown. A password is not taken as an argument. A person approves it.",
        update,
    )
    .title("Change a role")
}

fn update(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    // First of all: whatever else is wrong, a password is not to be sent again.
    if values.text("password").is_some() {
        return Err(Failure::invalid(
            "`password` is not taken: what a model is told stands in its context and in logs, so it must not hold a password",
        )
        .next_step("call again with reset_password and without password: the host makes one, in the role's Secret"));
    }
    let place = place::choose(&values);
    let name = values.text("role_name").unwrap_or_default();
    let cluster_name = values.text("cluster_name").unwrap_or_default();
    identifier::free_role("role_name", name)?;
    let cluster = Cluster::find(&place, cluster_name)?;
    let role = managed(&cluster, name, &place)?;
    let mut notes = telling::begun(standstill::note(&cluster));
    let (mut operations, mut words) = attributes(role, &values);
    let mut password = None;
    if values.is_on("reset_password") {
        words.push("a new password".to_owned());
        password = Some(new_password(
            &place,
            role,
            &cluster,
            &mut operations,
            &mut notes,
        )?);
    } else if values.is_on("login") && role.secret().is_empty() {
        notes.push("the role has no password; reset_password makes one".to_owned());
    }
    if words.is_empty() {
        return Err(Failure::Conflict(format!(
            "nothing is to be changed: role `{name}` of cluster `{cluster_name}` {} is already so",
            place.words
        ))
        .next_step("give an attribute that is to be otherwise, or reset_password"));
    }
    let mut summary = format!(
        "change role {name} of cluster {cluster_name} in {}: {}",
        place.namespace,
        words.join(", ")
    );
    telling::all(&mut summary, &notes);
    let mut plan = Plan::new(summary);
    // A Secret must be there before the role names it. One that it names already has the operator write the cluster's status as soon as it
    // changes, after which the list could not be changed: then the list comes first.
    let (secret, password) = password.unzip();
    let mut changes = [
        password,
        (!operations.is_empty()).then(|| role::edit(&cluster, role, operations)),
    ];
    if !role.secret().is_empty() {
        changes.reverse();
    }
    for change in changes.into_iter().flatten() {
        plan = plan.change(change);
    }
    let (target, status) = (cluster.target(), role::status(&cluster));
    carry_out(
        &values,
        plan,
        notes,
        Some(&mut || role::until_settled(&values, &target, name, status, secret.as_ref())),
    )
}

/// Returns the entry of a role that is to be there.
fn managed<'a>(cluster: &'a Cluster, name: &str, place: &Place) -> Result<Role<'a>, Failure> {
    let role = role::known(cluster, name, place)?;
    let of = cluster.name();
    match role {
        Some(role) if role.is_absent() => Err(Failure::Conflict(format!(
            "role `{name}` of cluster `{of}` {} is to be dropped (`ensure` is `absent`)",
            place.words
        ))
        .next_step("look at it with list_postgres_roles")),
        Some(role) => Ok(role),
        None => Err(Failure::Conflict(format!(
            "role `{name}` is in the database of cluster `{of}` {}, and not in the list that the operator manages",
            place.words
        ))
        .next_step("create_postgres_role takes it into the list, with a new password and without its memberships; or a person changes it by SQL")),
    }
}

/// Returns the operations for the attributes that are to be otherwise than they are, and the words for them.
fn attributes(role: Role<'_>, values: &Values) -> (Vec<Value>, Vec<String>) {
    let (mut operations, mut words) = (Vec::new(), Vec::new());
    for (attribute, word) in role::ATTRIBUTES {
        let Some(wanted) = values.flag(attribute) else {
            continue;
        };
        if wanted != role.may(attribute) {
            let no = if wanted { "" } else { "no " };
            words.push(format!("{no}{word}"));
            operations.push(role::set(role, attribute, Value::Bool(wanted)));
        }
    }
    (operations, words)
}

/// Makes a new password in the Secret that the role names; where it names none, in one of its own that it then names. Returns that Secret
/// too.
fn new_password(
    place: &Place,
    role: Role<'_>,
    cluster: &Cluster,
    operations: &mut Vec<Value>,
    notes: &mut Vec<String>,
) -> Result<(ObjectRef, Change), Failure> {
    let named = role.secret();
    let secret = if named.is_empty() {
        identifier::check("role_name", role.name())?;
        role::secret_name(cluster.name(), role.name())
    } else {
        named.to_owned()
    };
    notes.push(format!(
        "what is logged in stays so; what logs in needs the new password, which Secret {secret} then holds under password"
    ));
    notes.extend(standstill::of_password(cluster).map(str::to_owned));
    if named.is_empty() {
        operations.push(role::set(role, "passwordSecret", json!({ "name": secret })));
    }
    // The operator's webhook refuses both beside each other.
    if role.entry.flag("/disablePassword") == Some(true) {
        operations.push(role::remove(role, "disablePassword"));
        notes.push("so far the role was to have no password (disablePassword)".to_owned());
    }
    let now = context::now()?;
    if role
        .entry
        .time("/validUntil")
        .is_some_and(|until| until < now)
    {
        notes.push(format!(
            "PostgreSQL takes no password of this role since {} (validUntil), a new one neither",
            role.entry.text("/validUntil")
        ));
    }
    let change = match RoleSecret::read(place, &secret)? {
        None => {
            notes.push(format!("there is no Secret {secret}: it is created"));
            role::new_secret(place, &secret, cluster.name(), role.name())
        }
        Some(found) => {
            if !found.is_watched() {
                notes.push(format!(
                    "Secret {secret} has no label cnpg.io/reload: the operator sees the new password only when it looks at the cluster again"
                ));
            }
            found.rotate(place, cluster, role.name(), !named.is_empty())?
        }
    };
    Ok((role::secret_target(place, &secret), change))
}
