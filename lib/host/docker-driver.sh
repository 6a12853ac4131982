#!/bin/sh
# Lets Docker on this host ship its containers' logs through Loki's log driver: installs the plugin, merges
# what it needs into daemon.json, and takes it back. POSIX sh, with tools that busybox has as well. What it
# is told stands in these variables, which docker-driver.ts sets above:
: "${LOKI_HOST:?host name of the ingress before Loki}" "${PLUGIN_VERSION:?version of the plugin}"
: "${NODE_NAME?name of the node, empty for the name of the host}"
: "${EXTERNAL_LABELS:?labels of every line, name=value, separated by commas}"
: "${LOG_OPTS:?options of the log driver, key=value, separated by spaces}"
: "${DEFAULT_LOG_OPTS?options that daemon.json may hold in another value, likewise}"
: "${DAEMON_JSON_EDITOR:?program of awk, daemon-json.awk}" "${CREDENTIALS_ENCODER:?likewise, credentials.awk}"
set -u
umask 077 # All that is written may hold the password.
export LC_ALL=C
# A variable that comes from the environment goes on to every program that is started.
unset userinfo content current new result problem

ALIAS=loki
# It says who it is, so that the guard refuses a wrong password for good: Docker waits while its driver retries.
PUSH_ADDRESS="$LOKI_HOST/loki/api/v1/push?client=docker-driver"
# The plugin writes its whole configuration to Docker's log, at the level info: the password too.
PLUGIN_SETTINGS=LOG_LEVEL=warn
# Options of the driver that are left as they are; Docker creates no container with one that it lacks.
KEPT_LOG_OPTS='loki-tls-cert-file loki-tls-key-file loki-tls-server-name loki-tls-insecure-skip-verify
  loki-proxy-url loki-min-backoff loki-pipeline-stages loki-pipeline-stage-file loki-tenant-id
  loki-relabel-config no-file labels env env-regex'
# What json-file knows of them.
JSON_FILE_LOG_OPTS='max-size max-file labels env env-regex'

ROOT=${ROOT:-}
FOLDER=$ROOT/etc/docker
DAEMON_JSON=$FOLDER/daemon.json
BACKUP=$DAEMON_JSON.before-loki
STAGED=$DAEMON_JSON.new
# A reboot restarts Docker, and clears this folder.
PENDING=$ROOT/run/docker-driver.restart-pending
DOCKER_PID=$ROOT/run/docker.pid

command=apply
restart=
credentials=
changed=
left='nothing was changed'

usage() {
  cat <<'END'
usage: docker-driver [apply | rollback | status] [--restart] [--credentials FILE]

  apply     install the plugin, make it the default of daemon.json (default)
  rollback  go back to what daemon.json said before, or to json-file
  status    say what there is; exit code 3 when apply, or a restart, is needed

  --restart           restart Docker when something changed; without it, it is only said
  --credentials FILE  the user and the password for Loki, in two lines or as user:password;
                      - reads standard input. Not needed when daemon.json holds them
END
}

say() {
  printf '%s\n' "$1"
}

fail() {
  printf 'docker-driver: %s; %s\n' "$1" "$left" >&2
  exit 1
}

# What follows an equals sign may be a secret at the wrong place, so it is not repeated.
misuse() {
  printf 'docker-driver: %s is not understood\n' "${1%%=*}" >&2
  usage >&2
  exit 2
}

parse_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      apply | rollback | status) command=$1 ;;
      --restart) restart=yes ;;
      --credentials)
        [ $# -gt 1 ] || misuse '--credentials without a file'
        credentials=$2
        shift
        ;;
      --help) usage; exit 0 ;;
      *) misuse "$1" ;;
    esac
    shift
  done
}

# Puts the new text into $result; when it fails, what is wrong.
edit() {
  mode=$1
  shift
  result=$(for record; do printf '%s\036' "$record"; done |
    awk -v mode="$mode" -v records=$# "$DAEMON_JSON_EDITOR" && printf .) || return
  result=${result%.}
}

read_credentials() {
  userinfo=
  case $credentials in
    '') return ;;
    -) userinfo=$(encode) && return ;;
    *)
      [ -r "$credentials" ] || fail "the file of --credentials, $credentials, is not there or cannot be read"
      userinfo=$(encode <"$credentials") && return
      ;;
  esac
  fail "--credentials $credentials: it has to hold a user without a colon in one line and a password in the \
next, or user:password in a single line"
}

encode() {
  od -An -v -tx1 | awk "$CREDENTIALS_ENCODER"
}

