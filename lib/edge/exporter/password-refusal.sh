# shellcheck shell=sh
# The reason of a refused push, by its HTTP status.
refusal() {
  case $1 in
    401 | 403) echo "HTTP $1, check the Secret of the credentials" ;;
    413) echo "HTTP 413, the body is larger than what is let through: $(answered)" ;;
    5??) echo "HTTP $1" ;;
    *) printf 'HTTP %s, %s\n' "$1" "$(answered)" ;;
  esac
}
