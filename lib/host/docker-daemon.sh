# shellcheck shell=sh
# Functions of docker-driver.sh that inspect and restart Docker: which dockerd responds, with which flags it was started,
# which configuration file it reads, and which log driver new containers use.

# Names of Docker's systemd unit, as installed by packages and by snap.
DOCKER_UNITS='docker snap.docker.dockerd'

# Makes docker commands use the Docker of this host, even if root has selected another context.
use_local_docker() {
  case ${DOCKER_HOST:=unix:///var/run/docker.sock} in
    unix://*) ;;
    *) fail "DOCKER_HOST is ${DOCKER_HOST##*@}, which can be the Docker of another host: unset DOCKER_HOST" ;;
  esac
  export DOCKER_HOST
  unset DOCKER_CONTEXT
}

# Fails if this host has no Docker that can run log plugins.
require_docker() {
  command -v docker >/dev/null ||
    fail 'the command docker does not exist: if this node has another container runtime, send its logs with the log collector'
  use_local_docker
  case $(docker --version 2>/dev/null) in
    *[Pp]odman*) fail 'the command docker is Podman, which has no log plugins: send the logs of this node with the log collector instead' ;;
  esac
  docker version --format '{{.Server.Version}}' >/dev/null ||
    fail 'Docker does not respond: start it; if it does not start, see journalctl -u docker'
  case $(docker version --format '{{json .Server}}' 2>/dev/null) in
    *[Pp]odman*) fail 'the server is Podman, which has no log plugins: send the logs of this node with the log collector instead' ;;
  esac
  case $(docker info --format '{{.SecurityOptions}}' 2>/dev/null) in
    *name=rootless*) fail "Docker runs rootless, without log plugins: send the logs of this node with the log collector instead" ;;
  esac
}

# Prints property $1 of Docker's unit as NAME=VALUE. Prints nothing without systemd.
show_property() {
  command -v systemctl >/dev/null || return 0
  systemctl show --property="$1" "$unit" 2>/dev/null
}

# Prints the value of property $1 of Docker's unit.
property_value() {
  show_property "$1" | sed -n "s/^$1=//p"
}

# Sets $pid, $unit and $words: the process of the responding Docker, its unit, and its command line with one
# word per line. All are empty if Docker does not run.
find_running_daemon() {
  pid='' unit='' words=''
  for unit in $DOCKER_UNITS; do
    pid=$(property_value MainPID)
    is_daemon "$pid" && break
    pid='' unit=''
  done
  [ -n "$pid" ] || pid=$(cat "$DEFAULT_PID_FILE" 2>/dev/null)
  is_daemon "$pid" || find_only_daemon
  if [ -n "$pid" ]; then
    words=$(process_words "$pid")
    [ -n "$unit" ] || unit=$(sed -n 's,.*/\([^/]*docker[^/]*\)\.service$,\1,p' "$PROC/$pid/cgroup" 2>/dev/null | sed 1q)
  fi
  : "${unit:=docker}"
  next_words=$(unit_words)
  [ -n "$words" ] || words=$next_words
}

# Prints the command line of process $1, one word per line.
process_words() {
  tr '\0' '\n' 2>/dev/null <"$PROC/$1/cmdline"
}

# Succeeds if $1 is the ID of a process that runs dockerd.
is_daemon() {
  case $1 in '' | 0 | *[!0-9]*) return 1 ;; esac
  [ -r "$PROC/$1/cmdline" ] || return 1
  first=$(process_words "$1" | sed 1q)
  [ "${first##*/}" = dockerd ]
}

# Sets $pid to the only dockerd that does not run in a container. Fails if there are two.
find_only_daemon() {
  pid=
  files=$(grep -lx dockerd "$PROC"/[0-9]*/comm 2>/dev/null)
  for file in $files; do
    folder=${file%/comm}
    [ "$(readlink "$folder/ns/pid")" = "$(readlink "$PROC/self/ns/pid")" ] || continue
    [ -z "$pid" ] || fail "two dockerd are running, processes $pid and ${folder##*/}: stop the one whose logs must not be sent"
    pid=${folder##*/}
  done
}

# Prints the command line with which systemd will start Docker the next time. It differs from the running one if the unit
# was changed since.
unit_words() {
  line=$(show_property ExecStart | sed -n 's/.*argv\[\]=\([^;]*\);.*/\1/p')
  print_line "$line" | tr ' ' '\n' | sed '/^\$/d; /^$/d'
  case $line in *\$*) environment_log_flags ;; esac
}

# Prints the log flags in the unit's environment variables. Some units take arguments from variables, such as DOCKER_OPTS in
# /etc/default/docker.
environment_log_flags() {
  { property_value Environment
    property_value EnvironmentFiles | sed 's/ (.*//' | while IFS= read -r file; do
      sed '/^[[:space:]]*[#;]/d' "$ROOT$file" 2>/dev/null
    done
  } | grep -o -e --log-driver -e --log-opt
}

