import type { k8s } from './k8s';
import type { Resources } from './pods';
import { toBytes } from './units';

/**
 * Returns the environment variable GOMEMLIMIT, at 80 % of the memory limit. The Go program then collects
 * garbage before it reaches the limit of its container.
 */
export const goMemoryLimitEnvVar = ({ memory, memoryLimit = memory }: Resources): k8s.EnvVar => ({
  name: 'GOMEMLIMIT',
  value: `${Math.floor(toBytes(memoryLimit) * 0.8)}`,
});
