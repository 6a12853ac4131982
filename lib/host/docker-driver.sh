#!/bin/sh
# Lets Docker on this host ship its containers' logs through Loki's log driver: installs the plugin, merges
# what it needs into daemon.json, and takes it back. POSIX sh, with tools that busybox has as well. What it
# is told stands in these variables, which docker-driver.ts sets above:
: "${LOKI_HOST:?host name of the ingress before Loki}" "${PLUGIN_VERSION:?version of the plugin}"
: "${NODE_NAME?name of the node, empty for the name of the host}"
: "${EXTERNAL_LABELS:?labels of every line, name=value, separated by commas}"
: "${LOG_OPTS:?options of the log driver, key=value, separated by spaces}"
: "${DEFAULT_LOG_OPTS?options that daemon.json may hold in another value, likewise}"
set -u
umask 077 # All that is written may hold the password.
export LC_ALL=C
# A variable that comes from the environment goes on to every program that is started.
unset userinfo content current new result problem

ALIAS=loki
PUSH_ADDRESS=$LOKI_HOST/loki/api/v1/push
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

# Edits daemon.json as text, so that all that it does not touch keeps every byte. Reads records that end in
# \036, which no JSON text holds, and prints the new text; or what is wrong, and never a value, since a value
# may be the password. Regular expressions are built from strings, because busybox takes octal escapes
# only there.
# shellcheck disable=SC2016 # The dollar signs are awk's.
EDITOR='
BEGIN {
  RS = "\036"; ORS = ""
  HEX = "[0-9A-Fa-f]"
  TEXT = "^\"([^\"\\\\\001-\037]|\\\\[\"\\\\/bfnrt]|\\\\u" HEX HEX HEX HEX ")*\""
  LITERAL = "^(true|false|null|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?)"
}

{ record[NR] = $0 }

END {
  if (NR != records) give_up("a control character stands in it", 1)
  if (mode == "merge") merge()
  else if (mode == "restore") restore()
  else load(record[1])
  print (mode == "driver" ? plain(raw("root", "log-driver")) : text)
}

function give_up(problem, code) {
  print problem
  exit code
}

function refuse(problem,   before) {
  before = substr(text, 1, at - 1)
  give_up("not valid JSON, line " (gsub(/\n/, "", before) + 1) ": " problem, 1)
}

# --- Reading: notes where the members of the object and of its log-opts begin and end.

function load(document) {
  text = document ~ /^[ \t\r\n]*$/ ? "{}\n" : document
  at = 1; count["root"] = count["opts"] = 0
  space()
  if (substr(text, at, 1) != "{") refuse("{ is missing")
  members("root")
  space()
  if (at <= length(text)) refuse("something stands after the last }")
}

function space() {
  if (match(substr(text, at), /^[ \t\r\n]+/)) at += RLENGTH
}

function take(character) {
  if (substr(text, at, 1) != character) return 0
  at++
  return 1
}

function expect(character) {
  if (!take(character)) refuse(character " is missing")
}

function token(pattern, what) {
  if (!match(substr(text, at), pattern)) refuse(what " is missing")
  at += RLENGTH
  return substr(text, at - RLENGTH, RLENGTH)
}

function members(scope,   key, first, value_at) {
  expect("{")
  if (scope == "root") opened = at
  space()
  if (substr(text, at, 1) != "}") {
    do {
      space(); first = at
      key = plain(token(TEXT, "a key in double quotes, without control characters,"))
      space(); expect(":"); space()
      value_at = at
      value(scope == "root" && key == "\"log-opts\"" ? "opts" : "other")
      if (scope != "other") note(scope, substr(key, 2, length(key) - 2), first, value_at)
      space()
    } while (take(","))
  }
  if (scope == "root") closed = at
  expect("}")
}

function elements() {
  expect("["); space()
  if (take("]")) return
  do { space(); value("other"); space() } while (take(","))
  expect("]")
}

function value(scope,   character) {
  character = substr(text, at, 1)
  if (character == "{") members(scope)
  else if (character == "[") elements()
  else if (character == "\"") token(TEXT, "the end of a text, or a text without control characters,")
  else token(LITERAL, "a value")
}

function note(scope, key, first, value_at,   i) {
  if (find(scope, key) && (scope == "opts" || key ~ /^log-(driver|opts)$/))
    give_up(key " stands there twice: take one of them out", 1)
  i = ++count[scope]
  name[scope, i] = key; start[scope, i] = first; from[scope, i] = value_at; to[scope, i] = at
}

function find(scope, key,   i) {
  for (i = 1; i <= count[scope]; i++) if (name[scope, i] == key) return i
  return 0
}

# The value of a member as it is written; nothing when there is no such member.
function raw(scope, key,   i) {
  i = find(scope, key)
  return i ? substr(text, from[scope, i], to[scope, i] - from[scope, i]) : ""
}

# A text in its usual spelling: \/ and \u002d are / and -. Quotes and backslashes stay escaped.
function plain(spelt,   out, escape) {
  out = ""
  while (match(spelt, /\\(u00[2-7][0-9A-Fa-f]|.)/)) {
    escape = substr(spelt, RSTART + 1, RLENGTH - 1)
    out = out substr(spelt, 1, RSTART - 1) unescaped(escape)
    spelt = substr(spelt, RSTART + RLENGTH)
  }
  return out spelt
}

function unescaped(escape) {
  if (escape == "/") return "/"
  if (escape !~ /^u00/ || escape ~ /^u00(22|5[cC]|7[fF])$/) return "\\" escape
  return sprintf("%c", digit(substr(escape, 4, 1)) * 16 + digit(substr(escape, 5, 1)))
}

