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
 * To parse a request, vmagent needs up to 128 times the size of the request as memory (measured with vmagent 1.145, if
 * all labels or samples are empty). The maximum request size is therefore 1/256 of the memory limit (2 MiB for 512Mi),
 * with a lower bound of 1 MiB and an upper bound of 32 MiB. vmagent responds to larger requests with 400. The series
 * limiter in front of vmagent splits requests of clients into parts of at most 1 MiB, unless a series is larger.
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