require_docker() {
  command -v docker >/dev/null ||
    fail 'this host has no docker: let the log collector ship the logs of a node that runs another runtime'
  docker version --format '{{.Server.Version}}' >/dev/null || fail 'Docker does not answer: start it first'
}

require_restarter() {
  [ -z "$restart" ] || command -v systemctl >/dev/null ||
    fail '--restart needs systemctl: leave it out, and restart Docker as this host does it'
}

name_plugin() {
  machine=$(uname -m)
  case $machine in
    x86_64 | amd64) architecture=amd64 ;;
    aarch64 | arm64) architecture=arm64 ;;
    *)
      fail "the plugin is not made for the architecture $machine, only for x86_64 and aarch64: let the log \
collector ship the logs of this node"
      ;;
  esac
  plugin=grafana/loki-docker-driver:$PLUGIN_VERSION-$architecture
}

# The reference of the plugin that has the alias, and whether it is enabled; nothing when there is none.
find_plugin() {
  installed=$(docker plugin inspect --format '{{.PluginReference}} {{.Enabled}}' "$ALIAS" 2>/dev/null) ||
    installed=
  installed=${installed#docker.io/}
}

ensure_plugin() {
  find_plugin
  case $installed in
    "$plugin true") return ;;
    "$plugin false") { mark_pending && enable_plugin; } || fail "the plugin $plugin cannot be enabled" ;;
    '') install_plugin ;;
    *) upgrade_plugin "${installed% *}" ;;
  esac
  left="$DAEMON_JSON is as it was; the plugin $plugin is there, which changes nothing by itself"
}

install_plugin() {
  docker plugin install "$plugin" --alias "$ALIAS" --grant-all-permissions "$PLUGIN_SETTINGS" >/dev/null ||
    fail "the plugin $plugin cannot be installed"
  change "installed the plugin $plugin"
}

enable_plugin() {
  docker plugin set "$ALIAS" "$PLUGIN_SETTINGS" && docker plugin enable "$ALIAS" >/dev/null &&
    change "enabled the plugin $plugin"
}

# A plugin has to be disabled for an upgrade; containers that log through it log nothing from then on until
# Docker restarts. When the upgrade fails, at least the next containers find the old one.
upgrade_plugin() {
  { mark_pending && docker plugin disable --force "$ALIAS" >/dev/null; } ||
    fail "the plugin $1 cannot be disabled"
  left="$DAEMON_JSON is as it was; Docker has to be restarted for containers that log through the plugin $1"
  if ! docker plugin upgrade "$ALIAS" "$plugin" --grant-all-permissions --skip-remote-check >/dev/null; then
    docker plugin enable "$ALIAS" >/dev/null || left="$left, which is still disabled"
    fail "the plugin $1 cannot be upgraded to $plugin"
  fi
  enable_plugin || fail "the plugin $plugin cannot be enabled"
  say 'containers that log through the plugin log nothing until Docker is restarted'
}

change() {
  changed=yes
  say "changed: $1"
}

# Reads a file into $content; a missing one is empty.
read_file() {
  content=
  [ -e "$1" ] || return 0
  content=$(cat "$1" && printf .) || fail "$1 cannot be read"
  content=${content%.}
  printf '%s' "$content" | cmp -s - "$1" || fail "$1 holds a zero byte, so it is no JSON"
}

read_daemon_json() {
  [ ! -L "$DAEMON_JSON" ] ||
    fail "$DAEMON_JSON is a symbolic link, which would be replaced: put the file itself there"
  read_file "$DAEMON_JSON"
  current=$content
}

name_node() {
  # A node's name in the cluster is in lower case, whatever the host calls itself.
  node=${NODE_NAME:-$(uname -n | tr '[:upper:]' '[:lower:]')}
  case $node in
    '' | *[!a-z0-9.-]*) fail "the host's name $node is no name of a node: print the script with --node" ;;
  esac
}

settings() {
  say "driver $ALIAS"
  if [ -n "$userinfo" ]; then
    say "set loki-url https://$userinfo@$PUSH_ADDRESS"
  else
    say "known-url $PUSH_ADDRESS"
  fi
  # The driver's own label is gone once others are given.
  say "set loki-external-labels container_name={{.Name}},$EXTERNAL_LABELS,node=$node"
  for option in $LOG_OPTS; do say "set ${option%%=*} ${option#*=}"; done
  for option in $DEFAULT_LOG_OPTS; do say "default ${option%%=*} ${option#*=}"; done
  for option in $KEPT_LOG_OPTS; do say "keep $option"; done
}

json_file_settings() {
  say 'driver json-file'
  for option in $JSON_FILE_LOG_OPTS; do say "keep $option"; done
}

