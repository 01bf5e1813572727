//! The one that has everything to read but tools: resources, templates, prompts and what completes them. Three of its
//! resources are what a host must not let through: too much text, what looks like a credential, and a death in the middle.

use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef, Query, ResourceType};
use bulkhead_plugin_sdk::{
    Contents, Failure, Message, Plugin, Prompt, Resource, Template, Text, Typed, Want, context,
    plugin,
};
use serde::{Deserialize, Serialize};

/// What the operator sets.
#[derive(Deserialize)]
struct Settings {
    namespace: Option<String>,
}

#[derive(Serialize)]
struct Pods {
    namespace: String,
    pods: Vec<String>,
}

#[derive(Serialize)]
struct Pod {
    namespace: String,
    name: String,
    phase: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Placed {
    namespace: String,
    name: String,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Tour {
    /// The pod to begin with.
    pod: String,
    /// What to look for; everything where left out.
    about: Option<String>,
}

fn namespace() -> Result<String, Failure> {
    let settings: Settings = context::settings()?;
    Ok(settings
        .namespace
        .unwrap_or_else(context::default_namespace))
}

fn pods() -> Result<Pods, Failure> {
    let namespace = namespace()?;
    let query = Query::in_namespace(ResourceType::new("", "pods"), &namespace);
    let page = kubernetes::list_fields::<(String,)>(&query, &["metadata.name"], 500, None)?;
    Ok(Pods {
        namespace,
        pods: page.items.into_iter().map(|(name,)| name).collect(),
    })
}

fn names(_: Typed<'_>) -> Result<Vec<String>, Failure> {
    Ok(pods()?.pods)
}

/// What it was told of the other variables, for whoever asks.
fn names_in(typed: Typed<'_>) -> Result<Vec<String>, Failure> {
    let seen = ["namespace", "name", "other"].map(|name| typed.before(name).unwrap_or("-"));
    Ok(vec![format!("{}{}", typed.value(), seen.join("/"))])
}

fn pod(which: Named) -> Result<Pod, Failure> {
    pod_in(Placed {
        namespace: namespace()?,
        name: which.name,
    })
}

fn pod_in(which: Placed) -> Result<Pod, Failure> {
    let Placed { namespace, name } = which;
    let object = ObjectRef::in_namespace(ResourceType::new("", "pods"), &namespace, &name);
    let (phase,) = kubernetes::get_fields(&object, &["status.phase"])?;
    Ok(Pod {
        namespace,
        name,
        phase,
    })
}

fn too_large() -> Result<Text, Failure> {
    Ok(Text("x".repeat(2 * 1024 * 1024)))
}

/// Put together from parts, so that it is in no source and in no component.
fn credential() -> String {
    ["gh", "p_16C7e42F292c6912", "E7710c838347Ae178B4a"].concat()
}

fn leaking() -> Result<Contents, Failure> {
    Ok(Contents {
        mime_type: "text/markdown".to_owned(),
        text: format!("# Found\n\nthe token is {}", credential()),
    })
}

fn trapping() -> Result<Text, Failure> {
    std::process::abort()
}

fn tour(tour: Tour) -> Result<Vec<Message>, Failure> {
    let about = tour.about.as_deref().unwrap_or("everything");
    let at = format!("library://pods/{}", tour.pod);
    let shown = Contents {
        mime_type: "text/plain".to_owned(),
        text: format!("about {about}: {}", credential()),
    };
    Ok(vec![
        Message::user(format!("Show me {about} of {at}, with {}.", credential())),
        Message::embedded("library://leaking", shown),
        Message::assistant("I begin with the pod."),
    ])
}

fn describe() -> Plugin {
    let to_name_pods = Want::cluster(&[""], &["pods"], &["get", "list"], "To show pods.");
    Plugin::new("library", "0.1.0", "Has everything to read but tools.")
        .wants(to_name_pods)
        .resource(
            Resource::new(
                "library://pods",
                "pods",
                "The pods of the namespace that is set.",
                pods,
            )
            .title("Pods"),
        )
        .resource(Resource::new(
            "library://too-large",
            "too_large",
            "More than an answer holds.",
            too_large,
        ))
        .resource(
            Resource::new(
                "library://leaking",
                "leaking",
                "What looks like a credential.",
                leaking,
            )
            .mime_type("text/markdown"),
        )
        .resource(Resource::new(
            "library://trapping",
            "trapping",
            "Dies in the middle of a call.",
            trapping,
        ))
        .template(
            Template::new("library://pods/{name}", "pod", "One of them.", pod)
                .title("Pod")
                .completes("name", names),
        )
        .template(
            Template::new(
                "library://{namespace}/{name}",
                "pod_in_namespace",
                "A pod of any namespace.",
                pod_in,
            )
            .completes("name", names_in),
        )
        .prompt(
            Prompt::new("library_tour", "Leads through a pod.", tour)
                .title("A tour")
                .completes("pod", names),
        )
}

plugin!(describe);
