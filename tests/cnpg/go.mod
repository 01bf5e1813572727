// Pins the CloudNativePG whose CustomResourceDefinitions the tests apply; nothing of it is built.
module bulkhead.dev/tests/cnpg

go 1.26

require github.com/cloudnative-pg/cloudnative-pg v1.28.0
