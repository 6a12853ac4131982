/** Requests of a pod: cores and bytes. */
export interface Requested {
  readonly cpu: number;
  readonly memory: number;
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

const NONE: Requested = { cpu: 0, memory: 0, memoryLimit: 0 };

const FACTORS: Readonly<Record<string, number>> = {
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
 * Returns the requests of a pod: the sum of its containers, or its largest init container if that is more.
 */
export function requestedResources({ containers, initContainers = [] }: PodSpec): Requested {
  return initContainers
    .map(containerResources)
    .reduce(larger, sumRequested(containers.map(containerResources)));
}

/** Returns the sum of several requests. */
export function sumRequested(all: readonly Requested[]): Requested {
  return all.reduce(
    combineResources((one, other) => one + other),
    NONE,
  );
}

/** Formats cores like Kubernetes. */
export const cpuText = (cores: number): string => `${Math.round(cores * 1_000)}m`;

/** Formats bytes like Kubernetes. */
export const memoryText = (amount: number): string => `${Math.ceil(amount / 2 ** 20)}Mi`;

const larger = combineResources(Math.max);

function combineResources(operation: (one: number, other: number) => number) {
  return (one: Requested, other: Requested): Requested => ({
    cpu: operation(one.cpu, other.cpu),
    memory: operation(one.memory, other.memory),
    memoryLimit: operation(one.memoryLimit, other.memoryLimit),
  });
}

function containerResources({ resources: { requests = {}, limits = {} } = {} }: Container): Requested {
  return {
    cpu: parseAmount(requests.cpu ?? limits.cpu),
    memory: parseAmount(requests.memory ?? limits.memory),
    memoryLimit: parseAmount(limits.memory),
  };
}

/** Parses a Kubernetes quantity. */
export function parseAmount(quantity: string | number = 0): number {
  const [, digits, unit = ''] = /^([\d.]+)([A-Za-z]*)$/.exec(String(quantity)) ?? [];
  return Number(digits) * (FACTORS[unit] ?? Number.NaN);
}
