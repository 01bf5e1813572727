//! `[changes]`: each value within its bounds, and what is kept for as long as it is of use.

use super::super::ChangesConfig;
use super::super::file;
use super::super::limits;
use super::super::problem::Report;
use super::super::units::duration_text;
use super::quantity::{count, duration, size};

pub(super) fn changes(file: file::Changes, report: &mut Report<'_>) -> ChangesConfig {
    let default = ChangesConfig::default();
    // Only where one of them is given can they be at odds.
    let kept = file
        .keep_proposals
        .as_ref()
        .or(file.keep_snapshots.as_ref())
        .map(|text| text.place.clone());
    let mut time = |given, bounds, default| duration(given, bounds, default, report);
    let proposal_lifetime = time(
        file.proposal_lifetime,
        limits::PROPOSAL_LIFETIME,
        default.proposal_lifetime,
    );
    let approval_lifetime = time(
        file.approval_lifetime,
        limits::APPROVAL_LIFETIME,
        default.approval_lifetime,
    );
    let decline_pause = time(
        file.decline_pause,
        limits::DECLINE_PAUSE,
        default.decline_pause,
    );
    let keep_snapshots = time(file.keep_snapshots, limits::KEEP, default.keep_snapshots);
    let keep_proposals = time(file.keep_proposals, limits::KEEP, default.keep_proposals);
    let changes = ChangesConfig {
        proposal_lifetime,
        approval_lifetime,
        decline_pause,
        keep_snapshots,
        keep_proposals,
        max_changes: count(
            file.max_changes,
            limits::MAX_CHANGES,
            default.max_changes,
            report,
        ),
        max_plan: size(file.max_plan, limits::MAX_PLAN, default.max_plan, report),
        max_open: count(file.max_open, limits::MAX_OPEN, default.max_open, report),
    };
    if let Some(place) =
        kept.filter(|place| keep_snapshots > keep_proposals && !report.knows(&place.key))
    {
        let (snapshots, proposals) = (duration_text(keep_snapshots), duration_text(keep_proposals));
        report.add(
            &place,
            format!("`keep_snapshots` is {snapshots} and `keep_proposals` is {proposals}: a snapshot is of no use without its proposal"),
            format!("set keep_proposals to {snapshots} or more, or keep_snapshots to {proposals} or less"),
        );
    }
    changes
}
