//! `delete_postgres_role`: a role is dropped, and then its entry and its Secret go.
//!
//! What is only taken out of the list stays in the database: the operator then leaves it alone. So the entry says `ensure: absent`, as the
//! operator's own page on roles has it, and is taken out by a second call once the status says that this was done. The Secret goes with
//! the entry and not before: until then the drop may fail, or be taken back, and the password is still that of the role. The status
//! has no generation, so it may be older than the entry: never say more than that it says so, and never go by it where nothing renews it.

use super::ROLE;
use crate::cluster::Cluster;
use crate::kinds::cnpg;
use crate::place::{self, NAMESPACE};
use crate::role::{self, Owner, RECONCILED, Role, RoleSecret};
use crate::{identifier, row, standstill, telling};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, Propagation, carry_out};
use bulkhead_plugin_sdk::document::{listed, not_known};
use bulkhead_plugin_sdk::kubernetes::Query;
use bulkhead_plugin_sdk::{Failure, Output, Place, Tool};
use serde_json::json;

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[ROLE, NAMESPACE, CONFIRMATION, DRY_RUN];
}

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "delete_postgres_role",
        "Proposes to drop a role: its entry says ensure: absent, by which the operator drops it. Warns of databases that it owns, for \
         which PostgreSQL refuses. Called again once the operator has done so, takes the entry out of the list and deletes the role's \
         own Secret. A person approves each.",
        delete,
    )
    .title("Delete a role")
    .destructive()
}

fn delete(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let place = place::choose(&values);
    let name = values.text("role_name").unwrap_or_default();
    let cluster_name = values.text("cluster_name").unwrap_or_default();
    identifier::free_role("role_name", name)?;
    let cluster = Cluster::find(&place, cluster_name)?;
    let found = role::known(&cluster, name, &place)?;
    let place_of = format!("of cluster {cluster_name} in {}", place.namespace);
    if let Some(role) = found.filter(|role| role.is_absent()) {
        refuse_unfinished(&cluster, role, &place)?;
        let mut notes = vec![
            "that it is dropped is what the status says, which may be older than the entry: where list_postgres_roles shows it as not-managed later, call this tool again"
                .to_owned(),
        ];
        let mut summary = format!(
            "take the entry of role {name} out of the list {place_of}, which the status says is dropped"
        );
        let own = own_secret(&place, role, &cluster, &mut notes)?;
        let mut changes = vec![role::edit(&cluster, role, vec![role::remove(role, "")])];
        if let Some(secret) = own {
            telling::both(
                &mut summary,
                &mut notes,
                "its Secret goes too, with the password",
            );
            changes.push(secret);
        }
        let plan = changes.into_iter().fold(Plan::new(summary), Plan::change);
        return carry_out(&values, plan, notes, None);
    }
    let mut notes = telling::begun(standstill::note(&cluster));
    notes.extend(what_it_holds(&cluster, name, &place)?);
    let change = match found {
        None => {
            notes.push("it is not in the list of managed roles: an entry that says ensure: absent is added, by which the operator drops it".to_owned());
            role::append(&cluster, &json!({ "name": name, "ensure": "absent" }))
        }
        Some(role) => role::edit(
            &cluster,
            role,
            vec![role::set(role, "ensure", json!("absent"))],
        ),
    };
    let mut summary = format!("drop role {name} {place_of}");
    telling::all(&mut summary, &notes);
    let plan = Plan::new(summary).change(change);
    notes.push("list_postgres_roles shows when the operator has done it; call this tool again then: the entry is taken out and a Secret of the role's own deleted, which stay until then".to_owned());
    carry_out(&values, plan, notes, None)
}

