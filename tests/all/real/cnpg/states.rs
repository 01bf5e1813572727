//! The states of the fleet, as its types at the real server have them: what they would drop would be told of no cluster.

use super::desk;
use crate::cnpg::states;

#[test]
fn the_state_of_each_cluster_of_the_fleet_is_told() {
    states::are_told(&mut desk());
}
