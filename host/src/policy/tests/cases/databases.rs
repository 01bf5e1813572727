//! Databases, which an operator runs.

use serde_json::{Value, json};

use super::{Case, Kind, annotated, create, delete, merge, update};

const DATABASE_CLUSTER: Kind = ("postgresql.cnpg.io", "clusters");
const DATABASE: Kind = ("postgresql.cnpg.io", "databases");
const POOLER: Kind = ("postgresql.cnpg.io", "poolers");

pub(super) fn cases() -> Vec<Case> {
    let on =
        |title, change| update(title, DATABASE_CLUSTER, database_cluster(), change).named("orders");
    let role = |fields: Value| {
        let mut role = json!({"name": "app", "login": true});
        merge(&mut role, fields);
        json!({"spec": {"managed": {"roles": [role]}}})
    };
    let create_cluster = |title, change: Value| {
        let mut object = database_cluster();
        merge(&mut object, change);
        create(title, DATABASE_CLUSTER, object).named("orders")
    };
    vec![
        create_cluster("a database cluster", json!({})),
        create_cluster(
            "a database cluster that runs SQL",
            json!({"spec": {"bootstrap": {"initdb": {
                "postInitSQL": ["CREATE ROLE x SUPERUSER"], "postInitApplicationSQLRefs": {"secretRefs": [{"name": "sql", "key": "a"}]},
            }}}}),
        ),
        create_cluster(
            "a copy of another database",
            json!({"spec": {"bootstrap": {"recovery": {"source": "payments"}}}}),
        ),
        on(
            "5 instances in place of 3",
            json!({"spec": {"instances": 5}}),
        ),
        on(
            "1 instance in place of 3",
            json!({"spec": {"instances": 1}}),
        ),
        on(
            "30 instances in place of 3",
            json!({"spec": {"instances": 30}}),
        ),
        on(
            "another image of the server",
            json!({"spec": {"imageName": "x:1"}}),
        ),
        on(
            "a larger volume",
            json!({"spec": {"storage": {"size": "20Gi"}}}),
        ),
        on(
            "a role that may create databases",
            role(json!({"createdb": true})),
        ),
        on("a superuser", role(json!({"superuser": true}))),
        on("a role that replicates", role(json!({"replication": true}))),
        on(
            "a role within another",
            role(json!({"inRoles": ["pg_execute_server_program"]})),
        ),
        on(
            "a role with a password",
            role(json!({"passwordSecret": {"name": "app-user"}})),
        ),
        on(
            "access of the superuser",
            json!({"spec": {"enableSuperuserAccess": true, "superuserSecret": {"name": "su"}}}),
        ),
        on(
            "an identity of the cloud for the database",
            json!({"spec": {"serviceAccountTemplate": annotated("eks.amazonaws.com/role-arn", "arn")}}),
        ),
        on("hibernation", annotated("cnpg.io/hibernation", "on")),
        on(
            "a fenced instance",
            annotated("cnpg.io/fencedInstances", "[\"*\"]"),
        ),
        on("a patch of the pods", annotated("cnpg.io/podPatch", "[]")),
        on(
            "a restart",
            annotated("kubectl.kubernetes.io/restartedAt", "now"),
        ),
        on(
            "a parameter",
            json!({"spec": {"postgresql": {"parameters": {"work_mem": "64MB"}}}}),
        ),
        on(
            "a command as a parameter",
            json!({"spec": {"postgresql": {"parameters": {"archive_command": "id"}}}}),
        ),
        on(
            "the same in other letters, which the server reads so",
            json!({"spec": {"postgresql": {"parameters": {"Archive_Cleanup_Command": "id"}}}}),
        ),
        on(
            "a value that could end its line",
            json!({"spec": {"postgresql": {"parameters": {"search_path": "\\'\narchive_command='id"}}}}),
        ),
        on(
            "pages that are torn in a crash",
            json!({"spec": {"postgresql": {"parameters": {"full_page_writes": "off"}}}}),
        ),
        on(
            "other rules for logins",
            json!({"spec": {"postgresql": {"pg_hba": ["host all all all trust"]}}}),
        ),
        delete("a database cluster that ends", DATABASE_CLUSTER).named("orders"),
        create(
            "a database",
            DATABASE,
            json!({"spec": {"name": "app", "owner": "app", "cluster": {"name": "orders"}}}),
        ),
        create(
            "a database that ends with its object",
            DATABASE,
            json!({"spec": {"databaseReclaimPolicy": "delete"}}),
        ),
        delete("a database that ends", DATABASE),
        create(
            "a backup that shuts the database down",
            ("postgresql.cnpg.io", "backups"),
            json!({"spec": {"cluster": {"name": "orders"}, "method": "volumeSnapshot", "online": false}}),
        ),
        create(
            "a backup with the database up",
            ("postgresql.cnpg.io", "backups"),
            json!({"spec": {"cluster": {"name": "orders"}, "method": "volumeSnapshot", "online": true}}),
        ),
        create(
            "a schedule that shuts the database down again and again",
            ("postgresql.cnpg.io", "scheduledbackups"),
            json!({"spec": {"cluster": {"name": "orders"}, "schedule": "0 0 2 * * *", "online": false}}),
        ),
        delete("a backup of a database", ("postgresql.cnpg.io", "backups")),
        delete(
            "a scheduled backup",
            ("postgresql.cnpg.io", "scheduledbackups"),
        ),
        create(
            "a pooler with its own pods",
            POOLER,
            json!({"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "x"}]}}}}),
        ),
        create(
            "a publication",
            ("postgresql.cnpg.io", "publications"),
            json!({}),
        ),
        create(
            "a subscription",
            ("postgresql.cnpg.io", "subscriptions"),
            json!({}),
        ),
    ]
}

fn database_cluster() -> Value {
    json!({"metadata": {"name": "orders"}, "spec": {
        "instances": 3, "imageName": "ghcr.io/cloudnative-pg/postgresql:17.2", "storage": {"size": "10Gi"},
        "managed": {"roles": [{"name": "app", "login": true}]},
    }})
}