/// An entry is of use as long as the role may be in the database.
fn refuse_unfinished(cluster: &Cluster, role: Role<'_>, place: &Place) -> Result<(), Failure> {
    let (status, name) = (role::status(cluster), role.name());
    let why = role::obstacle(status, name);
    let what = format!(
        "role `{name}` of cluster `{}` {}",
        cluster.name(),
        place.words
    );
    if !why.is_empty() {
        return Err(
            Failure::Conflict(format!("{what} is to be dropped, and PostgreSQL refuses: {why}"))
                .next_step("have a person give what it owns to another role, or drop that; the operator then goes on by itself"),
        );
    }
    if cluster.role_status(name) != RECONCILED {
        return Err(Failure::Conflict(format!(
            "{what} is to be dropped already, which the operator has not done yet"
        ))
        .next_step("look again with list_postgres_roles"));
    }
    // The primary's own instance manager drops roles and writes their status.
    let is_down = cluster.ready() == 0 || cluster.is_moving();
    let primary = is_down.then_some("its primary is not up");
    match standstill::of_primary(cluster).or(primary) {
        None => Ok(()),
        Some(why) => Err(Failure::Conflict(format!(
            "the entry of {what} stays: the status may be from before it was to be dropped, and nothing renews it now, since {why}"
        ))
        .next_step("look at get_cluster_status, and call again once the cluster goes on")),
    }
}

/// Says for what PostgreSQL would refuse to drop it, and who loses what it gives.
fn what_it_holds(cluster: &Cluster, name: &str, place: &Place) -> Result<Vec<String>, Failure> {
    let mut notes = Vec::new();
    let mut owned = Vec::new();
    let cluster_name = cluster.name();
    let query = Query::in_namespace(cnpg("databases"), &place.namespace);
    let paths = [
        "spec.cluster.name",
        "spec.owner",
        "spec.name",
        "spec.ensure",
    ];
    let read = row::each(&query, &paths, &mut |row| {
        if row.text(0) == cluster_name && row.text(1) == name && row.text(3) != "absent" {
            owned.push(row.text(2).to_owned());
        }
        Ok(())
    });
    match not_known(&read) {
        Some(why) => notes.push(format!("not known: which databases it owns ({why})")),
        None => read?,
    }
    if name == role::application_owner(cluster) {
        notes.push("it owns the application's database, which was made with the cluster: PostgreSQL will refuse to drop it".to_owned());
    }
    if !owned.is_empty() {
        notes.push(format!(
            "it owns the databases {}: PostgreSQL will refuse to drop it as long as it does",
            listed(&owned)
        ));
    }
    let roles = role::listed(cluster).into_iter();
    let members = roles.filter(|role| role.entry.texts("/inRoles").iter().any(|one| one == name));
    let members: Vec<_> = members.map(|role| role.name().to_owned()).collect();
    if !members.is_empty() {
        notes.push(format!(
            "{} are members of it (inRoles), which the operator can then not grant any more",
            listed(&members)
        ));
    }
    notes.push("what else it owns, and rights that were granted to it, are not known here: PostgreSQL refuses to drop a role that has any".to_owned());
    Ok(notes)
}

/// Deletes the role's Secret, where it is its own by name and by labels.
fn own_secret(
    place: &Place,
    role: Role<'_>,
    cluster: &Cluster,
    notes: &mut Vec<String>,
) -> Result<Option<Change>, Failure> {
    let secret = role.secret();
    if secret.is_empty() {
        return Ok(None);
    }
    let is_own_name = secret == role::secret_name(cluster.name(), role.name());
    let why = match RoleSecret::read(place, secret) {
        Ok(Some(found)) => match found.owner(cluster, role.name()) {
            Owner::Role if is_own_name => {
                let target = role::secret_target(place, secret);
                return Ok(Some(Change::delete(target, Propagation::Background)));
            }
            Owner::Other(why) => format!("Secret {secret} stays: {why}"),
            Owner::Role | Owner::Nobody => format!(
                "Secret {secret} stays: it was not made with the role, and may be used elsewhere"
            ),
        },
        Ok(None) => format!("its Secret {secret} is gone already"),
        Err(Failure::Denied(_)) => {
            format!("not known: whose Secret {secret} is (denied); it stays, with the password")
        }
        Err(other) => return Err(other),
    };
    notes.push(why);
    Ok(None)
}
