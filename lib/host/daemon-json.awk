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
  if (NR != records) exit_with_error("the file contains the control character \\036", 1)
  if (mode == "merge") merge_settings()
  else if (mode == "restore") restore_previous_text()
  else parse_document(record[1])
  print (mode == "driver" ? unescape_string(raw_value("root", "log-driver")) : text)
}

function exit_with_error(problem, code) {
  print problem
  exit code
}

function exit_with_syntax_error(problem,   before) {
  before = substr(text, 1, at - 1)
  exit_with_error("invalid JSON, line " (gsub(/\n/, "", before) + 1) ": " problem, 1)
}

# --- Parsing: stores where the members of the object and of its log-opts begin and end.

# Parses a document. Docker accepts a byte-order mark, and treats a file that contains only white space as empty.
function parse_document(document,   mark) {
  mark = substr(document, 1, 3) == MARK ? MARK : ""
  text = substr(document, length(mark) + 1) ~ /^[ \t\r\n\v\f]*$/ ? mark "{}\n" : document
  at = length(mark) + 1; count["root"] = count["opts"] = 0
  skip_space()
  if (substr(text, at, 1) != "{") exit_with_syntax_error("{ is missing")
  parse_members("root")
  skip_space()
  if (at <= length(text)) exit_with_syntax_error("unexpected text after the last }")
}

function skip_space() {
  if (match(substr(text, at), /^[ \t\r\n]+/)) at += RLENGTH
}

function skip_character(character) {
  if (substr(text, at, 1) != character) return 0
  at++
  return 1
}

function require_character(character) {
  if (!skip_character(character)) exit_with_syntax_error(character " is missing")
}

function read_token(pattern, what) {
  if (!match(substr(text, at), pattern)) exit_with_syntax_error(what " is missing")
  at += RLENGTH
  return substr(text, at - RLENGTH, RLENGTH)
}

function parse_members(scope,   key, first, value_at) {
  require_character("{")
  if (scope == "root") opened = at
  skip_space()
  if (substr(text, at, 1) != "}") {
    do {
      skip_space(); first = at
      key = unescape_string(read_token(TEXT, "a key in double quotes, without control characters,"))
      skip_space(); require_character(":"); skip_space()
      value_at = at
      parse_value(scope == "root" && key == "\"log-opts\"" ? "opts" : "other")
      if (scope != "other") record_member(scope, substr(key, 2, length(key) - 2), first, value_at)
      skip_space()
    } while (skip_character(","))
  }
  if (scope == "root") closed = at
  require_character("}")
}

function parse_elements() {
  require_character("["); skip_space()
  if (skip_character("]")) return
  do { skip_space(); parse_value("other"); skip_space() } while (skip_character(","))
  require_character("]")
}

function parse_value(scope,   character) {
  character = substr(text, at, 1)
  if (character == "{") parse_members(scope)
  else if (character == "[") parse_elements()
  else if (character == "\"") read_token(TEXT, "the end of a text, or a text without control characters,")
  else read_token(LITERAL, "a value")
}

# Stores where a member begins and ends. Fails if one of the log settings occurs twice.
function record_member(scope, key, first, value_at,   i) {
  if (find_member(scope, key) && (scope == "opts" || key ~ /^log-(driver|opts)$/))
    exit_with_error(key " occurs twice: remove one of them", 1)
  i = ++count[scope]
  name[scope, i] = key; start[scope, i] = first; from[scope, i] = value_at; to[scope, i] = at
}

function find_member(scope, key,   i) {
  for (i = 1; i <= count[scope]; i++) if (name[scope, i] == key) return i
  return 0
}

# Returns the value of a member as it is written in the file. Returns an empty text if the member does not exist.
function raw_value(scope, key,   i) {
  i = find_member(scope, key)
  return i ? substr(text, from[scope, i], to[scope, i] - from[scope, i]) : ""
}

# Returns a JSON string without unnecessary escapes: \/ becomes /, and \u002d becomes -.
function unescape_string(spelt,   out, escape) {
  while (match(spelt, /\\(u00[2-7][0-9A-Fa-f]|.)/)) {
    escape = substr(spelt, RSTART + 1, RLENGTH - 1)
    out = out substr(spelt, 1, RSTART - 1) unescape_character(escape)
    spelt = substr(spelt, RSTART + RLENGTH)
  }
  return out spelt
}

function unescape_character(escape) {
  if (escape == "/") return "/"
  if (escape !~ /^u00/ || escape ~ /^u00(22|5[cC]|7[fF])$/) return "\\" escape
  return sprintf("%c", hex_digit_value(substr(escape, 4, 1)) * 16 + hex_digit_value(substr(escape, 5, 1)))
}

function hex_digit_value(character) {
  return index("0123456789abcdef", tolower(character)) - 1
}

# --- Writing: after each change, the text is parsed again.

function replace_range(first, end, replacement) {
  parse_document(substr(text, 1, first - 1) replacement substr(text, end))
}

