# shellcheck shell=sh
# What scripts of the edge know of the agent's queue, and of the disk that it is on.

# Prints the free space on the disk of a folder in KiB.
room() {
  df -Pk "$1" | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4
}

# Succeeds if the queue has been sent completely, according to its own file.
drained() {
  offsets=$(sed -n 's/.*"ReaderOffset":\([0-9]*\),"WriterOffset":\([0-9]*\).*/\1 \2/p' "$1/metainfo.json" 2>/dev/null)
  [ -n "$offsets" ] && [ "${offsets% *}" = "${offsets#* }" ]
}
