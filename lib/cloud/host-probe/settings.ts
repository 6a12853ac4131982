import { type OptionTable, offeredOptionsRule } from '../../core/option-table';
import { HOST_PROBE_OPTIONS, type HostProbeProps } from './host-probe';

/** Options of HostProbe that settings forward. */
const OFFERED = ['interval', 'resources'] as const;

/** Settings for the probe of the public hosts. */
export type HostProbeSettings = Pick<HostProbeProps, (typeof OFFERED)[number]>;

/** Settings of an environment for the probe of its public hosts. */
export interface HostProbeInSettings {
  /**
   * Probes all public hosts from within the cluster, for the alerts PublicHostFailing and PublicHostCertificateExpiring;
   * an empty object probes with default options.
   * @default - no probe
   */
  readonly hostProbe?: HostProbeSettings;
}

/** Settings of an environment that the probe uses. */
export interface HostProbeEnvironment extends HostProbeInSettings {
  readonly hosts: { readonly metrics: string; readonly logs: string; readonly grafana?: string };
}

/** The setting `hostProbe`. */
export const HOST_PROBE_SETTINGS = {
  hostProbe: { rule: offeredOptionsRule<HostProbeProps>(HOST_PROBE_OPTIONS, OFFERED), default: undefined },
} satisfies OptionTable<HostProbeInSettings>;
