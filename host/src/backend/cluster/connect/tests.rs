use super::*;

const TWO: &str = "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: 'https://c:6443'}}]\n\
                   contexts: [{name: dev, context: {cluster: c, user: u, namespace: shop}}, {name: prod, context: {cluster: c, user: u}}]\n";

fn config(kubeconfig: Option<PathBuf>, context: Option<&str>) -> ClusterConfig {
    ClusterConfig {
        kubeconfig,
        context: context.map(str::to_owned),
        ..ClusterConfig::default()
    }
}

fn environment(pairs: &[(&str, &str)]) -> Environment {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    Environment::from_map(pairs.iter().map(owned).collect())
}

#[test]
fn a_server_is_shown_without_its_password() {
    for (url, shown) in [
        ("https://ada:p@ss@api:6443/x@y", "https://api:6443/x@y"),
        ("https://api:6443", "https://api:6443"),
        ("ada:pass@api", "api"),
        ("", ""),
    ] {
        assert_eq!(without_user(url), shown);
    }
}

#[test]
fn the_context_brings_name_namespace_and_server() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kubeconfig");
    std::fs::write(&file, TWO).unwrap();
    let target = find(&config(Some(file), Some("dev")), &environment(&[])).unwrap();
    assert_eq!(
        (target.name.as_str(), target.default_namespace.as_str()),
        ("dev", "shop")
    );
    assert_eq!(target.server, "https://c:6443");
}

#[test]
fn several_files_are_merged_and_the_first_current_context_wins() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("a"), folder.path().join("b"));
    std::fs::write(&first, "current-context: prod\n").unwrap();
    std::fs::write(&second, format!("{TWO}current-context: dev\n")).unwrap();
    let list = std::env::join_paths([&first, &second]).unwrap();
    let target = find(
        &config(None, None),
        &environment(&[("KUBECONFIG", list.to_str().unwrap())]),
    )
    .unwrap();
    assert_eq!(target.name, "prod");
}

#[test]
fn an_unknown_context_names_the_ones_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kubeconfig");
    std::fs::write(&file, TWO).unwrap();
    let error = find(&config(Some(file), Some("staging")), &environment(&[]))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`staging`") && error.ends_with("there are `dev`, `prod`"),
        "{error}"
    );
}

#[test]
fn without_any_kubeconfig_the_error_says_where_it_looked() {
    let folder = tempfile::tempdir().unwrap();
    let error = find(
        &config(None, None),
        &environment(&[("HOME", folder.path().to_str().unwrap())]),
    )
    .unwrap_err();
    assert!(matches!(error, ConnectError::NoKubeconfig(_)), "{error}");
}
