//! Compiled components, kept by digest.
//!
//! A component is compiled in a child process, since a large one takes seconds and hundreds of megabytes, and its compiled
//! form is mapped from a file whose name is the component's digest and the engine's compatibility hash. Mapping runs what
//! the file says: so the folder is private to the user, and the file's own digest is checked first.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use super::{Component, Manifest};
use crate::digest::sha256;
use crate::failure::{Failure, Kind};
use crate::redact;
use crate::runtime::{self, Engine, Ready};

/// Manifests are kept by this and the digest; raise it when what a manifest means changes.
const MANIFEST_FORMAT: &str = "3";

/// Where compiled components and manifests are kept, and the engine that runs them.
pub(crate) struct Cache {
    folder: PathBuf,
    compiler: PathBuf,
    timeout: Duration,
    max_calls: u32,
    engine: OnceLock<Engine>,
}

impl Cache {
    /// Opens the cache; makes its folder where there is none. `compiler` is the `bulkhead` program itself.
    ///
    /// # Errors
    /// `Invalid` where the folder is not private to this user, or cannot be made.
    pub(crate) fn open(
        folder: &Path,
        compiler: PathBuf,
        timeout: Duration,
        max_calls: u32,
    ) -> Result<Self, Failure> {
        private_folder(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            compiler,
            timeout,
            max_calls,
            engine: OnceLock::new(),
        })
    }

    /// Returns the engine, made when it is first needed: it reserves address space, which the handshake need not wait for.
    pub(crate) fn engine(&self) -> Result<&Engine, Failure> {
        if let Some(engine) = self.engine.get() {
            return Ok(engine);
        }
        let engine = Engine::new(self.max_calls).map_err(|error| {
            Failure::new(
                Kind::Bug,
                format!(
                    "failed to reserve the address space for {} calls: {error:#}",
                    self.max_calls
                ),
            )
            .fix("lower `runtime.max_calls`, or raise the limit of virtual memory (`ulimit -v`)")
        })?;
        Ok(self.engine.get_or_init(|| engine))
    }

    /// Returns the kept manifest; none where there is none, or it cannot be read.
    pub(crate) fn manifest(&self, digest: &str) -> Option<Manifest> {
        let text = fs::read(self.manifest_path(digest)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Keeps a manifest. Failing to is no failure: it is asked for again.
    pub(crate) fn keep_manifest(&self, digest: &str, manifest: &Manifest) {
        let path = self.manifest_path(digest);
        let kept = serde_json::to_vec(manifest)
            .map_err(std::io::Error::other)
            .and_then(|text| write_whole(&path, &text));
        if let Err(error) = kept {
            tracing::warn!("failed to keep the manifest `{}`: {error}", path.display());
        }
    }

    /// Maps and links a component, and compiles it before where that was not done yet.
    ///
    /// # Errors
    /// `Invalid` where it is no component, or imports something foreign; `Limit` where compiling takes too long.
    pub(crate) async fn ready(&self, component: &Component) -> Result<Ready, Failure> {
        let mapped = self.mapped(component).await?;
        self.engine()?
            .link(&mapped)
            .map_err(|error| refused(component, &error))
    }

    /// Returns what a component imports, sorted: an upper bound of what it can try.
    ///
    /// # Errors
    /// As [`Cache::ready`], but for foreign imports, which are listed.
    pub(crate) async fn imports(&self, component: &Component) -> Result<Vec<String>, Failure> {
        let mapped = self.mapped(component).await?;
        let mut names: Vec<_> = mapped
            .component_type()
            .imports(self.engine()?.wasmtime())
            .map(|(name, _)| name.to_owned())
            .collect();
        names.sort();
        Ok(names)
    }

    async fn mapped(
        &self,
        component: &Component,
    ) -> Result<wasmtime::component::Component, Failure> {
        let engine = self.engine()?;
        let path = self.folder.join(format!(
            "{}-{}.cwasm",
            component.digest,
            engine.compatibility()
        ));
        if let Some(mapped) = map(engine, &path) {
            return Ok(mapped);
        }
        self.compile(component, &path).await?;
        map(engine, &path).ok_or_else(|| {
            Failure::new(
                Kind::Bug,
                format!(
                    "the compiled form `{}` cannot be mapped after it was written",
                    path.display()
                ),
            )
            .fix("remove it, and look whether the disk is full")
        })
    }

    /// Compiles in a child of this program.
    #[expect(
        clippy::disallowed_methods,
        reason = "starts this very program, before any guest runs"
    )]
    async fn compile(&self, component: &Component, path: &Path) -> Result<(), Failure> {
        tracing::info!("compiling `{}`, once", component.path.display());
        let child = tokio::process::Command::new(&self.compiler)
            .arg("compile")
            .arg(&component.path)
            .arg(path)
            .arg(&component.digest)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .output();
        let failed = |words: &str| {
            Failure::new(Kind::Invalid, format!("component `{}` cannot be compiled: {words}", component.path.display()))
                .fix("build it for wasm32-wasip2 with the contract of this Bulkhead; a truncated file has to be copied again")
        };
        match tokio::time::timeout(self.timeout, child).await {
            Err(_) => Err(Failure::new(
                Kind::Limit,
                format!(
                    "compiling `{}` took longer than {} s",
                    component.path.display(),
                    self.timeout.as_secs()
                ),
            )
            .fix("raise `runtime.compile_timeout`")),
            Ok(Err(error)) => Err(failed(&format!(
                "failed to start `{}`: {error}",
                self.compiler.display()
            ))),
            Ok(Ok(output)) if output.status.success() => Ok(()),
            Ok(Ok(output)) => {
                let said = String::from_utf8_lossy(&output.stderr);
                let said: String = redact::text(said.trim())
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(500)
                    .collect();
                Err(failed(if said.is_empty() {
                    "the compiler ended without a word"
                } else {
                    &said
                }))
            }
        }
    }

    fn manifest_path(&self, digest: &str) -> PathBuf {
        self.folder.join(format!(
            "{digest}-{}-{MANIFEST_FORMAT}.manifest.json",
            env!("CARGO_PKG_VERSION")
        ))
    }
}

