//! Pods and what makes them.

use serde_json::{Value, json};

use super::super::super::Verb;
use super::{Case, Kind, POD, annotated, case, create, delete, deployment, merge, update};

const DEPLOYMENT: Kind = ("apps", "deployments");

pub(super) fn cases() -> Vec<Case> {
    let on = |title, change| update(title, DEPLOYMENT, deployment(), change);
    vec![
        on("nothing changes", json!({})),
        on("scale from 2 to 3", json!({"spec": {"replicas": 3}})),
        on("scale from 2 to 0", json!({"spec": {"replicas": 0}})),
        on(
            "scale from 2 to 12, by 500 %",
            json!({"spec": {"replicas": 12}}),
        ),
        on(
            "scale from 2 to 13, by 550 %",
            json!({"spec": {"replicas": 13}}),
        ),
        on(
            "scale in a production namespace",
            json!({"spec": {"replicas": 3}}),
        )
        .within("prod-eu"),
        on(
            "scale in a namespace that only sounds like one",
            json!({"spec": {"replicas": 3}}),
        )
        .within("product"),
        on(
            "scale a workload that is critical by its name",
            json!({"spec": {"replicas": 3}}),
        )
        .named("payment-redis"),
        on(
            "scale in a protected namespace",
            json!({"spec": {"replicas": 3}}),
        )
        .within("kube-system"),
        on(
            "another label on the deployment itself",
            json!({"metadata": {"labels": {"team": "a"}}}),
        ),
        on("another image", container(json!({"image": "web:2"}))),
        on(
            "another command",
            container(json!({"command": ["sh", "-c", "id"]})),
        ),
        on(
            "a plain environment variable",
            container(json!({"env": [{"name": "LD_PRELOAD", "value": "/x.so"}]})),
        ),
        on(
            "a variable from a secret",
            container(json!({"env": [
                {"name": "P", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}
            ]})),
        ),
        on(
            "the environment from a secret",
            container(json!({"envFrom": [{"secretRef": {"name": "db"}}]})),
        ),
        on(
            "twice the cpu",
            container(json!({"resources": {"requests": {"cpu": "200m"}}})),
        ),
        on(
            "fifty times the cpu",
            container(json!({"resources": {"requests": {"cpu": "5"}}})),
        ),
        on(
            "the first limit",
            container(json!({"resources": {"limits": {"memory": "1Gi"}}})),
        ),
        on(
            "memory with a sign, from nothing",
            container(json!({"resources": {"requests": {"ephemeral-storage": "+6Ti"}}})),
        ),
        on(
            "more cpu than there is in the world",
            container(json!({"resources": {"requests": {"cpu": "1e40"}}})),
        ),
        on(
            "cpu that cannot be read",
            container(json!({"resources": {"requests": {"cpu": "1e99999999999"}}})),
        ),
        update(
            "a limit that is taken away",
            DEPLOYMENT,
            json!({"spec": {"template": {"spec": {"resources": {"limits": {"memory": "1Gi"}}}}}}),
            json!({"spec": {"template": {"spec": {"resources": {"limits": null}}}}}),
        ),
        on(
            "a privileged container",
            container(json!({"securityContext": {"privileged": true}})),
        ),
        on(
            "another probe",
            container(json!({"livenessProbe": {"exec": {"command": ["id"]}}})),
        ),
        on(
            "a second container",
            json!({"spec": {"template": {"spec": {"containers": [
                {"name": "spy", "image": "spy:1"},
                deployment()["spec"]["template"]["spec"]["containers"][0],
            ]}}}}),
        ),
        on(
            "a directory of the node",
            pod_spec(json!({"volumes": [{"name": "v", "hostPath": {"path": "/"}}]})),
        ),
        on(
            "a mounted secret",
            pod_spec(json!({"volumes": [{"name": "v", "secret": {"secretName": "db"}}]})),
        ),
        on(
            "a projected token",
            pod_spec(json!({"volumes": [
                {"name": "v", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}
            ]})),
        ),
        on(
            "another service account",
            pod_spec(json!({"serviceAccountName": "admin", "serviceAccount": "admin"})),
        ),
        on(
            "the network of the node",
            pod_spec(json!({"hostNetwork": true})),
        ),
        on(
            "another way to find hosts",
            pod_spec(json!({"dnsPolicy": "Default"})),
        ),
        on(
            "no time to end",
            pod_spec(json!({"terminationGracePeriodSeconds": 0})),
        ),
        on(
            "a rollout that lets all be missing",
            json!({"spec": {"strategy": {"rollingUpdate": {"maxUnavailable": "100%"}}}}),
        ),
        on(
            "a rollout that ends all first",
            json!({"spec": {"strategy": {"type": "Recreate"}}}),
        ),
        on(
            "no rollout to go back to",
            json!({"spec": {"revisionHistoryLimit": 0}}),
        ),
        on(
            "other nodes",
            pod_spec(json!({"nodeSelector": {"disk": "ssd"}})),
        ),
        on(
            "a rollout restart",
            json!({"spec": {"template": annotated("kubectl.kubernetes.io/restartedAt", "now")}}),
        ),
        on(
            "other labels of the pods",
            json!({"spec": {"template": {"metadata": {"labels": {"app": "x"}}}}}),
        ),
        on(
            "an owner",
            json!({"metadata": {"ownerReferences": [{"kind": "ConfigMap", "name": "x", "uid": "1"}]}}),
        ),
        on(
            "a finalizer",
            json!({"metadata": {"finalizers": ["example.org/never"]}}),
        ),
        on(
            "the annotation that kubectl compares with",
            annotated("kubectl.kubernetes.io/last-applied-configuration", "{}"),
        ),
        create("a deployment", DEPLOYMENT, deployment()),
        create(
            "a bare pod",
            POD,
            json!({"spec": {
                "containers": [{"name": "a", "image": "a:1"}], "serviceAccountName": "default",
            }}),
        ),
        create(
            "a cron job",
            ("batch", "cronjobs"),
            json!({"spec": {"jobTemplate": {"spec": {"template": {"spec": {
                "containers": [{"name": "a", "image": "a:1"}]
            }}}}}}),
        ),
        create(
            "a custom resource with a pod template",
            ("example.org", "runners"),
            json!({"spec": {"deep": {"template": {
                "spec": {"initContainers": [{"name": "a", "image": "a:1", "command": ["id"]}]}
            }}}}),
        ),
        update(
            "a pod that leaves its owner",
            POD,
            json!({"metadata": {"labels": {"app": "web"}}}),
            json!({"metadata": {"labels": {"app": null}}}),
        ),
        of_job("a job that is stopped", json!({"parallelism": 0})),
        of_job(
            "a job that works on less at once",
            json!({"parallelism": 1}),
        ),
        of_job("a job that is done sooner", json!({"completions": 1})),
        of_job(
            "a job that must end by now",
            json!({"activeDeadlineSeconds": 1}),
        ),
        of_job(
            "a job that is deleted when it ends",
            json!({"ttlSecondsAfterFinished": 0}),
        ),
        update(
            "a cron job at another hour",
            ("batch", "cronjobs"),
            json!({"spec": {"schedule": "0 1 * * *"}}),
            json!({"spec": {"schedule": "* * * * *"}}),
        ),
        update(
            "a pod that must end by now",
            POD,
            json!({"spec": {}}),
            json!({"spec": {"activeDeadlineSeconds": 1}}),
        ),
        update(
            "the revision of a replica set",
            ("apps", "replicasets"),
            json!({"kind": "ReplicaSet"}),
            annotated("deployment.kubernetes.io/revision", "9"),
        ),
        update(
            "a stateful set with other numbers",
            ("apps", "statefulsets"),
            json!({"spec": {}}),
            json!({"spec": {"ordinals": {"start": 5}}}),
        ),
        update(
            "the last replica through the subresource",
            ("apps", "statefulsets/scale"),
            json!({"spec": {"replicas": 2}}),
            json!({"spec": {"replicas": 0}}),
        ),
        delete("a pod", POD),
        delete("a deployment that ends", DEPLOYMENT),
        case("an evicted pod", Verb::Evict, POD, Some(json!({})), None),
        case(
            "an evicted pod of a protected namespace",
            Verb::Evict,
            POD,
            Some(json!({})),
            None,
        )
        .within("kube-system"),
        create(
            "an autoscaler",
            ("autoscaling", "horizontalpodautoscalers"),
            json!({"spec": {"maxReplicas": 10}}),
        ),
        update(
            "an autoscaler by its annotations",
            ("autoscaling", "horizontalpodautoscalers"),
            json!({"spec": {"maxReplicas": 10}}),
            annotated("autoscaling.alpha.kubernetes.io/behavior", "{}"),
        ),
    ]
}

fn of_job(title: &'static str, change: Value) -> Case {
    let job = json!({"spec": {"parallelism": 3, "completions": 9}});
    update(title, ("batch", "jobs"), job, json!({"spec": change}))
}

fn container(change: Value) -> Value {
    let mut container = deployment()["spec"]["template"]["spec"]["containers"][0].take();
    merge(&mut container, change);
    json!({"spec": {"template": {"spec": {"containers": [container]}}}})
}

fn pod_spec(change: Value) -> Value {
    json!({"spec": {"template": {"spec": change}}})
}
