# shellcheck shell=sh
# Functions that inspect the metrics agent's queue and the free disk space.

# Prints the free space in KiB on the disk that contains a folder.
free_kib() {
  df -Pk "$1" | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4
}

# Succeeds if the queue in folder $1 has been sent completely, according to vmagent's file metainfo.json.
is_queue_sent() {
  offsets=$(sed -n 's/.*"ReaderOffset":\([0-9]*\),"WriterOffset":\([0-9]*\).*/\1 \2/p' "$1/metainfo.json" 2>/dev/null)
  [ -n "$offsets" ] && [ "${offsets% *}" = "${offsets#* }" ]
}
