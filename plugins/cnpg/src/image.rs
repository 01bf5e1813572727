//! Images of PostgreSQL: the version that a tag says, and the tag of another version of the same build.
//!
//! The operator finds the version in the tag alone: `MAJOR`, `MAJOR.MINOR`, then whatever else (`docs/src/container_images.md`). No tool
//! makes a name outside the operator's own repository: who runs another image decides that without a model.

use bulkhead_plugin_sdk::{Failure, one_line};
use std::fmt;

/// The repository of the operator's own images.
pub(crate) const REPOSITORY: &str = "ghcr.io/cloudnative-pg/postgresql";

/// What 1.28 supports (`docs/src/supported_releases.md`).
const OLDEST: u32 = 14;
const NEWEST: u32 = 18;

/// The kinds of build that the operator's tags name behind the version, with the distribution after them.
const BUILDS: [&str; 3] = ["-minimal-", "-standard-", "-system-"];

/// Older tags have a number of the build and then the distribution, as `17.4-12-bookworm`. Their images went on as those of kind
/// `system`, with the same in them.
const FORMER: [(&str, &str); 2] = [
    ("-bookworm", "-system-bookworm"),
    ("-bullseye", "-system-bullseye"),
];

/// The build of a new cluster's image, as that of the operator's own default (`pkg/versions`). A tag without a build is of a distribution
/// that is no longer made.
pub(crate) const NEW_BUILD: &str = "-system-trixie";

/// A version of PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) major: u32,
    /// None where only the major version is said: then it is whichever is newest when the image is fetched.
    pub(crate) minor: Option<u32>,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minor {
            None => write!(f, "{}", self.major),
            Some(minor) => write!(f, "{}.{minor}", self.major),
        }
    }
}

impl Version {
    /// Reads `16` or `16.4`, as a caller writes it.
    ///
    /// # Errors
    /// `Invalid` for what is no version.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let next = "give a version such as `17` or `17.6`; names of images are not taken";
        let Some((version, "")) = Self::of_tag(text) else {
            let what = format!("`{text}` is no version of PostgreSQL");
            return Err(Failure::invalid(what).next_step(next));
        };
        Ok(version)
    }

    /// Checks that new data may be made with it. Older data may still be restored: it runs under no other.
    ///
    /// # Errors
    /// `Invalid` for one that CloudNativePG no longer supports.
    pub(crate) fn for_new_data(self) -> Result<Self, Failure> {
        if self.major >= OLDEST {
            return Ok(self);
        }
        let what =
            format!("PostgreSQL {self} is too old: CloudNativePG supports {OLDEST} and later");
        Err(Failure::invalid(what).next_step("give a later one"))
    }

    /// Reads what a tag begins with; the rest follows it.
    fn of_tag(tag: &str) -> Option<(Self, &str)> {
        let (major, rest) = number(tag)?;
        let with_minor = rest.strip_prefix('.').and_then(number);
        let (minor, rest) = match with_minor {
            None => (None, rest),
            Some((minor, rest)) => (Some(minor), rest),
        };
        Some((Self { major, minor }, rest))
    }

    /// Says where a version is newer than what the operator 1.28 was made for; nothing else.
    pub(crate) fn note(self) -> Option<String> {
        (self.major > NEWEST).then(|| {
            format!(
                "CloudNativePG 1.28 supports PostgreSQL {OLDEST} to {NEWEST}: whether the operator here runs {} is not known",
                self.major
            )
        })
    }
}

/// Returns the number that a text begins with, and the rest.
fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit());
    let (digits, rest) = text.split_at(end.unwrap_or(text.len()));
    Some((digits.parse().ok()?, rest))
}

/// The name of an image in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Image<'a> {
    pub(crate) repository: &'a str,
    /// Empty where there is none.
    tag: &'a str,
}

impl<'a> Image<'a> {
    pub(crate) fn of(name: &'a str) -> Self {
        let name = name.split_once('@').map_or(name, |(name, _)| name);
        // A colon before the last slash is that of a port.
        match name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
            None => Self {
                repository: name,
                tag: "",
            },
            Some((repository, tag)) => Self { repository, tag },
        }
    }

    /// Whether it is one of the operator's own.
    pub(crate) fn is_own(self) -> bool {
        self.repository == REPOSITORY
    }

    /// Returns what its tag says; none where the tag says nothing.
    pub(crate) fn version(self) -> Option<Version> {
        Version::of_tag(self.tag).map(|(version, _)| version)
    }

    /// Returns the kind of build and its distribution, as `-system-trixie`; empty where the tag names none. Numbers of builds are left
    /// out: another version has another one.
    pub(crate) fn build(self) -> &'a str {
        let at = BUILDS.iter().find_map(|build| self.tag.find(build));
        match at.and_then(|at| self.tag.get(at..)) {
            Some(build) => build,
            None => {
                let mut former = FORMER.iter();
                let found = former.find(|(ends, _)| self.tag.ends_with(ends));
                found.map_or("", |(_, build)| build)
            }
        }
    }

    /// Returns its distribution, as `trixie`; empty where its tag names none.
    pub(crate) fn distribution(self) -> &'a str {
        self.build().rsplit_once('-').map_or("", |(_, name)| name)
    }
}