/// Compiles the component at `from`, whose digest must be `digest`, into `to`: what the child process does.
///
/// # Errors
/// Where the file changed meanwhile, is no component, or cannot be written.
pub fn compile_file(from: &Path, to: &Path, digest: &str) -> anyhow::Result<()> {
    let bytes = fs::read(from)?;
    anyhow::ensure!(sha256(&bytes) == digest, "it changed while it was read");
    let compiled = runtime::precompile(&bytes).map_err(|error| anyhow::anyhow!("{error:#}"))?;
    let check = sha256(&compiled);
    write_whole(to, &compiled)?;
    // Last: a compiled form without its digest is as if it were not there.
    write_whole(&digest_path(to), check.as_bytes())?;
    Ok(())
}

fn digest_path(compiled: &Path) -> PathBuf {
    compiled.with_extension("cwasm.sha256")
}

/// Maps a compiled component; none where there is none, or it is not what was written.
#[expect(
    unsafe_code,
    reason = "mapping compiled code is the point; what makes it sound is checked here"
)]
fn map(engine: &Engine, path: &Path) -> Option<wasmtime::component::Component> {
    let metadata = fs::symlink_metadata(path).ok()?;
    if !metadata.is_file()
        || metadata.uid() != rustix::process::geteuid().as_raw()
        || metadata.mode() & 0o022 != 0
    {
        tracing::warn!(
            "`{}` is not a file of this user alone: it is compiled again",
            path.display()
        );
        return None;
    }
    let written = fs::read_to_string(digest_path(path)).ok()?;
    let bytes = fs::read(path).ok()?;
    if sha256(&bytes) != written {
        tracing::warn!("`{}` is damaged: it is compiled again", path.display());
        return None;
    }
    // SAFETY: the file was written by `compile_file` for this engine (its name holds the compatibility hash, which wasmtime
    // checks again), its digest is the one that was written beside it, and the folder admits nobody but this user.
    let mapped =
        unsafe { wasmtime::component::Component::deserialize_file(engine.wasmtime(), path) };
    mapped
        .inspect_err(|error| tracing::warn!("`{}` cannot be mapped: {error:#}", path.display()))
        .ok()
}

fn refused(component: &Component, error: &wasmtime::Error) -> Failure {
    let words: String = format!("{error:#}")
        .chars()
        .filter(|c| !c.is_control())
        .take(300)
        .collect();
    Failure::new(Kind::Invalid, format!("component `{}` does not fit the contract: {words}", component.path.display()))
        .fix("a plugin may import the contract's interfaces and WASI 0.2, and nothing else; `bulkhead plugins inspect FILE` lists its imports")
}

/// Makes a folder that only this user can enter, or checks that it is one.
pub(crate) fn private_folder(folder: &Path) -> Result<(), Failure> {
    let failed = |words: String| {
        Failure::new(
            Kind::Invalid,
            format!("the folder `{}` {words}", folder.display()),
        )
        .fix("set `directories` in config.toml to a folder of your own, with mode 0700")
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| failed("cannot be made".into()).source(error))?;
    let metadata =
        fs::metadata(folder).map_err(|error| failed("cannot be read".into()).source(error))?;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(failed("belongs to another user".into()));
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(failed(format!(
            "is open to others (mode {:o})",
            metadata.mode() & 0o777
        )));
    }
    Ok(())
}

/// Writes a file so that it is there whole or not at all, also with several hosts at once.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let mut file = fs::File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)
}
