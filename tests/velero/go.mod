// Pins the Velero whose CustomResourceDefinitions the tests apply; nothing of it is built.
module bulkhead.dev/tests/velero

go 1.26

require github.com/vmware-tanzu/velero v1.18.3