/// Checks a build as a caller writes it, such as `system-bookworm`.
///
/// # Errors
/// `Invalid` for what is none.
pub(crate) fn check_build(text: &str) -> Result<(), Failure> {
    let begins = BUILDS
        .iter()
        .find_map(|build| text.strip_prefix(build.trim_start_matches('-')));
    match begins {
        Some(distribution)
            if !distribution.is_empty()
                && distribution.bytes().all(|byte| byte.is_ascii_lowercase()) =>
        {
            Ok(())
        }
        Some(_) | None => {
            let what = format!("`build` is `{}`, which is none", one_line(text));
            Err(Failure::invalid(what).next_step(
                "give one such as `system-bookworm`, `standard-trixie` or `minimal-trixie`",
            ))
        }
    }
}

/// Names the operator's own image of a version, of a build such as `-system-trixie`, or of none in particular.
pub(crate) fn own(version: Version, build: &str) -> String {
    format!("{REPOSITORY}:{version}{build}")
}

/// Says that nothing here knows whether there is an image of a version that a caller named, and what becomes of the cluster without one.
pub(crate) fn unknown(version: Version, without: &str) -> String {
    let which = if version.minor.is_none() {
        ", and of which minor version"
    } else {
        ""
    };
    format!(
        "not known: whether there is an image of PostgreSQL {version}{which}; without one {without}"
    )
}

#[cfg(test)]
mod tests {
    use super::{Image, Version, check_build, own};

    #[test]
    fn the_version_is_what_the_tag_begins_with() {
        let cases = [
            ("ghcr.io/cloudnative-pg/postgresql:16", "16", ""),
            (
                "ghcr.io/cloudnative-pg/postgresql:17.6-system-trixie",
                "17.6",
                "-system-trixie",
            ),
            (
                "ghcr.io/cloudnative-pg/postgresql:17.6-202509151215-minimal-bookworm@sha256:ab",
                "17.6",
                "-minimal-bookworm",
            ),
            ("localhost:5000/postgresql:15.5-10", "15.5", ""),
            (
                "ghcr.io/cloudnative-pg/postgresql:17.4-12-bookworm",
                "17.4",
                "-system-bookworm",
            ),
            ("pg:16-bullseye", "16", "-system-bullseye"),
            ("pg:17.6-standard-bookworm", "17.6", "-standard-bookworm"),
            ("localhost:5000/pg:17beta1", "17", ""),
        ];
        for (name, version, build) in cases {
            let image = Image::of(name);
            let found = image.version().map(|version| version.to_string());
            assert_eq!(
                (found.as_deref(), image.build()),
                (Some(version), build),
                "{name}"
            );
        }
        for name in ["postgres", "localhost:5000/pg", "pg@sha256:ab", "pg:latest"] {
            assert_eq!(Image::of(name).version(), None, "{name}");
        }
    }

    #[test]
    fn a_build_is_a_kind_and_a_distribution_and_nothing_else() {
        for text in ["system-bookworm", "standard-trixie", "minimal-bullseye"] {
            assert!(check_build(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "system-",
            "bookworm",
            "-system-trixie",
            "system-trixie@sha256:ab",
            "system-trixie:x",
            "other-trixie",
        ] {
            assert!(check_build(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_the_operators_repository_is_its_own() {
        let version = Version::parse("17.6").expect("it is one");
        let name = own(version, "-system-trixie");
        assert!(Image::of(&name).is_own(), "{name}");
        for name in [
            "evil.example/cloudnative-pg/postgresql:17",
            "ghcr.io/cloudnative-pg/postgresql-x:17",
        ] {
            assert!(!Image::of(name).is_own(), "{name}");
        }
    }

    #[test]
    fn a_name_of_an_image_is_no_version() {
        for text in [
            "",
            "latest",
            "16-system",
            "16.",
            "v16",
            "ghcr.io/x/y:16",
            "16@sha256:ab",
            "99999999999",
        ] {
            assert!(Version::parse(text).is_err(), "{text}");
        }
        let old = Version::parse("13").and_then(Version::for_new_data);
        let old = old.expect_err("it is too old");
        assert!(old.message().contains("14 and later"), "{old}");
        assert!(Version::parse("19").is_ok_and(|version| version.note().is_some()));
    }
}
