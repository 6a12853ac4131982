# shellcheck shell=sh
# Inspects Docker before and after a change: which dockerd responds, how it was started, which file
# it reads, and what containers log through. No part of this is a program alone: docker-driver.sh calls it.

# Names of the units: the package's own and a snap's.
DOCKER_UNITS='docker snap.docker.dockerd'

# The Docker of this host is used, whichever other context root has selected.
pin_docker() {
  case ${DOCKER_HOST:=unix:///var/run/docker.sock} in
    unix://*) ;;
    *) fail "DOCKER_HOST is ${DOCKER_HOST##*@}, which may be another host's Docker: unset it" ;;
  esac
  export DOCKER_HOST
  unset DOCKER_CONTEXT
}

require_docker() {
  command -v docker >/dev/null ||
    fail 'this host has no docker: let the log collector ship the logs of a node that runs another runtime'
  pin_docker
  case $(docker --version 2>/dev/null) in
    *[Pp]odman*) fail 'docker is Podman here, which has no log plugins: let the log collector ship the logs of this node' ;;
  esac
  docker version --format '{{.Server.Version}}' >/dev/null ||
    fail 'Docker does not answer: start it first, journalctl -u docker says why it does not run'
  case $(docker version --format '{{json .Server}}' 2>/dev/null) in
    *[Pp]odman*) fail 'it is Podman that answers as Docker, which has no log plugins: let the log collector ship the logs of this node' ;;
  esac
  case $(docker info --format '{{.SecurityOptions}}' 2>/dev/null) in
    *name=rootless*) fail "Docker is rootless: it reads a file of its user's and can run no log plugin; let the log collector ship the logs of this node" ;;
  esac
}

# Prints a property of the unit as reported by systemd, or nothing.
show() {
  command -v systemctl >/dev/null || return 0
  systemctl show --property="$1" "$unit" 2>/dev/null
}

property() {
  show "$1" | sed -n "s/^$1=//p"
}

# Sets $pid, $unit and $words: the process of the responding Docker, its unit, and its command line with one
# word per line. All are empty if Docker does not run.
find_daemon() {
  pid='' unit='' words=''
  for unit in $DOCKER_UNITS; do
    pid=$(property MainPID)
    is_daemon "$pid" && break
    pid='' unit=''
  done
  [ -n "$pid" ] || pid=$(cat "$DEFAULT_PID_FILE" 2>/dev/null)
  is_daemon "$pid" || find_only_daemon
  if [ -n "$pid" ]; then
    words=$(words_of "$pid")
    [ -n "$unit" ] || unit=$(sed -n 's,.*/\([^/]*docker[^/]*\)\.service$,\1,p' "$PROC/$pid/cgroup" 2>/dev/null | sed 1q)
  fi
  : "${unit:=docker}"
  next_words=$(words_of_unit)
  [ -n "$words" ] || words=$next_words
}

words_of() {
  tr '\0' '\n' 2>/dev/null <"$PROC/$1/cmdline"
}

is_daemon() {
  case $1 in '' | 0 | *[!0-9]*) return 1 ;; esac
  [ -r "$PROC/$1/cmdline" ] || return 1
  first=$(words_of "$1" | sed 1q)
  [ "${first##*/}" = dockerd ]
}

# The only dockerd outside of containers; one in a container has another purpose.
find_only_daemon() {
  pid=
  files=$(grep -lx dockerd "$PROC"/[0-9]*/comm 2>/dev/null)
  for file in $files; do
    folder=${file%/comm}
    [ "$(readlink "$folder/ns/pid")" = "$(readlink "$PROC/self/ns/pid")" ] || continue
    [ -z "$pid" ] || fail "two dockerd run, processes $pid and ${folder##*/}: stop the one whose logs are not meant"
    pid=${folder##*/}
  done
}

# The command line for the next start of Docker: a change of the unit may wait for a restart.
words_of_unit() {
  line=$(show ExecStart | sed -n 's/.*argv\[\]=\([^;]*\);.*/\1/p')
  say "$line" | tr ' ' '\n' | sed '/^\$/d; /^$/d'
  case $line in *\$*) words_of_environment ;; esac
}

