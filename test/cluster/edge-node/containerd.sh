#!/bin/sh
# Configures containerd on this machine for EdgeCore: enables the CRI plugin, which Docker's packages disable, and
# installs a pod network: containerd.sh VERSION_OF_CNI_PLUGINS
set -eu

plugins=cni-plugins-linux-amd64-$1.tgz
release=https://github.com/containernetworking/plugins/releases/download/$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for file in "$plugins" "$plugins.sha256"; do
  curl --fail --silent --show-error --location --retry 3 --output "$folder/$file" "$release/$file"
done
(cd "$folder" && sha256sum --check "$plugins.sha256")
sudo mkdir -p /opt/cni/bin /etc/cni/net.d
sudo tar --extract --gzip --file "$folder/$plugins" --directory /opt/cni/bin
sudo cp "$(dirname "$0")/network.conflist" /etc/cni/net.d/10-edge.conflist
containerd config default | sudo tee /etc/containerd/config.toml > /dev/null
sudo systemctl restart containerd
