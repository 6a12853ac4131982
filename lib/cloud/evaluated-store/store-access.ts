import type { k8s } from '../../core/k8s';
import { caFileIn, caMounts, caVolumes } from '../../core/private-ca';
import type { ExternalStoreProps } from '../metrics-gateway';

/** An address of the store, with what a client there has to show. */
type Address = Pick<ExternalStoreProps, 'url' | 'credentialsSecretName' | 'privateCa' | 'headers'>;

const DIR = '/etc/metrics-store';

/** How a program in a pod reaches one address of the store: its password and CA certificate are files of folders of their own. */
export class StoreAccess {
  readonly volumes: readonly k8s.Volume[];
  readonly volumeMounts: readonly k8s.VolumeMount[];
  readonly caFile?: string;
  /** Secret by folder. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly credentialsDir?: string;

  constructor(
    kind: 'write' | 'query',
    readonly address: Address,
  ) {
    const folder = `${DIR}/${kind}`;
    this.volumes = caVolumes(address, `${kind}-ca`);
    this.volumeMounts = caMounts(`${folder}-ca`, address, `${kind}-ca`);
    this.caFile = caFileIn(`${folder}-ca`, address);
    const { credentialsSecretName } = address;
    this.secrets = credentialsSecretName ? { [folder]: credentialsSecretName } : {};
    this.credentialsDir = credentialsSecretName && folder;
  }

  /** Flags of vmalert for one of its clients. */
  flags(client: 'datasource' | 'remoteRead' | 'remoteWrite'): readonly string[] {
    const { credentialsDir, caFile } = this;
    const headers = Object.entries(this.address.headers ?? {}).map(([name, value]) => `${name}:${value}`);
    return [
      `-${client}.url=${this.address.url}`,
      ...(credentialsDir
        ? [
            `-${client}.basicAuth.usernameFile=${credentialsDir}/username`,
            `-${client}.basicAuth.passwordFile=${credentialsDir}/password`,
          ]
        : []),
      ...(caFile ? [`-${client}.tlsCAFile=${caFile}`] : []),
      ...(headers.length ? [`-${client}.headers=${headers.join('^^')}`] : []),
    ];
  }
}