# Prints the value of flag $1, written as --name=value or --name value. The last occurrence counts.
flag_value() {
  print_line "$words" | awk -v flag="$1" '
    index($0, flag "=") == 1 { value = substr($0, length(flag) + 2) }
    previous == flag { value = $0 }
    { previous = $0 }
    END { print value }'
}

# Sets the paths of daemon.json, its backup, its staged version, and Docker's PID file.
locate_files() {
  find_running_daemon
  DAEMON_JSON=$(flag_value --config-file)
  case $DAEMON_JSON in
    '') DAEMON_JSON=$DEFAULT_DAEMON_JSON ;;
    /*) DAEMON_JSON=$ROOT$DAEMON_JSON ;;
    *) fail "Docker is started with the relative path --config-file $DAEMON_JSON: start Docker with an absolute path" ;;
  esac
  FOLDER=${DAEMON_JSON%/*}
  BACKUP=$DAEMON_JSON.before-loki
  STAGED=$DAEMON_JSON.new
  DOCKER_PID=$(flag_value --pidfile)
  [ -n "$DOCKER_PID" ] || DOCKER_PID=$(flag_value -p)
  DOCKER_PID=${DOCKER_PID:+$ROOT$DOCKER_PID}
  : "${DOCKER_PID:=$DEFAULT_PID_FILE}"
}

# Sets $flags to the names of Docker's log flags. Docker does not start if a setting is both a flag and in the file. Only
# the names are kept, because a value can contain a password.
find_log_flags() {
  flags=$(printf '%s\n%s\n' "$words" "$next_words" |
    awk '{ sub(/=.*/, "") } /^--log-(driver|opt)$/ && !seen[$0]++ { printf "%s ", $0 }')
  flags=${flags% }
}

# Fails if Docker has log flags.
require_no_log_flags() {
  find_log_flags
  [ -z "$flags" ] || fail "Docker is started with $flags, and does not start if daemon.json contains the same settings: \
remove the flags$(describe_unit_files) and restart Docker, or send the logs of this node with the log collector"
}

# Prints the files of the unit that can contain the flags.
describe_unit_files() {
  files=$(for name in FragmentPath DropInPaths EnvironmentFiles; do property_value "$name"; done | tr '\n' ' ')
  [ -z "${files% }" ] || printf ' (%s)' "${files% }"
}

# Validates the new daemon.json with dockerd --validate and the flags of the running daemon.
validate_daemon_json() {
  daemon=$(print_line "$words" | sed 1q)
  [ -x "$daemon" ] || daemon=dockerd
  "$daemon" --help 2>&1 | grep -q -e --validate || return 0
  set --
  previous=
  while IFS= read -r word; do
    case $word in
      --config-file | --config-file=* | '') ;;
      *) [ "$previous" = --config-file ] || set -- "$@" "$word" ;;
    esac
    previous=$word
  done <<END
$(print_line "$words" | sed 1d)
END
  # dockerd searches its helper programs in these folders, which the PATH of the current shell may not contain.
  problem=$(PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin "$daemon" --validate "$@" --config-file "$STAGED" 2>&1) ||
    fail "Docker rejects the new daemon.json: $(print_line "$problem" | sed 's,//[^/@]*@,//***@,g')"
}

# Succeeds if new containers use log driver $1, and sets $used to the driver that Docker reports. Also succeeds if Docker
# reports no driver.
is_driver_in_use() {
  used=$(docker info --format '{{.LoggingDriver}}' 2>/dev/null) || used=
  [ -z "$used" ] || [ "${used%:latest}" = "$1" ]
}

# Fails if --restart was given and systemd cannot restart the running Docker.
require_restartable_unit() {
  [ -n "$restart" ] || return 0
  command -v systemctl >/dev/null ||
    fail '--restart requires systemctl: omit --restart, and restart Docker with the init system of this host'
  case $(property_value LoadState) in
    masked) fail "the unit $unit is masked and cannot be restarted: run systemctl unmask $unit, or omit --restart" ;;
    not-found) fail "there is no unit $unit: omit --restart, and restart Docker with the init system of this host" ;;
  esac
  main=$(property_value MainPID)
  [ -z "$main" ] || [ -z "$pid" ] || [ "$main" = "$pid" ] || [ "$unit" != docker ] ||
    fail "Docker, process $pid, was not started by the unit $unit: omit --restart, and restart Docker as it was started"
}

# Restarts Docker and waits until it responds. Not every unit reports readiness to systemd.
restart_docker() {
  systemctl restart "$unit" || return 1
  command -v docker >/dev/null || return 0
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    docker version --format '{{.Server.Version}}' >/dev/null 2>&1 && return 0
    sleep 2
  done
  return 1
}
