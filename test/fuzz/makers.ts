import type { Chart } from 'cdk8s';
import { promtail } from '../../lib';
import { defaultLogAgent, LOG_AGENTS } from '../../lib/agents/log-agents';

/** A construct, a method or a function of the library with options. */
export interface Maker {
  /** All of its options that are data, each with a valid value. */
  readonly options: object;
  /** The options that are no data: other constructs, and what functions of the library give back. */
  readonly given?: (chart: Chart) => object;
  /** Calls it with such options, and uses its result. */
  readonly make: (chart: Chart, props: never) => unknown;
}

/** Calls it with its own options, or with others. */
export function madeIn(chart: Chart, { options, given, make }: Maker, changed: unknown = options): void {
  const isObject = typeof changed === 'object' && changed !== null && !Array.isArray(changed);
  const props = isObject ? { ...given?.(chart), ...changed } : changed;
  make(chart, props as never);
}

/** A log agent beside the default one, and beside Promtail where there is another. */
export const OTHER_LOG_AGENT =
  Object.values(LOG_AGENTS).find(({ name }) => ![defaultLogAgent().name, promtail().name].includes(name)) ??
  promtail();

export const resources = { cpu: '100m', memory: '64Mi', memoryLimit: '128Mi' } as const;
export const endpoint = {
  host: 'push.example.com',
  basePath: '/site',
  credentialsSecretName: 'push-credentials',
  groups: ['north', 'south'],
  privateCa: { configMapName: 'ca', key: 'ca.crt' },
};
