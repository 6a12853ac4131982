# Percent-encodes the user and the password of standard input, which are looked at in hex, so that no byte
# means anything to a tool.
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
