//! Names of fields that the real server knows and that the schemas of `openapi` leave out, by component.
//!
//! Data only. They are taken as they come: what they hold is not looked at.

#[rustfmt::skip]
const KNOWN: &[(&str, &[&str])] = &[
    ("ObjectMeta", &["deletionGracePeriodSeconds", "managedFields", "selfLink"]),
    (
        "PodSpec",
        &[
            "affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy", "enableServiceLinks",
            "ephemeralContainers", "hostAliases", "hostIPC", "hostNetwork", "hostPID", "hostUsers", "hostname",
            "hostnameOverride", "os", "overhead", "preemptionPolicy", "priority", "readinessGates", "resourceClaims",
            "resources", "runtimeClassName", "schedulerName", "schedulingGates", "securityContext", "serviceAccount",
            "setHostnameAsFQDN", "shareProcessNamespace", "subdomain", "topologySpreadConstraints", "workloadRef",
        ],
    ),
    (
        "Container",
        &[
            "lifecycle", "resizePolicy", "restartPolicy", "restartPolicyRules", "securityContext", "stdin", "stdinOnce",
            "terminationMessagePath", "terminationMessagePolicy", "tty", "volumeDevices",
        ],
    ),
    ("ContainerPort", &["hostIP"]),
    ("EnvVarSource", &["fileKeyRef"]),
    ("LocalObjectReference", &["optional"]),
    ("ResourceRequirements", &["claims"]),
    ("Probe", &["grpc", "successThreshold", "terminationGracePeriodSeconds"]),
    (
        "Volume",
        &[
            "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "downwardAPI", "ephemeral", "fc",
            "flexVolume", "flocker", "gcePersistentDisk", "gitRepo", "glusterfs", "hostPath", "image", "iscsi", "nfs",
            "photonPersistentDisk", "portworxVolume", "projected", "quobyte", "rbd", "scaleIO", "storageos",
            "vsphereVolume",
        ],
    ),
    ("VolumeMount", &["mountPropagation", "recursiveReadOnly", "subPathExpr"]),
    (
        "PodStatus",
        &[
            "allocatedResources", "ephemeralContainerStatuses", "extendedResourceClaimStatus", "hostIPs",
            "nominatedNodeName", "observedGeneration", "podIPs", "resize", "resourceClaimStatuses", "resources",
        ],
    ),
    ("PodCondition", &["lastProbeTime", "observedGeneration"]),
    (
        "ContainerStatus",
        &["allocatedResources", "allocatedResourcesStatus", "resources", "stopSignal", "user", "volumeMounts"],
    ),
    ("ContainerStateTerminated", &["containerID"]),
    (
        "ServiceSpec",
        &[
            "allocateLoadBalancerNodePorts", "clusterIPs", "externalIPs", "healthCheckNodePort", "ipFamilies",
            "ipFamilyPolicy", "loadBalancerClass", "loadBalancerIP", "loadBalancerSourceRanges",
            "publishNotReadyAddresses", "sessionAffinityConfig", "trafficDistribution",
        ],
    ),
    ("ServiceStatus", &["conditions"]),
    (
        "Event",
        &["action", "eventTime", "related", "reportingComponent", "reportingInstance", "series", "source"],
    ),
    ("ObjectReference", &["resourceVersion"]),
    ("DeploymentStatus", &["collisionCount", "terminatingReplicas"]),
    ("DeploymentCondition", &["lastUpdateTime"]),
    (
        "StatefulSetSpec",
        &[
            "minReadySeconds", "ordinals", "persistentVolumeClaimRetentionPolicy", "podManagementPolicy",
            "revisionHistoryLimit", "updateStrategy", "volumeClaimTemplates",
        ],
    ),
];

/// `component` is a full name, such as `io.k8s.api.core.v1.PodSpec`.
pub(super) fn is_known(component: &str, field: &str) -> bool {
    let short = component.rsplit('.').next().unwrap_or(component);
    KNOWN
        .iter()
        .any(|(name, fields)| *name == short && fields.contains(&field))
}
