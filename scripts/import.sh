#!/bin/sh
# Generates imports/ from the CRD files that cdk8s.yaml lists. The old files are replaced after all new ones
# have been generated.
set -eu
cd "$(dirname "$0")/.."
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
CDK8S_CHECK_UPGRADE=false npx --no-install cdk8s import --output "$new" --no-save
rm -f imports/*.ts
mv "$new"/*.ts imports/
