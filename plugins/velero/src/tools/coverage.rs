//! `check_velero_coverage`: every namespace and claim against its objective, worst first.

use crate::judging::answer::{Judgement, Rows};
use crate::judging::cluster::{self, Namespace, Standing};
use crate::judging::coverage::{Evidence, Found, State};
use crate::judging::objectives::Objectives;
use crate::judging::points::{self, Line};
use crate::judging::stores::Stores;
use crate::judging::volumes::{self, Volume};
use crate::place::{self, NAMESPACE};
use crate::selection::{CLAIMS, Selection};
use crate::settings::settings;
use bulkhead_plugin_sdk::arguments::{Argument, Given, PAGE, Takes};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::{Failure, Output, Place, Tool, context};

/// For so many lines of backups the volumes are looked up: a call each.
const MOST_LOOKED_UP: usize = 20;

/// The longest name by which what belongs to a backup is found.
const LONGEST_LABEL: usize = 63;

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[NAMESPACE, OWN, PAGE];
}

const OWN: &[Argument] = &[
    Argument::texts("of", "Only these namespaces."),
    Argument::switch(
        "all",
        "Shows what is covered too, and each claim; left out: only what is not.",
    ),
];

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "check_velero_coverage",
        "Judges whether every namespace and persistent volume claim is backed up: its last good backup against the recovery \
         point objective that the operator set, and why it is not covered (excluded, label selector, no schedule, paused, \
         location unavailable, hooks failed, failing, expired). Totals, then a table page, worst first. Reads all \
         namespaces, claims, schedules and backups, field by field.",
        check,
    )
    .title("Check backup coverage")
}

fn check(given: Given<Arguments>) -> Result<Output<Judgement>, Failure> {
    let values = given.values;
    let place = place::choose(values.text("namespace"))?;
    let objectives = Objectives::check(settings()?.objectives.unwrap_or_default())?;
    let of = Some(values.texts("of")).filter(|of| !of.is_empty());
    let now = context::now()?;
    let lines = points::lines(&place.namespace, now)?;
    let mut judgement = Judgement::new("coverage".to_owned(), &place);
    let evidence = Evidence {
        moved: moved(&lines, &place, &mut judgement)?,
        schedules: points::schedules(&place.namespace)?,
        stores: Stores::read(&place.namespace)?,
        lines,
        objectives,
        now,
    };
    let mut namespaces = cluster::namespaces()?;
    if let Some(of) = &of {
        namespaces.retain(|namespace| of.contains(&namespace.object.name));
        let known = |name: &String| namespaces.iter().any(|one| one.object.name == *name);
        for missing in of.iter().filter(|name| !known(name)) {
            judgement.not_known(format!(
                "namespace `{missing}`, the cluster has none of that name"
            ));
        }
    }
    let mut claims: Vec<Standing> = Vec::new();
    let read = cluster::each(CLAIMS, of.as_deref(), &[], &mut |claim| claims.push(claim));
    judgement.known("persistent volume claims", read)?;
    let mut report = Report {
        rows: Rows::of(&values),
        all: values.is_on("all"),
        judgement,
        evidence: &evidence,
        system: system(&place),
        tiers: Vec::new(),
    };
    report.count_from_zero();
    for namespace in &namespaces {
        let within = |claim: &&Standing| claim.namespace == namespace.object.name;
        report.namespace(namespace, &claims.iter().filter(within).collect::<Vec<_>>());
    }
    Ok(report.finish())
}

/// Looks up which volumes' data was moved, for lines whose status and spec alone do not say that they have the data of volumes.
fn moved(
    lines: &[Line],
    place: &Place,
    judgement: &mut Judgement,
) -> Result<Vec<Option<Vec<Volume>>>, Failure> {
    let mut all = Vec::new();
    let mut looked_up = 0;
    for line in lines {
        let spec = Selection::of(&line.spec);
        let said = line.snapshots > 0 && spec.takes_data() && spec.selector().is_empty();
        let shown = line.shown().filter(|_| !said && spec.takes_kind(CLAIMS));
        let mut found = None;
        if let Some(backup) = shown {
            looked_up += 1;
            // A line keeps no UID, by which backups with longer names are found.
            if looked_up <= MOST_LOOKED_UP && backup.name.len() <= LONGEST_LABEL {
                let read = volumes::of_backup(&place.namespace, &backup.name, "");
                let read = read.map(|volumes| found = Some(volumes));
                judgement.known("which volumes' data was moved", read)?;
            } else {
                judgement.not_known("which volumes' data some backups moved, too many to look up");
            }
        }
        all.push(found);
    }
    Ok(all)
}

/// Whose namespaces belong to the cluster itself: Kubernetes keeps `kube-` for them.
fn system(place: &Place) -> impl Fn(&str) -> bool + use<'_> {
    |name| name.starts_with("kube-") || name.starts_with("openshift") || name == place.namespace
}

