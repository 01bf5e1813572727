//! The certificates of a cluster: which Secret holds which, whose they are, and when they expire.
//!
//! Only names and times, as the cluster's status has them (`CertificatesStatus`): no Secret is read here. The operator renews its
//! own certificates seven days before they expire (`EXPIRING_CHECK_THRESHOLD`); those that a person provides it never touches.

use crate::cluster::Cluster;
use bulkhead_plugin_sdk::{Time, when};

/// The days before its end at which the operator renews a certificate of its own.
const RENEWED: i64 = 7;

/// The days before its end at which a person should renew one: long enough to ask for another and to roll it out.
const WARNED: i64 = 30;

const DAY: i64 = 24 * 60 * 60;

/// What the Secrets of certificates are for, with the field that names them in spec and status.
const PURPOSES: [(&str, &str); 4] = [
    ("server CA", "serverCASecret"),
    ("server certificate", "serverTLSSecret"),
    ("client CA", "clientCASecret"),
    ("replication certificate", "replicationTLSSecret"),
];

/// The certificate in a Secret.
pub(crate) struct Certificate {
    /// The Secret's name.
    pub(crate) secret: String,
    /// Such as `server CA, client CA`.
    pub(crate) purposes: Vec<&'static str>,
    /// Whether the spec names the Secret: it is then a person's, not the operator's.
    pub(crate) is_provided: bool,
    /// When it expires; none where the status has no time that can be read.
    pub(crate) expires: Option<Time>,
}

/// What a certificate's time says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Validity {
    /// Nobody has to do anything.
    Good,
    /// The operator is about to renew it.
    Renewing,
    /// A person has to renew it soon.
    Soon,
    /// It is over, or nearly so and a person's.
    Urgent,
    /// The status has no time for it.
    Unknown,
}

impl Certificate {
    /// Returns what its time says now.
    pub(crate) fn validity(&self, now: Time) -> Validity {
        let Some(expires) = self.expires else {
            return Validity::Unknown;
        };
        let left = expires.seconds() - now.seconds();
        match (self.is_provided, left) {
            (_, ..=0) => Validity::Urgent,
            (true, left) if left <= RENEWED * DAY => Validity::Urgent,
            (true, left) if left <= WARNED * DAY => Validity::Soon,
            (false, left) if left <= RENEWED * DAY => Validity::Renewing,
            (true | false, _) => Validity::Good,
        }
    }

    /// What it is for, whose it is and when it expires, in words.
    pub(crate) fn words(&self, now: Time) -> String {
        let expires = match when::at(now, self.expires) {
            unknown if unknown.is_empty() => "expiry not known".to_owned(),
            expires => format!("expires {expires}"),
        };
        let renewed = if self.is_provided {
            "a person renews it"
        } else {
            "the operator renews it"
        };
        format!("{}, {expires}, {renewed}", self.purposes.join(" and "))
    }

    /// Returns what to do about it; empty where nothing is.
    pub(crate) fn next_step(&self, now: Time) -> String {
        match (self.validity(now), self.is_provided) {
            (Validity::Good | Validity::Unknown, _) => String::new(),
            (Validity::Urgent | Validity::Soon, true) => format!(
                "a person has to renew the certificate in Secret `{}`, where it comes from: the operator never does",
                self.secret
            ),
            (Validity::Urgent, false) => format!(
                "the operator should have renewed the certificate in Secret `{}`: is it running? look at its logs",
                self.secret
            ),
            (Validity::Renewing | Validity::Soon, _) => {
                "the operator renews it by itself; look again in an hour".to_owned()
            }
        }
    }
}

/// Returns the certificates of a cluster, the first to expire first.
pub(crate) fn of(cluster: &Cluster) -> Vec<Certificate> {
    let object = cluster.object();
    let status = object.part("/status/certificates");
    let mut found: Vec<Certificate> = Vec::new();
    for (purpose, field) in PURPOSES {
        let field = format!("/{field}");
        let wanted = object.part("/spec/certificates").text(&field);
        let secret = match status.text(&field) {
            "" => wanted,
            secret => secret,
        };
        if secret.is_empty() {
            continue;
        }
        if let Some(same) = found.iter_mut().find(|one| one.secret == secret) {
            same.purposes.push(purpose);
            same.is_provided |= !wanted.is_empty();
            continue;
        }
        let expirations = status.part("/expirations").0;
        let expires = expirations.get(secret).and_then(|time| time.as_str());
        found.push(Certificate {
            secret: secret.to_owned(),
            purposes: vec![purpose],
            is_provided: !wanted.is_empty(),
            expires: expires.and_then(time),
        });
    }
    bulkhead_plugin_sdk::order::by(&mut found, |one| {
        one.expires.map_or(i64::MAX, Time::seconds)
    });
    found
}

/// Reads a time as Go prints it, `2026-11-27 02:10:00 +0000 UTC`: certificates have theirs in UTC.
fn time(text: &str) -> Option<Time> {
    let mut words = text.split(' ');
    let (date, clock, zone) = (words.next()?, words.next()?, words.next()?);
    if zone != "+0000" {
        return None;
    }
    Time::parse(&format!("{date}T{clock}Z"))
}

#[cfg(test)]
mod tests {
    use super::{Certificate, Validity, time};
    use bulkhead_plugin_sdk::Time;

    #[test]
    fn a_time_is_read_as_go_prints_it() {
        let read = |text| time(text).map(|time| time.to_string());
        let expected = Some("2026-11-27T02:10:00Z".to_owned());
        assert_eq!(read("2026-11-27 02:10:00 +0000 UTC"), expected);
        assert_eq!(read("2026-11-27 02:10:00 +0100 CET"), None);
        assert_eq!(read("soon"), None);
    }

    #[test]
    fn a_persons_certificate_is_warned_of_early_and_the_operators_when_it_is_over() {
        let now = Time::from_seconds(0);
        let after = |days: i64, is_provided| {
            let certificate = Certificate {
                secret: "a".to_owned(),
                purposes: vec![],
                is_provided,
                expires: Some(Time::from_seconds(days * 86_400)),
            };
            certificate.validity(now)
        };
        assert_eq!(after(31, true), Validity::Good);
        assert_eq!(after(30, true), Validity::Soon);
        assert_eq!(after(7, true), Validity::Urgent);
        assert_eq!(after(8, false), Validity::Good);
        assert_eq!(after(7, false), Validity::Renewing);
        assert_eq!(after(0, false), Validity::Urgent);
    }
}