write() {
  printf '%s' "$1" >"$2" && printf '%s' "$1" | cmp -s - "$2"
}

# Writes a new daemon.json beside the old one, and checks what was written.
stage() {
  { mkdir -p "$FOLDER" && write "$1" "$STAGED"; } || fail "$STAGED cannot be written, is the disk full?"
  read_file "$STAGED"
  edit check "$content" || fail "$STAGED: $result"
  if dockerd --help 2>&1 | grep -q -e --validate; then
    problem=$(dockerd --validate --config-file "$STAGED" 2>&1) ||
      fail "Docker refuses the new daemon.json: $(say "$problem" | sed 's,//[^/@]*@,//***@,g')"
  fi
}

# The oldest text is the one to go back to, so it is kept once.
back_up() {
  [ -e "$DAEMON_JSON" ] && [ ! -e "$BACKUP" ] || return 0
  { write "$current" "$BACKUP.new" && mv -f "$BACKUP.new" "$BACKUP"; } ||
    fail "$BACKUP cannot be written, is the disk full?"
}

# Renames the new file into place, when the disk has it: devices lose power.
commit() {
  mark_pending || fail "$PENDING cannot be written"
  sync
  mv -f "$STAGED" "$DAEMON_JSON" || fail "$DAEMON_JSON cannot be replaced"
  left="$DAEMON_JSON is changed"
  change "$DAEMON_JSON"
}

# Set before a change, so that an interruption cannot lose it: a needless restart is the lesser harm.
mark_pending() {
  mkdir -p "${PENDING%/*}" && touch "$PENDING"
}

# Docker writes the file of its process number when it starts: a restart by hand counts as well.
is_pending() {
  [ -e "$PENDING" ] && [ -z "$(find "$DOCKER_PID" -newer "$PENDING" 2>/dev/null)" ]
}

finish() {
  if ! is_pending; then
    [ -n "$changed" ] || say 'nothing to do'
  elif [ -z "$restart" ]; then
    say 'Docker has to be restarted: with --restart, by systemctl restart docker, or by a reboot'
  else
    systemctl restart docker ||
      fail 'Docker does not restart: see journalctl -u docker; rollback --restart undoes the change'
    rm -f "$PENDING"
    change 'restarted Docker'
  fi
}

apply() {
  require_docker
  name_plugin
  name_node
  read_credentials
  read_daemon_json
  edit merge "$(settings)" "$current" || fail "$DAEMON_JSON: $result"
  new=$result
  [ "$new" = "$current" ] || stage "$new"
  ensure_plugin
  if [ "$new" != "$current" ]; then
    back_up
    commit
  fi
  finish
}

# Works without Docker, which may be what no longer starts.
rollback() {
  read_daemon_json
  edit driver "$current" || fail "$DAEMON_JSON: $result"
  if [ "$result" = "\"$ALIAS\"" ]; then
    go_back
    say 'the plugin stays, for the containers that were created with it'
  fi
  finish
}

go_back() {
  if [ -e "$BACKUP" ]; then
    read_file "$BACKUP"
    edit restore "$content" "$current" || fail "$BACKUP: $result"
  else
    edit merge "$(json_file_settings)" "$current" || fail "$DAEMON_JSON: $result"
  fi
  stage "$result"
  commit
  rm -f "$BACKUP"
}

status() {
  code=0
  require_docker
  name_plugin
  name_node
  read_credentials
  status_of_plugin
  status_of_daemon_json
  if is_pending; then
    say 'restart: pending'
    code=3
  else
    say 'restart: not pending'
  fi
  exit "$code"
}

status_of_plugin() {
  find_plugin
  case $installed in
    "$plugin true") say "plugin: $plugin, enabled"; return ;;
    '') say "plugin: not installed; wanted: $plugin, enabled" ;;
    *' true') say "plugin: ${installed% *}, enabled; wanted: $plugin, enabled" ;;
    *) say "plugin: ${installed% *}, disabled; wanted: $plugin, enabled" ;;
  esac
  code=3
}

status_of_daemon_json() {
  read_daemon_json
  if ! edit merge "$(settings)" "$current"; then
    say "daemon.json: not as wanted: $result"
  elif [ "$result" = "$current" ]; then
    say 'daemon.json: as wanted'
    return
  else
    say 'daemon.json: not as wanted'
  fi
  code=3
}

trap 'rm -f "$STAGED" "$BACKUP.new"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
parse_arguments "$@"
[ -n "$ROOT" ] || [ "$(id -u)" = 0 ] || fail 'it changes what belongs to root: run it as root'
require_restarter
"$command"
