#!/bin/sh
# Creates a cluster with kind, runs a command on it (by default the cluster suite), and deletes the cluster:
#
#   sh test/cluster/with-kind.sh [COMMAND...]
set -eu

name=edge-observability-throwaway
folder=$(mktemp -d)
export E2E_KUBECONFIG="$folder/kubeconfig" E2E_IMAGE_LOAD="kind load image-archive --name $name"

fail() {
  echo "with-kind.sh: $1" >&2
  exit 1
}

command -v kind > /dev/null || fail 'the program kind is missing: install it from https://kind.sigs.k8s.io'

remove() {
  kind delete cluster --name "$name" --kubeconfig "$E2E_KUBECONFIG"
  rm -rf "$folder"
}

trap remove EXIT
kind create cluster --name "$name" --kubeconfig "$E2E_KUBECONFIG" --wait 5m
E2E_CLUSTER_DISPOSABLE=$(kubectl --kubeconfig "$E2E_KUBECONFIG" get namespace kube-system -o jsonpath='{.metadata.uid}')
export E2E_CLUSTER_DISPOSABLE
[ $# -gt 0 ] || set -- npm run --silent test:cluster -- --ci
"$@"
