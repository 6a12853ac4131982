#!/bin/sh
# Installs the variant of ingress-nginx for kind, which listens on port 443 of the node: ingress.sh TAG
set -eu

kubectl label nodes --all ingress-ready=true
kubectl apply --filename "https://raw.githubusercontent.com/kubernetes/ingress-nginx/$1/deploy/static/provider/kind/deploy.yaml"
kubectl --namespace ingress-nginx rollout status deployment/ingress-nginx-controller --timeout 5m
