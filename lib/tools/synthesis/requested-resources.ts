/** CPU and memory requests of a pod, and its memory limit. */
export interface PodRequests {
  /** CPU request in cores. */
  readonly cpu: number;
  /** Memory request in bytes. */
  readonly memory: number;
  /** Memory limit in bytes. */
  readonly memoryLimit: number;
}

interface Amounts {
  readonly cpu?: string | number;
  readonly memory?: string | number;
}

interface Container {
  readonly resources?: { readonly requests?: Amounts; readonly limits?: Amounts };
}

interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
}

const NO_RESOURCES: PodRequests = { cpu: 0, memory: 0, memoryLimit: 0 };

const UNIT_FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/**
 * Returns the requests and the memory limit of a pod as Kubernetes computes them: the sum over the containers, or the amount of
 * an init container if this amount is larger.
 */
export function podRequestsAndMemoryLimit({ containers, initContainers = [] }: PodSpec): PodRequests {
  return initContainers
    .map(containerResourceRequests)
    .reduce(largerResources, sumResourceRequests(containers.map(containerResourceRequests)));
}

/** Returns the sums of the requests and of the limits of several pods or containers. */
export function sumResourceRequests(all: readonly PodRequests[]): PodRequests {
  return all.reduce(
    createResourceCombiner((one, other) => one + other),
    NO_RESOURCES,
  );
}

/** Formats cores as millicores, such as `250m`. */
export const formatCpu = (cores: number): string => `${Math.round(cores * 1_000)}m`;

/** Formats bytes as mebibytes, such as `64Mi`. */
export const formatMemory = (amount: number): string => `${Math.ceil(amount / 2 ** 20)}Mi`;

const largerResources = createResourceCombiner(Math.max);

/**
 * Creates a function that combines the CPU and memory of two pods or containers with an operation, such as `Math.max`.
 */
function createResourceCombiner(operation: (one: number, other: number) => number) {
  return (one: PodRequests, other: PodRequests): PodRequests => ({
    cpu: operation(one.cpu, other.cpu),
    memory: operation(one.memory, other.memory),
    memoryLimit: operation(one.memoryLimit, other.memoryLimit),
  });
}

function containerResourceRequests({
  resources: { requests = {}, limits = {} } = {},
}: Container): PodRequests {
  return {
    cpu: parseQuantity(requests.cpu ?? limits.cpu),
    memory: parseQuantity(requests.memory ?? limits.memory),
    memoryLimit: parseQuantity(limits.memory),
  };
}

/** Parses a Kubernetes quantity into cores or bytes: 0.25 for `250m`, 67108864 for `64Mi`. Returns NaN for invalid quantities. */
export function parseQuantity(quantity: string | number = 0): number {
  const [, digits, unit = ''] = /^([\d.]+)([A-Za-z]*)$/.exec(String(quantity)) ?? [];
  return Number(digits) * (UNIT_FACTORS[unit] ?? Number.NaN);
}
