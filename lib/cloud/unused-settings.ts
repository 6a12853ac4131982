import type { Transport } from '../contracts/metrics-sink';

/**
 * Returns an error message if a setting is given, but no nodes use the transport that the setting is for. Otherwise
 * returns an empty list.
 * @param needed transport that the setting is for
 * @param path path of the setting
 * @param given value of the setting
 */
export function problemsOfSettingForUnusedTransport(
  needed: Transport,
  transports: readonly Transport[],
  path: string,
  given: unknown,
): readonly string[] {
  if (given === undefined || transports.includes(needed)) return [];
  return [
    `${path} has no effect, because no nodes use the transport "${needed}": set settings.edge.transport to "${needed}", or remove ${path}`,
  ];
}
