# Edits daemon.json as text, so that no byte of unrelated parts changes. Input: records that end with the byte \036, which
# JSON cannot contain. Output: the new text, or an error without values, because a value can be the password. Regular
# expressions are strings, because busybox supports octal escapes only in strings. Modes and their records: merge (settings,
# daemon.json), restore (previous daemon.json, current one), driver (daemon.json; prints the log driver), check (daemon.json).
BEGIN {
  RS = "\036"; ORS = ""
  HEX = "[0-9A-Fa-f]"
  TEXT = "^\"([^\"\\\\\001-\037]|\\\\[\"\\\\/bfnrt]|\\\\u" HEX HEX HEX HEX ")*\""
  MARK = "\357\273\277"
  LITERAL = "^(true|false|null|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?)"
}

{ record[NR] = $0 }

END {
  if (NR != records) give_up("the file contains the control character \\036", 1)
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
  give_up("invalid JSON, line " (gsub(/\n/, "", before) + 1) ": " problem, 1)
}

# --- Parsing: stores where the members of the object and of its log-opts begin and end.

# Parses a document. Docker accepts a byte-order mark, and treats a file that contains only white space as empty.
function load(document,   mark) {
  mark = substr(document, 1, 3) == MARK ? MARK : ""
  text = substr(document, length(mark) + 1) ~ /^[ \t\r\n\v\f]*$/ ? mark "{}\n" : document
  at = length(mark) + 1; count["root"] = count["opts"] = 0
  space()
  if (substr(text, at, 1) != "{") refuse("{ is missing")
  members("root")
  space()
  if (at <= length(text)) refuse("unexpected text after the last }")
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

# Stores where a member begins and ends. Fails if one of the log settings occurs twice.
function note(scope, key, first, value_at,   i) {
  if (find(scope, key) && (scope == "opts" || key ~ /^log-(driver|opts)$/))
    give_up(key " occurs twice: remove one of them", 1)
  i = ++count[scope]
  name[scope, i] = key; start[scope, i] = first; from[scope, i] = value_at; to[scope, i] = at
}

function find(scope, key,   i) {
  for (i = 1; i <= count[scope]; i++) if (name[scope, i] == key) return i
  return 0
}

# Returns the value of a member as it is written in the file. Returns an empty text if the member does not exist.
function raw(scope, key,   i) {
  i = find(scope, key)
  return i ? substr(text, from[scope, i], to[scope, i] - from[scope, i]) : ""
}

# Returns a JSON string without unnecessary escapes: \/ becomes /, and \u002d becomes -.
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

# --- Writing: after each change, the text is parsed again.

function splice(first, end, replacement) {
  load(substr(text, 1, first - 1) replacement substr(text, end))
}

# Sets a member of the root object. An empty value removes the member.
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

# Returns the white space to write before a member: line break and indentation as before the first member.
function gap(   before) {
  if (!count["root"]) return "\n  "
  before = substr(text, opened, start["root", 1] - opened)
  return match(before, /\r?\n[^\n]*$/) ? substr(before, RSTART) : before
}

# Returns the expected log-opts as text. Returns an empty text if no options are expected.
function options(   i, outer, inner, body) {
  outer = gap(); body = ""
  inner = outer (match(outer, /\n/) ? substr(outer, RSTART + 1) : "")
  for (i = 1; i <= wants; i++) body = body (i > 1 ? "," : "") inner "\"" key_of[i] "\": " wanted[key_of[i]]
  return wants ? "{" body outer "}" : ""
}

# --- The modes.

function want(key, written) {
  if (!(key in wanted)) key_of[++wants] = key
  wanted[key] = written
}

# Returns the value of an option as a JSON string, because Docker accepts only strings in log-opts.
function as_text(key, written) {
  if (written ~ /^"/) return written
  if (written ~ /^[[{n]/) give_up(key " in log-opts must be a string or a number", 1)
  return "\"" written "\""
}

# Returns Loki's URL with the credentials that the file contains for the same host and path. The query may differ.
function known_url(address,   url, tail, user) {
  url = plain(raw("opts", "loki-url")); sub(/[?][^"]*"$/, "\"", url)
  tail = "@" address "\""; sub(/[?].*/, "\"", tail)
  user = substr(url, 10, length(url) - 9 - length(tail))
  if (url == "\"https://" user tail && user ~ /^[^:\/?#]+:[^\/?#]+$/) return "\"https://" user "@" address "\""
  give_up("the file contains no credentials for " address ": pass them with --credentials FILE", 3)
}

# Returns the proxy's URL, with the credentials that the file contains for the same proxy, if any.
function known_proxy(address,   url, tail) {
  url = plain(raw("opts", "loki-proxy-url")); tail = "@" address "\""
  if (substr(url, 1, 8) == "\"http://" && substr(url, length(url) - length(tail) + 1) == tail) return url
  return "\"http://" address "\""
}

function as_wanted(   i) {
  if (count["opts"] != wants) return 0
  for (i = 1; i <= wants; i++) if (raw("opts", key_of[i]) != wanted[key_of[i]]) return 0
  return wants > 0
}

# Merges settings, which are lines such as "driver NAME" or "set KEY VALUE", see settings() in docker-driver.sh.
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
    if (word[1] == "known-proxy") want("loki-proxy-url", known_proxy(word[2]))
    if (word[1] == "set" || word[1] == "default" && !(word[2] in wanted)) want(word[2], "\"" word[3] "\"")
  }
  if (plain(raw("root", "log-driver")) != driver) put("log-driver", driver)
  if (!as_wanted()) put("log-opts", options())
}

function others(   i, all) {
  all = ""
  for (i = 1; i <= count["root"]; i++)
    if (name["root", i] !~ /^log-(driver|opts)$/)
      all = all substr(text, start["root", i], to["root", i] - start["root", i]) "\036"
  return all
}

# Restores the previous text byte for byte. If other members were changed since, restores only the log settings.
function restore(   driver, opts, rest) {
  load(record[1])
  driver = raw("root", "log-driver"); opts = raw("root", "log-opts"); rest = others()
  load(record[2])
  if (others() == rest) { text = record[1]; return }
  put("log-driver", driver)
  put("log-opts", opts)
}