# Sets a member of the root object. An empty value removes the member.
function set_member(key, written,   i, last) {
  i = find_member("root", key); last = count["root"]
  if (written == "") { if (i) remove_member(i) }
  else if (i) replace_range(from["root", i], to["root", i], written)
  else if (last) replace_range(to["root", last], to["root", last], "," member_indentation() "\"" key "\": " written)
  else replace_range(opened, closed, member_indentation() "\"" key "\": " written "\n")
}

function remove_member(i) {
  if (i > 1) replace_range(to["root", i - 1], to["root", i], "")
  else if (count["root"] > 1) replace_range(start["root", 1], start["root", 2], "")
  else replace_range(opened, closed, "")
}

# Returns the white space to write before a member: line break and indentation as before the first member.
function member_indentation(   before) {
  if (!count["root"]) return "\n  "
  before = substr(text, opened, start["root", 1] - opened)
  return match(before, /\r?\n[^\n]*$/) ? substr(before, RSTART) : before
}

# Returns the expected log-opts as text. Returns an empty text if no options are expected.
function render_log_opts(   i, outer, inner, body) {
  outer = member_indentation(); body = ""
  inner = outer (match(outer, /\n/) ? substr(outer, RSTART + 1) : "")
  for (i = 1; i <= wants; i++) body = body (i > 1 ? "," : "") inner "\"" key_of[i] "\": " wanted[key_of[i]]
  return wants ? "{" body outer "}" : ""
}

# --- The modes.

function add_wanted_option(key, written) {
  if (!(key in wanted)) key_of[++wants] = key
  wanted[key] = written
}

# Returns the value of an option as a JSON string, because Docker accepts only strings in log-opts.
function option_as_string(key, written) {
  if (written ~ /^"/) return written
  if (written ~ /^[[{n]/) exit_with_error(key " in log-opts must be a string or a number", 1)
  return "\"" written "\""
}

# Returns Loki's URL with the credentials that the file contains for the same host and path. The query may differ.
function url_with_known_credentials(address,   url, tail, user) {
  url = unescape_string(raw_value("opts", "loki-url")); sub(/[?][^"]*"$/, "\"", url)
  tail = "@" address "\""; sub(/[?].*/, "\"", tail)
  user = substr(url, 10, length(url) - 9 - length(tail))
  if (url == "\"https://" user tail && user ~ /^[^:\/?#]+:[^\/?#]+$/) return "\"https://" user "@" address "\""
  exit_with_error("the file contains no credentials for " address ": pass them with --credentials FILE", 3)
}

# Returns the proxy's URL, with the credentials that the file contains for the same proxy, if any.
function proxy_with_known_credentials(address,   url, tail) {
  url = unescape_string(raw_value("opts", "loki-proxy-url")); tail = "@" address "\""
  if (substr(url, 1, 8) == "\"http://" && substr(url, length(url) - length(tail) + 1) == tail) return url
  return "\"http://" address "\""
}

function has_wanted_options(   i) {
  if (count["opts"] != wants) return 0
  for (i = 1; i <= wants; i++) if (raw_value("opts", key_of[i]) != wanted[key_of[i]]) return 0
  return wants > 0
}

# Merges settings, which are lines such as "driver NAME" or "set KEY VALUE", see loki_settings() in docker-driver.sh.
function merge_settings(   i, lines, line, word, kept, driver) {
  parse_document(record[2])
  lines = split(record[1], line, "\n")
  for (i = 1; i <= lines; i++) {
    split(line[i], word, " ")
    if (word[1] == "keep" || word[1] == "default") kept[word[2]] = 1
  }
  for (i = 1; i <= count["opts"]; i++)
    if (name["opts", i] in kept)
      add_wanted_option(name["opts", i], option_as_string(name["opts", i], raw_value("opts", name["opts", i])))
  for (i = 1; i <= lines; i++) {
    split(line[i], word, " ")
    if (word[1] == "driver") driver = "\"" word[2] "\""
    if (word[1] == "known-url") add_wanted_option("loki-url", url_with_known_credentials(word[2]))
    if (word[1] == "known-proxy") add_wanted_option("loki-proxy-url", proxy_with_known_credentials(word[2]))
    if (word[1] == "set" || word[1] == "default" && !(word[2] in wanted)) add_wanted_option(word[2], "\"" word[3] "\"")
  }
  if (unescape_string(raw_value("root", "log-driver")) != driver) set_member("log-driver", driver)
  if (!has_wanted_options()) set_member("log-opts", render_log_opts())
}

function other_members(   i, all) {
  all = ""
  for (i = 1; i <= count["root"]; i++)
    if (name["root", i] !~ /^log-(driver|opts)$/)
      all = all substr(text, start["root", i], to["root", i] - start["root", i]) "\036"
  return all
}

# Restores the previous text byte for byte. If other members were changed since, restores only the log settings.
function restore_previous_text(   driver, opts, rest) {
  parse_document(record[1])
  driver = raw_value("root", "log-driver"); opts = raw_value("root", "log-opts"); rest = other_members()
  parse_document(record[2])
  if (other_members() == rest) { text = record[1]; return }
  set_member("log-driver", driver)
  set_member("log-opts", opts)
}
