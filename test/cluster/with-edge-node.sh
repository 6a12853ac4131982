#!/bin/sh
# Joins this machine as an edge node to the cluster of with-kind.sh with KubeEdge's keadm, and runs the cluster suite:
#
#   sh test/cluster/with-kind.sh sh test/cluster/with-edge-node.sh [FILES of the suite]
#
# Only for disposable machines, such as CI runners: the script changes containerd's configuration, /etc/hosts and iptables
# with sudo. It needs systemd, containerd, Docker, curl and kubectl.
set -eu

KUBEEDGE=${KUBEEDGE:-v1.23.1}
CNI_PLUGINS=${CNI_PLUGINS:-v1.7.1}
INGRESS_NGINX=${INGRESS_NGINX:-controller-v1.12.1}
: "${E2E_KUBECONFIG:?kubeconfig of the cluster, as with-kind.sh sets it}"
export KUBECONFIG="$E2E_KUBECONFIG"
steps=$(dirname "$0")/edge-node
node=edge-throwaway
folder=$(mktemp -d)

# Address of the control plane's container, with the API server, CloudCore and the ingress.
cloud=$(kubectl get nodes -o jsonpath='{.items[0].status.addresses[?(@.type=="InternalIP")].address}')
export E2E_METRICS_HOST=push.edge.test E2E_LOGS_HOST=logs.edge.test
export E2E_NEW_METRICS_HOST=push2.edge.test E2E_NEW_LOGS_HOST=logs2.edge.test
export E2E_UPLINK_CUT="sh $steps/uplink.sh cut $cloud" E2E_UPLINK_MEND="sh $steps/uplink.sh mend $cloud"
export E2E_EDGECORE_RESTART="sh $steps/restart.sh"
export E2E_IMAGE_LOAD="sh $steps/load-image.sh ${E2E_IMAGE_LOAD:-}"

download() {
  curl --fail --silent --show-error --location --retry 3 --output "$folder/$1" "$2"
}

leave() {
  sh "$steps/uplink.sh" mend "$cloud" "$node" || true
  sudo "$folder/keadm" reset edge --force || true
  rm -rf "$folder"
}

release=https://github.com/kubeedge/kubeedge/releases/download/$KUBEEDGE
archive=keadm-$KUBEEDGE-linux-amd64.tar.gz
download "$archive" "$release/$archive"
download sum "$release/checksum_$archive.txt"
echo "$(cut -d ' ' -f 1 "$folder/sum")  $folder/$archive" | sha512sum --check
tar --extract --gzip --file "$folder/$archive" --directory "$folder" --strip-components 2 "keadm-$KUBEEDGE-linux-amd64/keadm/keadm"
trap leave EXIT

sh "$steps/ingress.sh" "$INGRESS_NGINX"
sh "$steps/containerd.sh" "$CNI_PLUGINS"
echo "$cloud $E2E_METRICS_HOST $E2E_LOGS_HOST $E2E_NEW_METRICS_HOST $E2E_NEW_LOGS_HOST" | sudo tee -a /etc/hosts

# Keeps DaemonSets that kind runs on every node away from edge nodes.
for name in kindnet kube-proxy; do
  kubectl --namespace kube-system patch daemonset "$name" --patch-file "$steps/not-on-edge.yaml"
done
"$folder/keadm" init --kube-config "$KUBECONFIG" --kubeedge-version "$KUBEEDGE" --advertise-address "$cloud" \
  --set cloudCore.service.enable=false --force
kubectl --namespace kubeedge rollout status deployment/cloudcore --timeout 5m
token=$("$folder/keadm" gettoken --kube-config "$KUBECONFIG")
sudo systemctl set-environment CHECK_EDGECORE_ENVIRONMENT=false
sudo CHECK_EDGECORE_ENVIRONMENT=false "$folder/keadm" join --token "$token" --cloudcore-ipport "$cloud:10000" \
  --kubeedge-version "$KUBEEDGE" --edgenode-name "$node" --cgroupdriver cgroupfs --set modules.edgeStream.enable=true
kubectl wait --for condition=Ready "node/$node" --timeout 5m
npm run --silent test:cluster -- --ci "$@"
