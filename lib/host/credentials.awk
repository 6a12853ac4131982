# Reads user and password as hexadecimal bytes (od -tx1) and prints them percent-encoded, as user:password. In hexadecimal,
# no byte has a special meaning to the shell or to awk.
BEGIN {
  for (i = 33; i < 127; i++)
    if (sprintf("%c", i) ~ /[-A-Za-z0-9._~]/) unreserved[sprintf("%02x", i)] = sprintf("%c", i)
  line = 1
}

{ for (i = 1; i <= NF; i++) add_byte($i) }

# White space at the end of a line is not part of a value, by the rules of docs/secrets.md.
END {
  for (lines = line; lines > 1 && end[lines] == 0; ) lines--
  if (lines > 2 || lines == 2 && colon[1]) exit 1
  if (lines == 1) print encode_value(1, 1, colon[1] - 1) ":" encode_value(1, colon[1] + 1, end[1])
  else print encode_value(1, 1, end[1]) ":" encode_value(2, 1, end[2])
}

# Adds a byte to the current line.
function add_byte(hex) {
  if (hex == "0a") { line++; return }
  held[line, ++length_of[line]] = hex
  if (!is_space(hex)) end[line] = length_of[line]
  if (hex == "3a" && !colon[line]) colon[line] = length_of[line]
}

function is_space(hex) { return hex ~ /^(09|0[b-d]|20)$/ }

# Returns the percent-encoded bytes first to last of a line. Exits with 1 if the value is empty, starts with white space or
# a byte-order mark, or contains a control character.
function encode_value(line, first, last,   i, out) {
  if (first > last || is_space(held[line, first])) exit 1
  if (held[line, first] held[line, first + 1] held[line, first + 2] == "efbbbf") exit 1
  for (i = first; i <= last; i++) {
    if (held[line, i] ~ /^([01].|7f)$/) exit 1
    out = out (held[line, i] in unreserved ? unreserved[held[line, i]] : "%" toupper(held[line, i]))
  }
  return out
}