/// Returns what is counted, such as `namespaces not covered`.
fn total(what: &str, state: State, apart: bool) -> String {
    let whose = if apart { "of the system " } else { "" };
    format!("{what} {whose}{}", state.words())
}

struct Report<'a, S> {
    rows: Rows,
    all: bool,
    judgement: Judgement,
    evidence: &'a Evidence,
    system: S,
    /// Those that no setting knows.
    tiers: Vec<String>,
}

impl<S: Fn(&str) -> bool> Report<'_, S> {
    fn namespace(&mut self, namespace: &Namespace, claims: &[&Standing]) {
        let object = &namespace.object;
        if namespace.terminating {
            let name = &object.name;
            self.judgement
                .not_known(format!("namespace `{name}`, it is being deleted"));
            return;
        }
        let objective = self.evidence.objective(object);
        if let Some(tier) = objective.unknown_tier {
            let tier = tier.to_owned();
            if !self.tiers.contains(&tier) {
                self.tiers.push(tier);
            }
        }
        // What belongs to the cluster itself stands last, unless somebody said that it matters.
        let apart =
            (self.system)(&object.name) && !objective.own && !self.evidence.is_named(&object.name);
        let found = self.evidence.judge(namespace, None);
        let mut covered = 0;
        for claim in claims {
            let of_claim = self.evidence.judge(namespace, Some(claim));
            covered += usize::from(of_claim.state == State::Covered);
            self.count("claims", of_claim.state, apart);
            let worse = of_claim.state < found.state;
            if self.all || worse {
                self.row(object, Some(&claim.name), &of_claim, apart, true);
            }
        }
        self.count("namespaces", found.state, apart);
        if self.all || found.state != State::Covered {
            let claims = match claims.len() {
                0 => None,
                all => Some(format!("({covered} of {all} covered)")),
            };
            let has_data = claims.is_some();
            self.row(object, claims.as_ref(), &found, apart, has_data);
        }
    }

    /// The totals stand in this order.
    fn count_from_zero(&mut self) {
        for apart in [false, true] {
            for what in ["namespaces", "claims"] {
                for state in State::ALL {
                    self.judgement.count(&total(what, state, apart), 0);
                }
            }
        }
    }

    fn count(&mut self, what: &str, state: State, apart: bool) {
        self.judgement.count(&total(what, state, apart), 1);
    }

    fn row(
        &mut self,
        namespace: &Standing,
        claim: Option<&String>,
        found: &Found<'_>,
        apart: bool,
        has_data: bool,
    ) {
        let backup = found.backup;
        let began = backup.and_then(|backup| backup.began);
        let seconds = began.map_or(0, |began| began.seconds().max(0));
        let claim = claim.map(String::as_str).unwrap_or_default();
        let rank = State::ALL.iter().position(|state| *state == found.state);
        let key = format!(
            "{}{}{}.{seconds:011}.{}/{claim}",
            u8::from(apart),
            rank.unwrap_or_default(),
            u8::from(!has_data),
            namespace.name,
        );
        let name = backup.map_or("", |backup| backup.name.as_str());
        let schedule = backup.map_or("", |backup| backup.schedule.as_str());
        let cells = [
            found.state.words(),
            &namespace.name,
            claim,
            &began
                .map(|began| self.evidence.now.age(began))
                .unwrap_or_default(),
            self.evidence.objective(namespace).words,
            name,
            schedule,
            &found.why.join("; "),
        ];
        self.rows.add(key, cells.map(str::to_owned).to_vec());
    }

    fn finish(mut self) -> Output<Judgement> {
        let gaps = State::ALL.iter().filter(|state| **state != State::Covered);
        let gaps =
            gaps.flat_map(|state| ["namespaces", "claims"].map(|what| total(what, *state, false)));
        if gaps
            .map(|total| self.judgement.counted(&total))
            .sum::<usize>()
            == 0
        {
            self.judgement.verdict("everything is covered");
        } else {
            self.judgement.verdict("not everything is covered");
            self.judgement.reason(
                "next: generate_velero_schedule_yaml or create_velero_schedule for what has no schedule; get_velero_status for \
                 locations and failing schedules; get_velero_backup for one that failed",
            );
        }
        if !self.tiers.is_empty() {
            let tiers = listed(&self.tiers);
            self.judgement.not_known(format!(
                "the objectives of the tiers {tiers}: no setting has them, the default was taken"
            ));
        }
        let columns = [
            "STATE",
            "NAMESPACE",
            "CLAIM",
            "LAST GOOD",
            "OBJECTIVE",
            "BACKUP",
            "SCHEDULE",
            "WHY",
        ];
        self.judgement.rows(&columns, self.rows);
        self.judgement.not_known("the labels at the time of a backup, those of now were taken; of which claims there are snapshots, and whether they are still there");
        self.judgement.in_words()
    }
}
