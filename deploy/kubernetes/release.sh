#!/usr/bin/env bash
# A release in the order of docs/upgrading.md: deploy/kubernetes/release.sh FOLDER, FOLDER being your copy of example/.
# Each step is awaited; what fails stops it, and what runs goes on running. Back: kubectl --namespace tombola rollout undo deployment/api
set -euo pipefail
folder=${1:?name the folder with your kustomization.yaml}
: "${NAMESPACE:=tombola}"
k() { kubectl --namespace "$NAMESPACE" "$@"; }
k delete job migrate --ignore-not-found --wait
k apply --kustomize "$folder" --selector app.kubernetes.io/component=account
k apply --kustomize "$folder" --selector 'tombola/step=first,app.kubernetes.io/component!=migrate'
k apply --kustomize "$folder" --selector app.kubernetes.io/component=listener
k rollout status deployment/listener --timeout=10m
k apply --kustomize "$folder" --selector app.kubernetes.io/component=migrate
k wait --for=condition=complete job/migrate --timeout=30m
for process in api worker sender keeper; do
  k apply --kustomize "$folder" --selector "app.kubernetes.io/component=$process"
  k rollout status "deployment/$process" --timeout=10m
done
