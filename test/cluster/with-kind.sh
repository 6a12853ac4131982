#!/bin/sh
# Runs the cluster suite on a cluster of its own, which kind makes and removes again:
#
#   sh test/cluster/with-kind.sh
set -eu

name=edge-observability-throwaway
folder=$(mktemp -d)
export E2E_KUBECONFIG="$folder/kubeconfig"

fail() {
  echo "with-kind.sh: $1" >&2
  exit 1
}

command -v kind > /dev/null || fail 'it needs kind: https://kind.sigs.k8s.io'

remove() {
  kind delete cluster --name "$name" --kubeconfig "$E2E_KUBECONFIG"
  rm -rf "$folder"
}

trap remove EXIT
kind create cluster --name "$name" --kubeconfig "$E2E_KUBECONFIG" --wait 5m
E2E_CLUSTER_DISPOSABLE=$(kubectl --kubeconfig "$E2E_KUBECONFIG" get namespace kube-system -o jsonpath='{.metadata.uid}')
export E2E_CLUSTER_DISPOSABLE
npm run --silent test:cluster -- --ci
