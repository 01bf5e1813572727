//! What is reached from outside, and who answers.

use serde_json::json;

use super::{Case, Kind, annotated, create, delete, update};

const SERVICE: Kind = ("", "services");
const INGRESS: Kind = ("networking.k8s.io", "ingresses");

pub(super) fn cases() -> Vec<Case> {
    let service = || json!({"spec": {"type": "ClusterIP", "selector": {"app": "web"}}});
    let ingress = |title, key| update(title, INGRESS, json!({"spec": {}}), annotated(key, "x"));
    let marked = |title, key| update(title, SERVICE, service(), annotated(key, "x"));
    vec![
        create("a service", SERVICE, service()),
        update(
            "a service that selects other pods",
            SERVICE,
            service(),
            json!({"spec": {"selector": {"app": "x"}}}),
        ),
        update(
            "a service for everyone",
            SERVICE,
            service(),
            json!({"spec": {"type": "LoadBalancer"}}),
        ),
        update(
            "a service that points elsewhere",
            SERVICE,
            service(),
            json!({"spec": {"externalName": "x.org"}}),
        ),
        delete("a service that ends", SERVICE),
        create("endpoints", ("", "endpoints"), json!({})),
        update(
            "a load balancer for other addresses",
            SERVICE,
            service(),
            json!({"spec": {"loadBalancerSourceRanges": ["0.0.0.0/0"]}}),
        ),
        marked(
            "a load balancer that is no longer internal",
            "service.beta.kubernetes.io/aws-load-balancer-internal",
        ),
        marked(
            "a load balancer on the internet",
            "service.beta.kubernetes.io/aws-load-balancer-scheme",
        ),
        marked(
            "another name in the DNS",
            "external-dns.alpha.kubernetes.io/hostname",
        ),
        marked("an annotation of a service", "example.org/note"),
        update(
            "other ports of a service",
            SERVICE,
            service(),
            json!({"spec": {"ports": [{"port": 80, "targetPort": 9000}]}}),
        ),
        create(
            "an ingress",
            ("networking.k8s.io", "ingresses"),
            json!({"spec": {"tls": [{"secretName": "tls"}]}}),
        ),
        update(
            "an ingress for all hosts",
            INGRESS,
            json!({"spec": {}}),
            json!({"spec": {"defaultBackend": {"service": {"name": "mine"}}}}),
        ),
        ingress(
            "code in the ingress controller",
            "nginx.ingress.kubernetes.io/configuration-snippet",
        ),
        ingress(
            "code in the ingress controller of another maker",
            "nginx.org/server-snippets",
        ),
        ingress(
            "an ingress that asks another server who gets in",
            "nginx.ingress.kubernetes.io/auth-url",
        ),
        ingress(
            "an ingress that copies requests elsewhere",
            "nginx.ingress.kubernetes.io/mirror-target",
        ),
        ingress(
            "an ingress that leads elsewhere",
            "nginx.ingress.kubernetes.io/permanent-redirect",
        ),
        ingress(
            "an ingress for other addresses",
            "nginx.ingress.kubernetes.io/whitelist-source-range",
        ),
        ingress(
            "an ingress on the internet",
            "alb.ingress.kubernetes.io/scheme",
        ),
        update(
            "code in the configuration of an ingress controller",
            ("", "configmaps"),
            json!({"data": {}}),
            json!({"data": {"http-snippet": "x"}}),
        ),
        create(
            "a gateway with a certificate of another namespace",
            ("gateway.networking.k8s.io", "gateways"),
            json!({"spec": {"listeners": [
                {"name": "a", "tls": {"certificateRefs": [{"name": "tls", "namespace": "bank"}]}}
            ]}}),
        ),
        create(
            "a grant for references from other namespaces",
            ("gateway.networking.k8s.io", "referencegrants"),
            json!({}),
        ),
    ]
}
