//! What one change would do: observed, run dry on the server, judged and drawn.
//!
//! The same function runs when a plan is proposed and when it is applied: what it gives must be equal, or nothing is sent. A
//! guest gets of it only what [`Step::for_model`] holds.

mod judged;

use super::mask::Masks;
use super::same::compared;
use super::secret::{Values, with_values, without_old};
use super::{Changes, Party, checked, chosen, expected, items};
use crate::backend::cluster::{self, Observed, Sending, Written};
use crate::call::Call;
use crate::diff;
use crate::failure::{Failure, Kind};
use crate::gate::{Operation, Permit};
use crate::proposal::{Change, Step, Target};

/// How often an object is looked at again that moves while it is looked at.
const LOOKS: u32 = 8;

/// More than anybody reads, and little enough to be compared, stored and drawn at once.
const MAX_LINES: usize = 5_000;
const MAX_DIFF_BYTES: usize = 1024 * 1024;

/// What a model reads of a deletion; the person sees all that goes.
const WHOLE: &str = "- the object as a whole";

/// One change with what it would do.
pub(super) struct Previewed {
    /// For the person who decides.
    pub(super) step: Step,
    /// The object as it is now.
    pub(super) observed: Option<Observed>,
    /// Covers the change.
    pub(super) permit: Permit,
    /// Whether something is secret in the object, so that even "nothing changes" would tell.
    pub(super) has_secrets: bool,
}

/// Observes, runs dry, judges and draws one change. `earlier` are the steps before it in its plan.
///
/// # Errors
/// `Denied` by the gate, `NotFound`, `Conflict`, and what the server refuses it with.
pub(super) async fn preview(
    changes: &Changes,
    call: &Call,
    party: &Party,
    what: (&Target, &Change),
    earlier: &[Step],
) -> Result<Previewed, Failure> {
    look(changes, call, party, what, earlier, LOOKS).await
}

