# shellcheck shell=sh
# Prints the reason of a refused push, by its HTTP status: the guard reports errors of a certificate.
refusal() {
  case $1 in
    413) echo "HTTP 413, the body is larger than what is let through: $(answered)" ;;
    5??) echo "HTTP $1" ;;
    *) printf 'HTTP %s, %s\n' "$1" "$(answered)" ;;
  esac
}
