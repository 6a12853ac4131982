import { type OptionTable, optionSubsetRule } from '../../core/option-table';
import { HOST_PROBE_OPTIONS, type HostProbeProps } from './host-probe';

/** Names of the options of `HostProbe` that are allowed in the setting `hostProbe`. */
const OFFERED = ['interval', 'resources'] as const;

/** Value of the setting `hostProbe`. */
export type HostProbeSettings = Pick<HostProbeProps, (typeof OFFERED)[number]>;

/** Top-level settings of an environment that belong to the probe of the public hosts. */
export interface HostProbeInSettings {
  /**
   * Options of `HostProbe`, which sends requests to all public hosts from within the cluster. The alerts
   * PublicHostFailing and PublicHostCertificateExpiring need this probe. Set an empty object (`{}`) for default
   * options.
   * @default - the public hosts are not probed
   */
  readonly hostProbe?: HostProbeSettings;
}

/** All settings of an environment that the probe of the public hosts uses. */
export interface HostProbeEnvironment extends HostProbeInSettings {
  readonly hosts: { readonly metrics: string; readonly logs: string; readonly grafana?: string };
}

/** Validation rule and default of the setting `hostProbe`. */
export const HOST_PROBE_SETTINGS = {
  hostProbe: { rule: optionSubsetRule<HostProbeProps>(HOST_PROBE_OPTIONS, OFFERED), default: undefined },
} satisfies OptionTable<HostProbeInSettings>;