async fn look(
    changes: &Changes,
    call: &Call,
    party: &Party,
    (target, change): (&Target, &Change),
    earlier: &[Step],
    looks: u32,
) -> Result<Previewed, Failure> {
    let (permit, others) = permits(call, party, target, change, true)?;
    let observed = changes
        .cluster
        .observe(&permit, &party.actor, target)
        .await?;
    if observed.is_none() && matches!(change, Change::Apply { .. }) {
        permits(call, party, target, change, false)?;
    }
    // A Scale has none of the labels that a grant may go by.
    let judged = match change {
        Change::Scale { .. } if observed.is_some() && !permit.is_unconditional() => {
            changes
                .cluster
                .scaled(&permit, &party.actor, target)
                .await?
        }
        Change::Create { .. }
        | Change::CreateSecret { .. }
        | Change::RotateSecret { .. }
        | Change::Apply { .. }
        | Change::Patch { .. }
        | Change::PatchStatus { .. }
        | Change::Scale { .. }
        | Change::Delete { .. }
        | Change::Evict => observed.clone(),
    };
    stands(&permit, &others, target, change, judged.as_ref())?;
    let before = observed.as_ref().map(|observed| &observed.0);
    let masks = Masks::of(before, &changes.key);
    checked::reads_no_secret(target, change, |pointer| masks.covers(pointer))?;
    let seen_before = before.map(|object| masks.observed(object));
    expected::hold(target, change, seen_before.as_ref())?;
    let sent = with_values(change, Values::Placeholders)?;
    let hangs_on = made_by(earlier, target).filter(|_| observed.is_none());
    let (after, mut warnings) = match (hangs_on, &sent) {
        (Some(earlier), Change::Create { object } | Change::Apply { object }) => {
            let note = format!(
                "the server could not run this dry, since it hangs on change {}: what is shown is what is sent, without defaults",
                earlier + 1
            );
            (Some(object.clone()), vec![note])
        }
        (None, _)
        | (
            Some(_),
            Change::CreateSecret { .. }
            | Change::RotateSecret { .. }
            | Change::Patch { .. }
            | Change::PatchStatus { .. }
            | Change::Scale { .. }
            | Change::Delete { .. }
            | Change::Evict,
        ) => {
            let sending = Sending {
                permit: &permit,
                actor: &party.actor,
                target,
                change: &sent,
                observed: observed.as_ref(),
            };
            let written = match in_two_ways(changes, &masks, sending).await {
                Ok(written) => written,
                // Its status moved between the two: look at it as it is now.
                Err(_) if looks > 0 && moved(changes, party, sending).await? => {
                    let what = (target, change);
                    let again = look(changes, call, party, what, earlier, looks - 1);
                    return Box::pin(again).await;
                }
                Err(failure) => return Err(failure),
            };
            let warnings = written.warnings.iter();
            (
                written.object,
                warnings.map(|warning| masks.scrub(warning)).collect(),
            )
        }
    };
    let seen_after = after
        .as_ref()
        .map(|object| chosen::shown(&masks, target, before, object, &sent));
    let (was, becomes) = match change {
        // The pod comes back elsewhere: what goes is this one.
        Change::Evict => (None, None),
        Change::Create { .. }
        | Change::CreateSecret { .. }
        | Change::RotateSecret { .. }
        | Change::Apply { .. }
        | Change::Patch { .. }
        | Change::PatchStatus { .. }
        | Change::Scale { .. }
        | Change::Delete { .. } => (
            seen_before.as_ref().map(|object| compared(change, object)),
            seen_after.as_ref().map(|object| compared(change, object)),
        ),
    };
    let (lines, items) = diff::lines_and_items(was.as_ref(), becomes.as_ref());
    let bytes: usize = lines.iter().map(line_bytes).sum();
    if lines.len() > MAX_LINES || bytes > MAX_DIFF_BYTES {
        return Err(Failure::new(
            Kind::Limit,
            format!("the change of {target} touches {} values of {bytes} bytes, which is more than a person can look at", lines.len()),
        )
        .fix("change less at once, or let a person do it with kubectl"));
    }
    let judged = match (change, &judged) {
        (Change::Scale { .. }, Some(judged)) => (Some(&judged.0), Some(&judged.0)),
        (Change::Scale { .. }, None)
        | (
            Change::Create { .. }
            | Change::CreateSecret { .. }
            | Change::RotateSecret { .. }
            | Change::Apply { .. }
            | Change::Patch { .. }
            | Change::PatchStatus { .. }
            | Change::Delete { .. }
            | Change::Evict,
            _,
        ) => (before, after.as_ref()),
    };
    judged::judge(call, &permit, target, &sent, judged, &lines)?;
    let what = (target, change);
    let owned = judged::goes_with(changes, party, what, observed.as_ref(), &mut warnings).await?;
    let reasons = judged::reasons(
        changes,
        call,
        party,
        what,
        (observed.as_ref(), after.as_ref()),
        (seen_before.as_ref(), seen_after.as_ref()),
        // A person reads the names below the step; a model may not be allowed to list them.
        owned.as_ref().map(Vec::len),
    )
    .await?;
    let for_model = match change {
        // Deleting needs no right to read.
        Change::Delete { .. } => WHOLE.to_owned(),
        // Only what the host makes changes, so no other masked place needs a word.
        Change::RotateSecret { .. } => masks.for_guest(&without_old(&lines), None),
        Change::Create { .. }
        | Change::CreateSecret { .. }
        | Change::Apply { .. }
        | Change::Patch { .. }
        | Change::PatchStatus { .. }
        | Change::Scale { .. }
        | Change::Evict => masks.for_guest(&lines, before),
    };
    Ok(Previewed {
        step: Step {
            change: change.clone(),
            target: target.clone(),
            action: checked::action(change, observed.is_some()).to_owned(),
            uid: observed.as_ref().and_then(Observed::uid).map(str::to_owned),
            resource_version: observed
                .as_ref()
                .and_then(Observed::version)
                .map(str::to_owned),
            diff: lines,
            reasons,
            warnings,
            after: hangs_on,
            items: items::told(items),
            dependents: owned.unwrap_or_default(),
            for_model,
        },
        observed,
        permit,
        has_secrets: masks.any(),
    })
}

/// Runs a change dry, before that with other values wherever it would write to a secret.
async fn in_two_ways(
    changes: &Changes,
    masks: &Masks,
    sending: Sending<'_>,
) -> Result<Written, Failure> {
    if let Some(decoy) = masks.decoy(sending.change)? {
        let change = &decoy;
        let dry = changes.cluster.dry_run(Sending { change, ..sending });
        dry.await.map_err(|_| in_the_dark(sending.target))?;
    }
    let dry = changes.cluster.dry_run(sending);
    dry.await.map_err(|failure| masks.scrubbed(&failure))
}

