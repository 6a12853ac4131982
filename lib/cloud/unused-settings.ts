import type { Transport } from '../contracts/metrics-sink';

/** Returns the error for a setting of a component that only exists for nodes with a transport, or nothing. */
export function unusedSettingProblems(
  needed: Transport,
  transports: readonly Transport[],
  path: string,
  given: unknown,
): readonly string[] {
  if (given === undefined || transports.includes(needed)) return [];
  return [
    `${path} has no effect, since no nodes use the transport "${needed}"; allowed: settings.edge.transport "${needed}", or remove it`,
  ];
}
