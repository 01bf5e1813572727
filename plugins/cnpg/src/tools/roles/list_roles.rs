//! `list_postgres_roles`: what the list of managed roles asks for, what came of it, and the roles in the database that nothing manages.

use crate::cluster::Cluster;
use crate::format::{self, FORMAT};
use crate::place::{self, NAMESPACE};
use crate::role::{self, NOT_MANAGED, Role, RoleSecret};
use crate::standstill;
use bulkhead_plugin_sdk::arguments::{Argument, Given, PAGE, Takes};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::listing::{Listing, Total, tally};
use bulkhead_plugin_sdk::paging::First;
use bulkhead_plugin_sdk::{Failure, Object, Output, Place, Tool};

/// Each Secret is one host call, and a call has 200.
const MOST_SECRETS: usize = 60;

const COLUMNS: [&str; 7] = [
    "ROLE",
    "STATE",
    "ENSURE",
    "MAY",
    "MEMBER OF",
    "PASSWORD",
    "WHY",
];

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[OWN, NAMESPACE, FORMAT, PAGE];
}

const OWN: &[Argument] = &[Argument::text("cluster_name", "The cluster's name.").required()];

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "list_postgres_roles",
        "Lists the roles of a cluster: those that the operator manages with their attributes, whether they are reconciled and why not, \
         and whether the Secrets of their passwords are there with the keys it needs; and the other roles in the database, as far \
         as the cluster's status knows them. What is in trouble comes first. No password is shown.",
        list,
    )
    .title("List roles")
}

fn list(given: Given<Arguments>) -> Result<Output<Listing>, Failure> {
    let values = given.values;
    let place = place::choose(&values);
    let name = values.text("cluster_name").unwrap_or_default();
    let cluster = Cluster::find(&place, name)?;
    let status = role::status(&cluster);
    let limit = values.count("limit");
    let mut totals: Vec<Total> = Vec::new();
    let mut page = First::new(limit, values.text("continue"))?;
    let mut passwords = Passwords::new(&place);
    for role in role::listed(&cluster) {
        let state = match cluster.role_status(role.name()) {
            "" => "not in the status yet",
            state => state,
        };
        tally(&mut totals, state);
        let password = passwords.of(role)?;
        let mut why = role::obstacle(status, role.name());
        if why.is_empty() {
            why = password.trouble.unwrap_or_default().to_owned();
        }
        let rank = match (why.is_empty(), state) {
            (false, _) => '0',
            (true, role::RECONCILED) => '2',
            (true, _) => '1',
        };
        page.add(format!("{rank}/{}", role.name()), || {
            vec![
                role.name().to_owned(),
                state.to_owned(),
                role.entry.text("/ensure").to_owned(),
                powers(role),
                listed(&role.entry.texts("/inRoles")),
                password.words,
                why,
            ]
        });
    }
    let owner = role::application_owner(&cluster);
    for (rank, state) in [('3', NOT_MANAGED), ('4', "reserved")] {
        for other in role::in_state(status, state) {
            // A status that is older than the list may know a role of it as not managed.
            if role::find(&cluster, &other).is_some() {
                continue;
            }
            tally(&mut totals, state);
            let why = match (state, other == owner) {
                (NOT_MANAGED, true) => "owns the application's database; made with the cluster",
                (NOT_MANAGED, false) => "in the database, and not in the list",
                _ => "the operator's own",
            };
            page.add(format!("{rank}/{other}"), || {
                let mut cells = vec![other.clone(), state.to_owned()];
                cells.resize(COLUMNS.len() - 1, String::new());
                cells.push(why.to_owned());
                cells
            });
        }
    }
    let resource = format!("roles of cluster {name}");
    let page = page.page();
    let mut listing = Listing::new(resource, &place, totals, &COLUMNS, limit);
    for (token, cells) in page.rows {
        listing.row(token, cells);
    }
    listing.follow(page.remaining);
    for note in notes(&cluster, status).into_iter().chain(passwords.note()) {
        listing.note(note);
    }
    format::answer(&values, listing.in_words())
}

/// What a role may, the gravest first; that it inherits is said only where it does not.
fn powers(role: Role<'_>) -> String {
    let mut powers = Vec::new();
    for (attribute, word) in role::ATTRIBUTES {
        if attribute != "inherit" && role.may(attribute) {
            powers.push(word);
        }
    }
    if role.may("bypassrls") {
        powers.insert(0, "bypassrls");
    }
    if !role.may("inherit") {
        powers.push("noinherit");
    }
    powers.join(", ")
}

fn notes(cluster: &Cluster, status: Object<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if role::listed(cluster).is_empty() {
        // `Reconcile`, `internal/management/controller/roles/reconciler.go`: without a list it does not look at roles.
        notes.push("the operator manages no roles of this cluster, so it does not look at those in the database: what it reports may be old".to_owned());
    } else if status.part("/byStatus").0.is_null() {
        notes.push("the operator has not reported on roles yet".to_owned());
    }
    let owner = role::application_owner(cluster);
    if status.part("/byStatus").0.is_null() && !owner.is_empty() {
        notes.push(format!(
            "role {owner} owns the application's database; it was made with the cluster"
        ));
    }
    notes.extend(standstill::note(cluster).map(str::to_owned));
    notes
}

/// What is known of the passwords, read Secret by Secret.
struct Passwords<'a> {
    place: &'a Place,
    read: usize,
    /// Why the rest is not known.
    not_known: Option<&'static str>,
}

struct Password {
    words: String,
    trouble: Option<&'static str>,
}

impl<'a> Passwords<'a> {
    fn new(place: &'a Place) -> Self {
        Self {
            place,
            read: 0,
            not_known: None,
        }
    }

    fn of(&mut self, role: Role<'_>) -> Result<Password, Failure> {
        let said = |words: String, trouble| Ok(Password { words, trouble });
        let secret = role.secret();
        if role.entry.flag("/disablePassword") == Some(true) {
            return said("disabled".to_owned(), None);
        }
        if secret.is_empty() {
            return said(String::new(), None);
        }
        if self.read == MOST_SECRETS {
            self.not_known = Some("there are too many");
        }
        if self.not_known.is_some() {
            return said(secret.to_owned(), None);
        }
        self.read += 1;
        match RoleSecret::read(self.place, secret) {
            Ok(None) => said(
                format!("{secret} (missing)"),
                (!role.is_absent()).then_some("its Secret is missing: it has no password"),
            ),
            Ok(Some(found)) => match found.missing_keys().as_slice() {
                [] => said(secret.to_owned(), None),
                missing => said(
                    format!("{secret} (no {})", missing.join(", no ")),
                    Some(
                        "its Secret lacks a key: the operator manages no role of the cluster until it is there",
                    ),
                ),
            },
            Err(Failure::Denied(_)) => {
                self.not_known = Some("denied");
                said(secret.to_owned(), None)
            }
            Err(other) => Err(other),
        }
    }

    fn note(&self) -> Option<String> {
        let why = self.not_known?;
        Some(format!(
            "not known: whether the other Secrets of passwords are there ({why})"
        ))
    }
}
