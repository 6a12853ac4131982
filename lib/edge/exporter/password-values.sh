# shellcheck shell=sh
quoted() {
  printf %s "$1" | sed 's/[\\"]/\\&/g'
}

# Sets $value to a value of the credentials without the white space at its end, by the rules of
# docs/secrets.md: kubectl create secret --from-file keeps the line ending.
read_value() {
  value=$(cat "$CREDENTIALS_DIR/$1")
  value=${value%"${value##*[![:space:]]}"}
  case $value in
    '') fault="the $1 is empty" ;;
    "$byte_order_mark"*) fault="the $1 starts with a byte-order mark" ;;
    [[:space:]]*) fault="the $1 starts with white space" ;;
    *[[:cntrl:]]*) fault="the $1 contains a control character or a second line" ;;
    *:*) [ "$1" = password ] || fault='the username holds a colon' ;;
  esac
}
