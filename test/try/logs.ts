import type { Upstream } from '../../preview/upstream';
import type { Pod } from '../runtime/pod';
import { CLOUD, type ReferenceStack } from '../stacks/reference-stack';
import { ContainerLines } from './container-lines';
import { PAST_SECONDS, type SimulatedNodes } from './simulated-nodes';
import { socketPath, socketTo } from './socket';

const LOKI = 'loki-0';
const PORT = 3100;

/** Whether there is a program of Loki, which no package of Debian holds. */
export const HAS_LOKI = Boolean(process.env.E2E_LOKI);

/** Notice above each dashboard. */
export const ABOUT_LOGS = HAS_LOKI
  ? 'No log agent runs. This command itself pushes log lines of containers to Loki, through the ingress as an agent does.'
  : 'Loki does not run, because E2E_LOKI does not name its program. Panels about logs are empty, and the alert LokiDown fires.';

/** How the page reaches Loki once it is started. */
export const lokiOf = ({ cluster }: ReferenceStack): Upstream | undefined =>
  HAS_LOKI
    ? { name: 'Loki', url: new URL(`http://loki:${PORT}`), socketPath: socketPath(cluster, LOKI) }
    : undefined;

/** Starts Loki, and pushes lines of these pods and of simulated nodes to it. */
export async function startLogs(
  stack: ReferenceStack,
  pods: readonly Pod[],
  simulated?: SimulatedNodes,
): Promise<void> {
  const { cluster } = stack;
  const [loki] = await cluster.start('StatefulSet', CLOUD, 'loki');
  if (!loki) throw new Error('no pod of Loki was started');
  await socketTo(cluster, loki, loki.address, PORT);
  const said = (from: number, to: number) => simulated?.lines(from, to) ?? [];
  new ContainerLines(stack, pods, said, PAST_SECONDS).start();
}