# Prints the variables of the unit, some of which are arguments, such as DOCKER_OPTS of /etc/default/docker.
words_of_environment() {
  { property Environment
    property EnvironmentFiles | sed 's/ (.*//' | while IFS= read -r file; do
      sed '/^[[:space:]]*[#;]/d' "$ROOT$file" 2>/dev/null
    done
  } | grep -o -e --log-driver -e --log-opt
}

# Prints the value of a flag, written as --name=value or --name value; the last one counts.
flag() {
  say "$words" | awk -v flag="$1" '
    index($0, flag "=") == 1 { value = substr($0, length(flag) + 2) }
    previous == flag { value = $0 }
    { previous = $0 }
    END { print value }'
}

# Prints the path of the daemon's file. A file that a flag names has to exist.
locate_files() {
  find_daemon
  DAEMON_JSON=$(flag --config-file)
  case $DAEMON_JSON in
    '') DAEMON_JSON=$DEFAULT_DAEMON_JSON ;;
    /*) DAEMON_JSON=$ROOT$DAEMON_JSON ;;
    *) fail "Docker reads its configuration from $DAEMON_JSON, a path that depends on its folder: start it with an absolute one" ;;
  esac
  FOLDER=${DAEMON_JSON%/*}
  BACKUP=$DAEMON_JSON.before-loki
  STAGED=$DAEMON_JSON.new
  DOCKER_PID=$(flag --pidfile)
  [ -n "$DOCKER_PID" ] || DOCKER_PID=$(flag -p)
  DOCKER_PID=${DOCKER_PID:+$ROOT$DOCKER_PID}
  : "${DOCKER_PID:=$DEFAULT_PID_FILE}"
}

# Docker does not start if a setting is both a flag and in the file. A flag may contain the password.
find_log_flags() {
  flags=$(printf '%s\n%s\n' "$words" "$next_words" |
    awk '{ sub(/=.*/, "") } /^--log-(driver|opt)$/ && !seen[$0]++ { printf "%s ", $0 }')
  flags=${flags% }
}

refuse_log_flags() {
  find_log_flags
  [ -z "$flags" ] || fail "Docker is started with $flags, and does not start when its file says the same: take \
that out of what starts it$(sources) and restart Docker, or leave the logging of this node to the log collector"
}

sources() {
  files=$(for name in FragmentPath DropInPaths EnvironmentFiles; do property "$name"; done | tr '\n' ' ')
  [ -z "${files% }" ] || printf ' (%s)' "${files% }"
}

# Has Docker validate a file as at its start, with the flags of the running daemon.
validate() {
  daemon=$(say "$words" | sed 1q)
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
$(say "$words" | sed 1d)
END
  # Docker looks for its helpers in paths that the shell of another user may not have.
  problem=$(PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin "$daemon" --validate "$@" --config-file "$STAGED" 2>&1) ||
    fail "Docker refuses the new daemon.json: $(say "$problem" | sed 's,//[^/@]*@,//***@,g')"
}

# Sets $used: whether Docker reports that new containers log through a driver. A Docker that does not report
# it is trusted.
is_in_use() {
  used=$(docker info --format '{{.LoggingDriver}}' 2>/dev/null) || used=
  [ -z "$used" ] || [ "${used%:latest}" = "$1" ]
}

require_restarter() {
  [ -n "$restart" ] || return 0
  command -v systemctl >/dev/null ||
    fail '--restart needs systemctl: leave it out, and restart Docker as this host does it'
  case $(property LoadState) in
    masked) fail "$unit is masked, so it cannot be restarted: systemctl unmask $unit, or leave out --restart" ;;
    not-found) fail "no $unit starts Docker here: leave out --restart, and restart Docker as this host does it" ;;
  esac
  main=$(property MainPID)
  [ -z "$main" ] || [ -z "$pid" ] || [ "$main" = "$pid" ] || [ "$unit" != docker ] ||
    fail "Docker, process $pid, was not started by $unit: leave out --restart, and restart it as it was started"
}

# Restarts Docker, and waits until it responds, because not every unit reports when it is ready.
restart_docker() {
  systemctl restart "$unit" || return 1
  command -v docker >/dev/null || return 0
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    docker version --format '{{.Server.Version}}' >/dev/null 2>&1 && return 0
    sleep 2
  done
  return 1
}
