import { goMemoryLimitEnvVar } from '../../core/go-memory';
import type { k8s } from '../../core/k8s';
import type { Resources } from '../../core/pods';
import { toBytes } from '../../core/units';

const MEBI = 2 ** 20;

/**
 * Flags and environment variables of vmagent that limit the size and number of requests, so that no request
 * exhausts vmagent's memory.
 */
export interface InsertLimits {
  readonly args: readonly string[];
  readonly env: readonly k8s.EnvVar[];
}

/**
 * Returns vmagent's request limits for the gateway's memory limit.
 * vmagent needs up to 128 times the size of a request to parse the request, if all labels or samples in the request are
 * empty (measured with vmagent 1.145). Requests are therefore limited to 1/256 of the memory limit, but to at least
 * 1 MiB and at most 32 MiB: a memory limit of 512Mi allows 2 MiB. vmagent responds to larger requests with 400. The
 * series limiter in front of vmagent splits requests of clients into parts of at most 1 MiB, unless a series is larger.
 * vmagent parses one request at a time. This is fast enough, because the guard in front of the gateway buffers
 * requests.
 */
export function vmagentArgsAndEnvForInsertLimits(resources: Resources): InsertLimits {
  const { memory, memoryLimit = memory } = resources;
  const limit = toBytes(memoryLimit);
  const largestRequest = Math.min(Math.max(Math.floor(limit / 256), MEBI), 32 * MEBI);
  return {
    args: [
      `-maxInsertRequestSize=${largestRequest}`,
      '-maxConcurrentInserts=1',
      // vmagent drops series with more than 64 labels, and counts the dropped samples in vm_rows_ignored_total.
      '-maxLabelsPerTimeseries=64',
      '-maxLabelNameLen=256',
      '-maxLabelValueLen=4096',
    ],
    env: [goMemoryLimitEnvVar(resources)],
  };
}