function digit(character) {
  return index("0123456789abcdef", tolower(character)) - 1
}

# --- Writing: one change, after which all is read again.

function splice(first, end, replacement) {
  load(substr(text, 1, first - 1) replacement substr(text, end))
}

function put(key, written,   i, last) {
  i = find("root", key); last = count["root"]
  if (written == "") { if (i) drop(i) }
  else if (i) splice(from["root", i], to["root", i], written)
  else if (last) splice(to["root", last], to["root", last], "," gap() "\"" key "\": " written)
  else splice(opened, closed, gap() "\"" key "\": " written "\n")
}

function drop(i) {
  if (i > 1) splice(to["root", i - 1], to["root", i], "")
  else if (count["root"] > 1) splice(start["root", 1], start["root", 2], "")
  else splice(opened, closed, "")
}

# What stands before a member: the end of a line and an indentation, as the first member has it.
function gap(   before) {
  if (!count["root"]) return "\n  "
  before = substr(text, opened, start["root", 1] - opened)
  return match(before, /\r?\n[^\n]*$/) ? substr(before, RSTART) : before
}

# The log-opts that are wanted, as text; nothing when there are none.
function options(   i, outer, inner, body) {
  outer = gap(); body = ""
  inner = outer (match(outer, /\n/) ? substr(outer, RSTART + 1) : "")
  for (i = 1; i <= wants; i++) body = body (i > 1 ? "," : "") inner "\"" key_of[i] "\": " wanted[key_of[i]]
  return wants ? "{" body outer "}" : ""
}

# --- The three edits.

function want(key, written) {
  if (!(key in wanted)) key_of[++wants] = key
  wanted[key] = written
}

# Docker takes texts only as options.
function as_text(key, written) {
  if (written ~ /^"/) return written
  if (written ~ /^[[{n]/) give_up(key " in log-opts is neither a text nor a number", 1)
  return "\"" written "\""
}

# The address with the credentials that stand there already for this host.
function known_url(address,   url, tail, user) {
  url = plain(raw("opts", "loki-url")); tail = "@" address "\""
  user = substr(url, 10, length(url) - 9 - length(tail))
  if (url == "\"https://" user tail && user ~ /^[^:\/?#]+:[^\/?#]+$/) return url
  give_up("it holds no credentials for " address ": give them with --credentials FILE, or - to read them", 3)
}

function as_wanted(   i) {
  if (count["opts"] != wants) return 0
  for (i = 1; i <= wants; i++) if (raw("opts", key_of[i]) != wanted[key_of[i]]) return 0
  return wants > 0
}

function merge(   i, lines, line, word, kept, driver) {
  load(record[2])
  lines = split(record[1], line, "\n")
  for (i = 1; i <= lines; i++) {
    split(line[i], word, " ")
    if (word[1] == "keep" || word[1] == "default") kept[word[2]] = 1
  }
  for (i = 1; i <= count["opts"]; i++)
    if (name["opts", i] in kept) want(name["opts", i], as_text(name["opts", i], raw("opts", name["opts", i])))
  for (i = 1; i <= lines; i++) {
    split(line[i], word, " ")
    if (word[1] == "driver") driver = "\"" word[2] "\""
    if (word[1] == "known-url") want("loki-url", known_url(word[2]))
    if (word[1] == "set" || word[1] == "default" && !(word[2] in wanted)) want(word[2], "\"" word[3] "\"")
  }
  if (plain(raw("root", "log-driver")) != driver) put("log-driver", driver)
  if (!as_wanted()) put("log-opts", options())
}

# Everything but the log driver, as it is written.
function others(   i, all) {
  all = ""
  for (i = 1; i <= count["root"]; i++)
    if (name["root", i] !~ /^log-(driver|opts)$/)
      all = all substr(text, start["root", i], to["root", i] - start["root", i]) "\036"
  return all
}

# The older text byte for byte, unless something else was changed since: then only what it says of logs.
function restore(   driver, opts, rest) {
  load(record[1])
  driver = raw("root", "log-driver"); opts = raw("root", "log-opts"); rest = others()
  load(record[2])
  if (others() == rest) { text = record[1]; return }
  put("log-driver", driver)
  put("log-opts", opts)
}
'

# Puts the new text into $result; when it fails, what is wrong.
edit() {
  mode=$1
  shift
  result=$(for record; do printf '%s\036' "$record"; done |
    awk -v mode="$mode" -v records=$# "$EDITOR" && printf .) || return
  result=${result%.}
}

# The user and the password of standard input, percent-encoded. What they hold is looked at in hex, so that
# no byte means anything to a tool.
# shellcheck disable=SC2016
ENCODER='
BEGIN {
  for (i = 33; i < 127; i++)
    if (sprintf("%c", i) ~ /[-A-Za-z0-9._~]/) unreserved[sprintf("%02x", i)] = sprintf("%c", i)
  line = 1
}

{ for (i = 1; i <= NF; i++) byte($i) }

END {
  for (lines = line; lines > 1 && text[lines] == ""; ) lines--
  user = text[1]; password = text[2]
  if (lines == 1) { user = substr(text[1], 1, colon[1] - 1); password = substr(text[1], colon[1] + 3) }
  if (user == "" || password == "" || lines > 2 || lines == 2 && colon[1]) exit 1
  print user ":" password
}

function byte(hex) {
  if (hex == "0a") { line++; return }
  if (hex == "0d") return
  if (hex == "3a" && !colon[line]) colon[line] = length(text[line]) + 1
  text[line] = text[line] (hex in unreserved ? unreserved[hex] : "%" toupper(hex))
}
'

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
  od -An -v -tx1 | awk "$ENCODER"
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