/// Whether an object is another by now than it was looked at. A JSON patch that does not fit any more is refused as invalid, so
/// the server's words do not tell.
pub(super) async fn moved(
    changes: &Changes,
    party: &Party,
    sending: Sending<'_>,
) -> Result<bool, Failure> {
    let now = changes
        .cluster
        .observe(sending.permit, &party.actor, sending.target)
        .await?;
    let version = |object: Option<&Observed>| object.and_then(Observed::version).map(str::to_owned);
    Ok(version(now.as_ref()) != version(sending.observed))
}

/// The one refusal of a change that would write where a secret stands: another reason would tell a guess from a miss.
fn in_the_dark(target: &Target) -> Failure {
    Failure::new(
        Kind::Invalid,
        format!("the API server does not take this change of {target}, which writes where redaction covers; its reason is left out"),
    )
    .fix("leave those values out, or let a person change them with kubectl")
}

/// Has the gate check everything that a change needs. Gives the permit of the change itself, and the others.
fn permits(
    call: &Call,
    party: &Party,
    target: &Target,
    change: &Change,
    exists: bool,
) -> Result<(Permit, Vec<Permit>), Failure> {
    let mut permits = Vec::new();
    for operation in checked::operations(target, change, exists) {
        cluster::check_names(&operation)?;
        permits.push(party.gate.check(call, operation)?);
    }
    if permits.is_empty() {
        return Err(Failure::new(Kind::Bug, "a change needs no permit"));
    }
    let first = permits.remove(0);
    Ok((first, permits))
}

/// Whether the object is there, or not, as the change needs it. One that no grant covers looks as if it were not there.
fn stands(
    permit: &Permit,
    others: &[Permit],
    target: &Target,
    change: &Change,
    observed: Option<&Observed>,
) -> Result<(), Failure> {
    let absent = || {
        Failure::new(Kind::NotFound, format!("there is no {target}"))
            .fix("list what there is first; names and namespaces must be exact")
    };
    match (change, observed) {
        (Change::Create { .. } | Change::CreateSecret { .. }, None)
        | (Change::Apply { .. }, None) => Ok(()),
        (Change::Create { .. } | Change::CreateSecret { .. }, Some(_)) => Err(Failure::new(
            Kind::Conflict,
            format!("{target} exists already"),
        )
        .fix("patch it, or use another name")),
        (
            Change::RotateSecret { .. }
            | Change::Patch { .. }
            | Change::PatchStatus { .. }
            | Change::Scale { .. }
            | Change::Delete { .. }
            | Change::Evict,
            None,
        ) => Err(absent()),
        (
            Change::Apply { .. }
            | Change::RotateSecret { .. }
            | Change::Patch { .. }
            | Change::PatchStatus { .. }
            | Change::Scale { .. }
            | Change::Delete { .. }
            | Change::Evict,
            Some(observed),
        ) => {
            permit
                .judge_change(Some(&observed.0), None, &[])
                .map_err(|_| absent())?;
            // Who may patch by its labels may not read by them for that.
            let reading = others
                .iter()
                .filter(|permit| matches!(permit.operation(), Operation::Get { .. }));
            if !reading.into_iter().all(|permit| permit.shows(&observed.0)) {
                return Err(absent());
            }
            if let Change::Patch {
                expected_version: Some(expected),
                ..
            } = change
                && observed.version() != Some(expected)
            {
                return Err(Failure::new(
                    Kind::Conflict,
                    format!("{target} has changed since it was read"),
                )
                .fix("read it again"));
            }
            Ok(())
        }
    }
}

/// Returns the earlier step that makes the namespace of a target.
fn made_by(earlier: &[Step], target: &Target) -> Option<usize> {
    let namespace = target.namespace.as_ref()?;
    earlier.iter().position(|step| {
        step.action == "create"
            && step.target.group.is_empty()
            && step.target.plural == "namespaces"
            && step.target.name == *namespace
    })
}

fn line_bytes(line: &diff::Line) -> usize {
    let side = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    line.path.len() + side(&line.before) + side(&line.after)
}
